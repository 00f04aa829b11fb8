"""The recorded logs, as Kafka records and as the state they must give. PLEK_TAPES names a folder with more of them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.reference.tape import load as lines_of
from tests.reference.tape import record

_FOLDERS: Final = (Path(__file__).parent / "recorded", *(Path(folder) for folder in [os.environ.get("PLEK_TAPES")] if folder))


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a tape: key, value, and the broker's clock in milliseconds where the tape has it."""

    key: bytes | None
    value: bytes | None
    timestamp: int | None = None


def _find(file: str) -> Path:
    return next(path for folder in _FOLDERS if (path := folder / file).exists())


def names(*, timed: bool) -> list[str]:
    """List the tapes that are played at once, or those that are seen at several instants."""
    found = sorted({path.name.removesuffix(".expected.json") for folder in _FOLDERS for path in folder.glob("*.expected.json")})
    return [name for name in found if ("at" in expected(name)) == timed]


def raw(name: str) -> list[dict[str, Any]]:
    """Read the lines of a tape as they are."""
    return lines_of(_find(f"{name}.jsonl"))


def load(name: str) -> list[Line]:
    """Read a tape as Kafka records."""
    read = ((line, record(line)) for line in raw(name))
    return [Line(made.key, made.value, made.timestamp if "ts" in line else None) for line, made in read]


def expected(name: str) -> Any:
    """Read what a tape must give."""
    return json.loads(_find(f"{name}.expected.json").read_text("utf-8"))
