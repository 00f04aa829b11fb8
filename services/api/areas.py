"""Areas (design, sections 2 and 5): neighbouring provinces joined until each has enough shelters that nobody can tell which one moved.

Pure: the same shelters in the same regions always give the same areas.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.adapters.regions import RegionRow, tiles
from services.domain.picture import NOTHING, Counts

Value = Literal["capacity", "no-capacity", "no-capacity-has-waitlist", "unknown"]

# Of the units of an area this share may be unknown before nothing can be said of it.
_UNKNOWN_SHARE = 4


@dataclass(frozen=True, slots=True)
class Area:
    """Provinces that are shown as one, and their regions."""

    provinces: tuple[str, ...]
    regions: tuple[str, ...]

    @property
    def name(self) -> str:
        """The area by its provinces."""
        return "+".join(self.provinces)


def form(rows: Iterable[RegionRow], shelters: Mapping[str, int], least: int) -> list[Area]:
    """Join provinces, the emptiest first and to its nearest, until each area has at least `least` shelters (or there is one area).

    `shelters` counts by region code.
    """
    groups = _provinces(rows)
    while len(groups) > 1:
        smallest = min(groups, key=lambda group: (_size(group, shelters), _provinces_of(group)))
        if _size(smallest, shelters) >= least:
            break
        others = [group for group in groups if group is not smallest]
        nearest = min(others, key=lambda group: (_apart(smallest, group), _size(group, shelters), _provinces_of(group)))
        groups = [group for group in others if group is not nearest] + [smallest + nearest]
    return sorted((_area(group) for group in groups), key=lambda area: area.provinces)


def joined(together: Iterable[Area]) -> Area:
    """Make one of several areas."""
    listed = list(together)
    provinces = {name for area in listed for name in area.provinces}
    return Area(tuple(sorted(provinces)), tuple(sorted(code for area in listed for code in area.regions)))


_Group = list[RegionRow]


def _provinces(rows: Iterable[RegionRow]) -> list[_Group]:
    found: defaultdict[str, _Group] = defaultdict(list)
    for row in rows:
        found[row.province].append(row)
    return list(found.values())


def _provinces_of(group: _Group) -> tuple[str, ...]:
    return tuple(sorted({row.province for row in group}))


def _area(group: _Group) -> Area:
    return Area(_provinces_of(group), tuple(sorted(row.code for row in group)))


def _size(group: _Group, shelters: Mapping[str, int]) -> int:
    return sum(shelters.get(row.code, 0) for row in group)


def _apart(one: _Group, other: _Group) -> int:
    """Tell how many tiles the nearest two regions of two groups are apart: 1 for neighbours."""
    return min(tiles(a, b) for a in one for b in other)


def value(area: Area, counts: Mapping[str, Counts], waiting: Collection[str], *, rebuilding: bool) -> Value:
    """Tell what a worker is told of an area, the first that holds; `counts` by region, `waiting` the regions with a waiting list."""
    total = NOTHING
    for region in area.regions:
        total = total.plus(counts.get(region, NOTHING))
    if rebuilding:
        return "unknown"
    if total.free:
        return "capacity"
    if total.unknown * _UNKNOWN_SHARE >= total.capacity:  # also where there is no unit at all: unknown is never zero
        return "unknown"
    return "no-capacity-has-waitlist" if any(region in waiting for region in area.regions) else "no-capacity"
