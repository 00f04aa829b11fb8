"""Where a place is, as an answer says it: the regions of its area without the excluded ones, and how far the area is.

Law: everything here is said of an area. Nothing depends on where in it the shelter is, but for what nearly fits in an excluded region: of
that the excluded regions of the area are named, for it is in no other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pydantic import Field

from services.adapters.regions import RegionRow, kilometres, tiles
from services.api.areas.grouping import Area
from services.api.read_model.answer_models import AnswerModel, NamedRegion

_STEP_KM: Final = 5
# Neighbouring centres of the shipped file are 36 km apart on average; only ranks are worked out with it, nothing is shown
_TILE_KM: Final = 36


class DistanceRange(AnswerModel):
    """Kilometres in a straight line, from the nearest to the farthest centre of what is shown of an area, rounded outward to five."""

    start: int = Field(serialization_alias="from")
    end: int = Field(serialization_alias="to")


class Location(NamedTuple):
    """Where a place is, as an answer may say it."""

    area: str
    regions: tuple[NamedRegion, ...]
    distance_km: DistanceRange | None


def named(row: RegionRow) -> NamedRegion:
    """Return a region by code and name."""
    return NamedRegion(code=row.code, name=row.name)


@dataclass(slots=True)
class Locations:
    """Says where, for all who ask from one region without the same excluded ones."""

    rows: Mapping[str, RegionRow]
    area_of: Mapping[str, Area]
    origin: str
    excluded: Collection[str]
    _said: dict[tuple[Area, bool], Location] = field(default_factory=dict)
    _away: dict[str, float] = field(default_factory=dict)

    def of(self, region: str) -> Location:
        """Return the area of a region."""
        area, unsafe = self.area_of[region], region in self.excluded
        if (area, unsafe) not in self._said:
            shown = self._shown(region)
            self._said[area, unsafe] = Location(area.name, tuple(named(row) for row in shown), self._range(shown))
        return self._said[area, unsafe]

    def away(self, region: str) -> float:
        """Return how far (km) the nearest centre of the area of a region is; without coordinates roughly, by the map of tiles."""
        if region not in self._away:
            here = self.rows[self.origin]
            self._away[region] = min(_roughly(here, row) for row in self._shown(region))
        return self._away[region]

    def _shown(self, region: str) -> list[RegionRow]:
        """List the regions of the area that are safe, or where this one is not, those that are not."""
        unsafe = region in self.excluded
        return [self.rows[code] for code in self.area_of[region].regions if (code in self.excluded) is unsafe]

    def _range(self, rows: list[RegionRow]) -> DistanceRange | None:
        """Return the nearest and the farthest centre (km), rounded outward to five; None where the file has no coordinates."""
        here = self.rows[self.origin]
        found = [distance for row in rows if (distance := kilometres(here, row)) is not None]
        if len(found) < len(rows):
            return None
        return DistanceRange(start=int(min(found) // _STEP_KM) * _STEP_KM, end=-int(-max(found) // _STEP_KM) * _STEP_KM)


def _roughly(here: RegionRow, there: RegionRow) -> float:
    distance = kilometres(here, there)
    return tiles(here, there) * _TILE_KM if distance is None else distance
