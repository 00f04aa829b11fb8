"""Counts of a partition at a `now`: of each shelter, of each region and of the nation. Worked out anew only where something changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from services.domain.freshness import Limits
from services.domain.picture import NOTHING, Counts, ShelterPicture, count, next_due


class Both(NamedTuple):
    """Counts of the units that are not overflow, and of those that are: never added up (R7)."""

    counts: Counts = NOTHING
    overflow: Counts = NOTHING


EMPTY = Both()


@dataclass(slots=True)
class Tally:
    """The numbers of one partition, by scope: `national`, `region:R07`, `shelter:berk`; all right at the same `now`."""

    limits: Limits
    scopes: dict[str, Both] = field(default_factory=dict)
    regions: dict[str, str | None] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)

    def overdue(self, now: int) -> list[str]:
        """List the shelters whose numbers time alone has changed by `now` (ms), in byte order."""
        return sorted(shelter for shelter, at in self.due.items() if at <= now)

    def recount(self, shelters: Iterable[ShelterPicture], now: int) -> dict[str, int]:
        """Count these shelters at `now` (ms); return every number that changed, as `<scope>:<state>`."""
        before: dict[str, Both] = {}
        for shelter in shelters:
            self._recount(shelter, now, before)
        return {name: number for scope in before for name, number in self._numbers(scope, before[scope])}

    def numbers(self) -> dict[str, int]:
        """Return every number as `<scope>:<state>`."""
        return {name: number for scope in self.scopes for name, number in self._numbers(scope, None)}

    def _recount(self, shelter: ShelterPicture, now: int, before: dict[str, Both]) -> None:
        new = Both(*count(shelter, now, self.limits))
        own = f"shelter:{shelter.shelter}"
        old, was = self.scopes.get(own, EMPTY), self.regions.get(shelter.shelter)
        self._set(own, new, before)
        if was is not None:
            self._add(was, old, -1, before)
        if shelter.region is not None:
            self._add(shelter.region, new, 1, before)
        self.regions[shelter.shelter] = shelter.region
        due = next_due(shelter, now, self.limits)
        if due is None:
            self.due.pop(shelter.shelter, None)
        else:
            self.due[shelter.shelter] = due

    def _add(self, region: str, part: Both, sign: int, before: dict[str, Both]) -> None:
        for scope in (f"region:{region}", "national"):
            both = self.scopes.get(scope, EMPTY)
            add = Counts.plus if sign > 0 else Counts.minus
            self._set(scope, Both(add(both.counts, part.counts), add(both.overflow, part.overflow)), before)

    def _set(self, scope: str, both: Both, before: dict[str, Both]) -> None:
        # A scope that was never counted has no old numbers: all of its own are then changes, zeros included.
        before.setdefault(scope, self.scopes.get(scope, _NEVER))
        self.scopes[scope] = both

    def _numbers(self, scope: str, before: Both | None) -> Iterator[tuple[str, int]]:
        now = self.scopes[scope]
        old = before or _NEVER
        for prefix, counts, was in ((scope, now.counts, old.counts), (f"{scope}:overflow", now.overflow, old.overflow)):
            for state, number, previous in zip(Counts._fields, counts, was, strict=True):
                if number != previous:
                    yield f"{prefix}:{state}", number


_NEVER = Both(Counts(*[-1] * 7), Counts(*[-1] * 7))
