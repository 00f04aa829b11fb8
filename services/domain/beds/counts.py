"""Counts of a partition at a `now`: of each shelter, of each region and of the nation. Computed again only where something changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from services.domain.beds.shelter_snapshot import NOTHING, Counts, ShelterSnapshot, count, next_due
from services.domain.beds.staleness import StalenessLimits


class CountsWithOverflow(NamedTuple):
    """Counts of the units that are not overflow, and of those that are: never added up (R7)."""

    counts: Counts = NOTHING
    overflow: Counts = NOTHING


EMPTY = CountsWithOverflow()


@dataclass(slots=True)
class CountsIndex:
    """The counts of one partition by scope: `national`, `region:R07`, `shelter:berk`; all of them hold at the same `now`."""

    limits: StalenessLimits
    scopes: dict[str, CountsWithOverflow] = field(default_factory=dict)
    regions: dict[str, str | None] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)

    def overdue(self, now: int) -> list[str]:
        """List the shelters with counts that time alone has changed by `now` (ms), in byte order."""
        return sorted(shelter for shelter, at in self.due.items() if at <= now)

    def recount(self, shelters: Iterable[ShelterSnapshot], now: int) -> dict[str, int]:
        """Count these shelters again at `now` (ms); return every number that changed, as `<scope>:<state>`."""
        before: dict[str, CountsWithOverflow] = {}
        for shelter in shelters:
            self._recount(shelter, now, before)
        return {name: number for scope in before for name, number in self._numbers(scope, before[scope])}

    def numbers(self) -> dict[str, int]:
        """Return every number as `<scope>:<state>`."""
        return {name: number for scope in self.scopes for name, number in self._numbers(scope, None)}

    def _recount(self, shelter: ShelterSnapshot, now: int, before: dict[str, CountsWithOverflow]) -> None:
        new = CountsWithOverflow(*count(shelter, now, self.limits))
        own = f"shelter:{shelter.shelter}"
        old, old_region = self.scopes.get(own, EMPTY), self.regions.get(shelter.shelter)
        self._set(own, new, before)
        if old_region is not None:
            self._add(old_region, old, -1, before)
        if shelter.region is not None:
            self._add(shelter.region, new, 1, before)
        self.regions[shelter.shelter] = shelter.region
        due = next_due(shelter, now, self.limits)
        if due is None:
            self.due.pop(shelter.shelter, None)
        else:
            self.due[shelter.shelter] = due

    def _add(self, region: str, part: CountsWithOverflow, sign: int, before: dict[str, CountsWithOverflow]) -> None:
        for scope in (f"region:{region}", "national"):
            both = self.scopes.get(scope, EMPTY)
            add = Counts.plus if sign > 0 else Counts.minus
            self._set(scope, CountsWithOverflow(add(both.counts, part.counts), add(both.overflow, part.overflow)), before)

    def _set(self, scope: str, both: CountsWithOverflow, before: dict[str, CountsWithOverflow]) -> None:
        # A scope that was never counted has no old numbers: all of its numbers are changes then, zeros included.
        before.setdefault(scope, self.scopes.get(scope, _NEVER))
        self.scopes[scope] = both

    def _numbers(self, scope: str, before: CountsWithOverflow | None) -> Iterator[tuple[str, int]]:
        now = self.scopes[scope]
        old = before or _NEVER
        for prefix, counts, previous in ((scope, now.counts, old.counts), (f"{scope}:overflow", now.overflow, old.overflow)):
            for state, number, old_number in zip(Counts._fields, counts, previous, strict=True):
                if number != old_number:
                    yield f"{prefix}:{state}", number


_NEVER = CountsWithOverflow(Counts(*[-1] * 7), Counts(*[-1] * 7))
