"""What is disclosed of each area: whether it has room, roughly how much, and the same by kind of unit.

Law: nothing is disclosed of fewer shelters or organisations than an area must have; kinds that too few of them have are joined.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from services.adapters.view.ports import PartitionSnapshot
from services.api.areas import grouping
from services.api.areas.grouping import Area, Areas, Value
from services.api.areas.models import AreaAnswer, KindInArea
from services.api.read_model.answer_models import NamedRegion
from services.api.read_model.data_age import blinded, seen_at
from services.domain.beds.shelter_snapshot import NOTHING, Counts, ShelterSnapshot, count_by_kind
from services.domain.beds.staleness import StalenessLimits
from services.domain.search.count_buckets import Bucket, bucket_count

_Counted = tuple[ShelterSnapshot, dict[str, Counts]]


@dataclass(slots=True)
class AreaCounts:
    """The country at an instant; `waiting` are the regions and kinds with an open waiting list."""

    areas: Areas
    snapshots: list[PartitionSnapshot]
    now: int
    limits: StalenessLimits
    waiting: Collection[tuple[str, str]]
    rebuilding: bool = field(kw_only=True)

    def listed(self) -> list[AreaAnswer]:
        """Compute what is disclosed of every area."""
        by_region: dict[str, list[_Counted]] = {}
        for snapshot in self.snapshots:
            shown = blinded(snapshot).shelters
            for name, shelter in snapshot.shelters.items():
                counted = (shelter, count_by_kind(shown[name], seen_at(snapshot, self.now), self.limits))
                by_region.setdefault(shelter.region or "", []).append(counted)
        formed = self.areas.listed((shelter for snapshot in self.snapshots for shelter in snapshot.shelters.values()), self.now)
        return [self._area(area, [counted for region in area.regions for counted in by_region.get(region, ())]) for area in formed]

    def _area(self, area: Area, inside: list[_Counted]) -> AreaAnswer:
        kinds = {kind for _, counted in inside for kind in counted}
        waited_for = {kind for region, kind in self.waiting if region in area.regions}
        since = grouping.heard_since(self.now, self.areas.heard_days)
        having = ((shelter, frozenset(counted)) for shelter, counted in inside if (shelter.heard_at or 0) >= since)
        value, free = self._disclosed(inside, kinds, waiting=bool(waited_for))
        return AreaAnswer(
            area=area.name,
            regions=[NamedRegion(code=code, name=self.areas.rows[code].name) for code in area.regions],
            value=value,
            free=free,
            by_kind=[self._kinds(inside, part, waited_for) for part in grouping.kinds_shown(having, self.areas.minimum)],
        )

    def _kinds(self, inside: list[_Counted], kinds: tuple[str, ...], waited_for: set[str]) -> KindInArea:
        value, free = self._disclosed(inside, kinds, waiting=not waited_for.isdisjoint(kinds))
        return KindInArea(kinds=list(kinds), value=value, free=free)

    def _disclosed(self, inside: list[_Counted], kinds: Collection[str], *, waiting: bool) -> tuple[Value, Bucket | None]:
        total = _sum(counted.get(kind, NOTHING) for _, counted in inside for kind in kinds)
        value = grouping.value(total, waiting=waiting, rebuilding=self.rebuilding)
        return value, None if value == "unknown" else bucket_count(total.free)


def _sum(counts: Iterable[Counts]) -> Counts:
    total = NOTHING
    for each in counts:
        total = total.plus(each)
    return total
