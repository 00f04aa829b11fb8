"""Variants of what an offer says, to compare what each gives away: the one that is built, one that says more, one that says less.

A variant other than `designed` is derived from the real answer: the sealed offer is opened, and its place described in the other words.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.adapters.regions import RegionRow

Label = tuple[str, ...]
"""All the words of an offer but its age: two offers with equal labels differ by age at most."""
_SMALL, _MIDDLE = 2, 4


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the attacker could meet it in an answer: facts that hang on no household that lives there."""

    region: str
    area: tuple[str, ...]
    kind: str
    persons: int
    fit: str


@dataclass(frozen=True, slots=True)
class Variant:
    """What an offer says: where (`area`, `region` or `province`), whether a size class, and ages in steps of so many hours."""

    name: str
    where: Literal["area", "region", "province"] = "area"
    size: bool = True
    age_step: int = 8

    def label(self, place: Place, excluded: Collection[str], regions: Mapping[str, RegionRow]) -> Label:
        """Return the words of an offer of a place; of an area only the regions that were not excluded are shown."""
        return (self._where(place, excluded, regions), place.kind, size_class(place.persons) if self.size else "", place.fit)

    def _where(self, place: Place, excluded: Collection[str], regions: Mapping[str, RegionRow]) -> str:
        match self.where:
            case "area":
                return "+".join(code for code in place.area if code not in excluded)
            case "region":
                return place.region
            case "province":
                return regions[place.region].province


DESIGNED: Final = Variant("as designed")
FINER: Final = Variant("the region itself, ages in exact hours", where="region", age_step=1)
COARSER: Final = Variant("the province, no size class", where="province", size=False)
VARIANTS: Final = (DESIGNED, FINER, COARSER)


def size_class(persons: int) -> str:
    """Return the size class of a unit for so many persons, as the API words it."""
    return "1-2" if persons <= _SMALL else "3-4" if persons <= _MIDDLE else "5+"
