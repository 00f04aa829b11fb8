"""The definitions of the figures, read from the `.toml` file beside each module of calculators.

Guarantees: `DEFINITIONS` has every figure once, in the order in which they are listed; a module of calculators that lacks one of its
figures, or has one that is not defined, can't be imported (`check_calculators`). Another rule that changes a number is another version.

Must not import a calculator: with it come DuckDB and Arrow, a hundred megabytes that listing the figures does not need.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")
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
    "events",
    "inhabitants",
    "share",
    "days",
    "minutes",
]
When = Literal["instant", "period", "either"]
Axis = Literal["place", "kind", "time", "parts"]
"""Over what the rows of a figure may add up to its whole: regions or provinces, kinds of unit, months or days, its own parts."""

# In the order of the figures
_MODULES: Final = ("places", "time_full", "istanbul_norm", "stays", "hotels", "demand", "quality")


class Document(BaseModel):
    """A JSON object with these members and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def to_json(self, *, indent: int | None = None) -> bytes:
        """Write it as JSON without the members that were not set."""
        return self.model_dump_json(exclude_unset=True, indent=indent).encode()


class Wording(Document):
    """A name and a sentence in one language."""

    name: str
    definition: str


class Definition(Document):
    """One figure: the instants or periods it can be asked of, what its parts are by, whether it can be asked by kind of unit.

    `adds_up` says over what its rows add up to the whole; `above_one` that a share can pass 1. `source` names where the definition comes
    from: the design, the contract's rule, or who else defines it so.
    """

    figure: str
    version: int
    unit: Unit
    when: When
    by_kind: bool
    parts: tuple[str, ...]
    needs_household: bool
    adds_up: tuple[Axis, ...]
    above_one: bool
    en: Wording
    nl: Wording
    source: str


class UnavailableFigure(Document):
    """A number that people ask for and this monitor does not give, and why."""

    id: str
    en: Wording
    nl: Wording


def _read(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


_UNLESS_STATED: Final[dict[str, Any]] = {
    "by_kind": False,
    "parts": (),
    "needs_household": False,
    "adds_up": (),
    "above_one": False,
}
_BY_MODULE: Final = {
    module: {figure: Definition(figure=figure, **(_UNLESS_STATED | row)) for figure, row in _read(module).items()} for module in _MODULES
}
DEFINITIONS: Final[Mapping[str, Definition]] = {figure: row for rows in _BY_MODULE.values() for figure, row in rows.items()}
"""Every figure by its id, in the order in which they are listed."""
UNAVAILABLE: Final = tuple(UnavailableFigure(id=name, **row) for name, row in _read("unavailable").items())


def check_calculators(module: str, calculators: dict[str, T]) -> dict[str, T]:
    """Return the calculators of a module (`__name__`); ValueError when they are not those of the figures its `.toml` file defines."""
    defined = _BY_MODULE[module.rpartition(".")[2]]
    if list(calculators) != list(defined):
        raise ValueError(f"{module} and its .toml file differ: {sorted(calculators.keys() ^ defined.keys()) or 'in their order'}")
    return calculators
