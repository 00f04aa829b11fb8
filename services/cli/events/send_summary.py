"""The result of sending: how many lines were accepted, wait as proposals, or were refused, and why. It has codes only, never a value."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

INTERRUPTED: Final = 130
"""The exit code of a program that Ctrl-C has ended."""


@dataclass(slots=True)
class SendSummary:
    """Counts of the lines of a recording."""

    accepted: int = 0
    proposed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def refused(self) -> int:
        """The number of refused lines."""
        return self.reasons.total()

    @property
    def sent(self) -> int:
        """The number of lines that were answered."""
        return self.accepted + self.proposed + self.refused

    def refuse(self, reason: str) -> None:
        """Count a refused line."""
        self.reasons[reason] += 1

    def line(self) -> str:
        """Return the counts in one line."""
        waiting = f", {self.proposed:,} waiting for a second person to confirm" if self.proposed else ""
        reasons = f" ({list_reasons(self.reasons)})" if self.refused else ""
        return f"sent {self.sent:,}: {self.accepted:,} accepted{waiting}, {self.refused:,} refused{reasons}"


def list_reasons(reasons: Counter[str]) -> str:
    """Return reasons with their numbers, in alphabetical order."""
    return ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
