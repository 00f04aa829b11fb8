"""One thing that was looked at: whether it is as it must be, why not, and what to do about it. It never holds a secret."""

from dataclasses import dataclass
from typing import Final, Literal

State = Literal["ok", "warning", "wrong"]
AGAIN: Final = "run `plek doctor` again; report it when it stays"
"""What to do where a look itself has failed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at; `advice` is empty where there is nothing to do."""

    name: str
    state: State
    cause: str
    advice: str = ""


def ok(name: str, cause: str) -> Finding:
    """Return that something is as it must be."""
    return Finding(name, "ok", cause)


def warning(name: str, cause: str, advice: str) -> Finding:
    """Return that something is not as it should be, and Plek works all the same."""
    return Finding(name, "warning", cause, advice)


def wrong(name: str, cause: str, advice: str) -> Finding:
    """Return that something keeps Plek, or a part of it, from working."""
    return Finding(name, "wrong", cause, advice)
