"""What a definition is: the name, unit and sentence of one figure. Another rule that changes a number is another version."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal[
    "units",
    "beds",
    "shelters",
    "households",
    "persons",
    "nights",
    "requests",
    "holds",
    "stays",
    "entries",
    "inhabitants",
    "share",
    "days",
    "minutes",
]
When = Literal["instant", "period", "either"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One figure. `when` says what it can be asked of; `of` what its parts are by; `kinds` whether it can be asked of one kind of unit.

    `source` names where the definition comes from: the design, the contract's rule, or who else defines it so.
    """

    id: str
    version: int
    unit: Unit
    when: When
    kinds: bool
    of: tuple[str, ...] = ()
    needs_household: bool = False
    english: tuple[str, str]
    dutch: tuple[str, str]
    source: str

    @property
    def name(self) -> str:
        """Its English name."""
        return self.english[0]

    @property
    def sentence(self) -> str:
        """Its English sentence."""
        return self.english[1]


@dataclass(frozen=True, slots=True)
class NotTold:
    """A number that people ask for and this monitor does not give, and why (English, Dutch)."""

    id: str
    english: tuple[str, str]
    dutch: tuple[str, str]
