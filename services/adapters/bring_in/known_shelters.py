"""What Plek shows now of the caller's shelters, as `GET /v1/shelters` answers it: what a file is compared with."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.adapters import rfc3339
from services.adapters.spreadsheets.column_names import fold

# A number that a program wrote with decimals
_DECIMAL: Final = re.compile("(?<=[0-9])[.,]0+$", re.ASCII)
_NUMBERED: Final = re.compile("[a-z]*?0*([1-9][0-9]*[a-z]?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class KnownStay:
    """A household that is present."""

    adults: int
    children: int
    since: int
    """Nanoseconds since 1970."""


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A declared unit. `stays` by their id, as far as the caller may see them; `occupied` anybody may."""

    unit: str
    kind: str
    occupied: bool = False
    closed: bool = False
    stays: Mapping[str, KnownStay] = field(default_factory=dict)
    declared: Mapping[str, Any] = field(default_factory=dict)
    """The members of its declaration, but for shelter and unit."""


@dataclass(frozen=True, slots=True)
class KnownShelter:
    """A shelter with its units by id. `registration` is None where it is not registered yet."""

    shelter: str
    units: Mapping[str, KnownUnit] = field(default_factory=dict)
    registration: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """Its name, else its id."""
        return str(self.registration["name"]) if self.registration else self.shelter

    @property
    def stays(self) -> frozenset[str]:
        """The ids of all households that are present."""
        return frozenset(stay for unit in self.units.values() for stay in unit.stays)

    def find_unit(self, text: str) -> tuple[str, bool] | None:
        """Return the unit that a text names, and whether only its number says so; None where none or several may be meant."""
        wanted = fold(_DECIMAL.sub("", text))
        if same := [unit for unit in self.units if fold(unit) == wanted]:
            return (same[0], False) if len(same) == 1 else None
        number = _number(wanted)
        numbered = [unit for unit in self.units if number is not None and _number(fold(unit)) == number]
        return (numbered[0], True) if len(numbered) == 1 else None


def _number(folded: str) -> str | None:
    found = _NUMBERED.fullmatch(folded)
    return found[1] if found else None


@dataclass(frozen=True, slots=True)
class KnownShelters:
    """The shelters of the caller, by id."""

    shelters: Mapping[str, KnownShelter]

    def find(self, text: str) -> str | None:
        """Return the shelter that a text names by its id or its name; None where none or several may be meant."""
        wanted = fold(text)
        same = {known.shelter for known in self.shelters.values() if wanted and wanted in {fold(known.shelter), fold(known.name)}}
        return same.pop() if len(same) == 1 else None

    @property
    def only(self) -> str | None:
        """The only shelter of the caller; None where there are several."""
        return next(iter(self.shelters)) if len(self.shelters) == 1 else None

    def with_units(self, planned: Iterable[tuple[str, KnownUnit]], names: Mapping[str, str]) -> "KnownShelters":
        """Return these shelters with units, and with the names of shelters, that the same file brings."""
        shelters = dict(self.shelters)
        for shelter, name in names.items():
            known = shelters.get(shelter, KnownShelter(shelter))
            shelters[shelter] = KnownShelter(shelter, known.units, known.registration or {"name": name})
        for shelter, unit in planned:
            known = shelters.get(shelter, KnownShelter(shelter))
            shelters[shelter] = KnownShelter(shelter, {unit.unit: unit, **known.units}, known.registration)
        return KnownShelters(shelters)


def read_known_shelters(shelters: Iterable[Mapping[str, Any]]) -> KnownShelters:
    """Read the `shelters` of an answer."""
    return KnownShelters({shelter["shelter"]: _shelter(shelter) for shelter in shelters})


def _shelter(shelter: Mapping[str, Any]) -> KnownShelter:
    units = (_unit(unit) for unit in shelter["units"] if unit["declared"])
    return KnownShelter(shelter["shelter"], {unit.unit: unit for unit in units}, shelter.get("registration"))


def _unit(unit: Mapping[str, Any]) -> KnownUnit:
    return KnownUnit(
        unit["unit"],
        unit["kind"],
        occupied=unit["state"] == "occupied",
        closed=unit["closed"] is not None,
        stays={stay["stay"]: KnownStay(stay["adults"], stay["children"], rfc3339.parse(stay["since"])) for stay in unit.get("stays") or ()},
        declared={name: unit[name] for name in ("kind", "overflow", "max_adults", "max_children", "beds", "features")},
    )
