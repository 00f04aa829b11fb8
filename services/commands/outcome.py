"""What became of what was sent: how many were accepted, and how many refused for which reason. Codes only, never a value."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

INTERRUPTED: Final = 130
"""What a shell calls a program that Ctrl-C has ended."""


@dataclass(slots=True)
class Outcome:
    """Counts by line of the file: `sent` is the sum of the others."""

    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def refused(self) -> int:
        """How many were refused."""
        return self.reasons.total()

    @property
    def sent(self) -> int:
        """How many were dealt with."""
        return self.accepted + self.refused

    def refuse(self, reason: str) -> None:
        """Count one that was refused."""
        self.reasons[reason] += 1

    def line(self) -> str:
        """Tell it in one line."""
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(self.reasons.items()))
        return f"sent {self.sent:,}: {self.accepted:,} accepted, {self.refused:,} refused" + (f" ({reasons})" if reasons else "")
