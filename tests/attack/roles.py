"""What the other roles can infer of a flight, each from what its routes show today: analyst, auditor, one shelter's key, a supplier's key.

The analyst asks the monitor itself, over the archived log of the month. The others are worked out from the log: which records the audit log
has of it (`services/gateway/audit_summary.py`), and which shelters a key sees exactly because they are its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services.adapters.codec.event_codec import encode, key_of
from services.domain.events.catalog import DEMAND_EVENTS, Admission, Need
from services.monitor.figures.evaluate import answer
from services.monitor.query import Household, Period, Query, Scope
from tests.attack.attack import Attacked, chosen
from tests.attack.insider import chances
from tests.attack.month import HOUR, Flight, Month
from tests.monitor.archives import spread
from tests.monitor.comparison import BuiltCountry, archive_and_build
from tests.reference.log import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from services.simulator.model.context import LoggedEvent

ANALYST: Final = "analyst, exact figures of one hour by region and need, a day late"
AUDITOR: Final = "auditor, reads the audit log live"
SHELTER: Final = "one shelter's key, a flight to another shelter"
SUPPLIER: Final = "one supplier's key (intake), a flight outside its organisation"
# A shelter that lost its last fitting place in the hour is so many times as probable
_FILLED: Final = 10.0
_HOUR_MINUTES: Final = 60.0
Cell = tuple[str, str]
"""A region and a kind of unit."""


@dataclass(slots=True)
class Analyst:
    """An analyst who asks, a day later, how many places were occupied in each region and kind, at the begin and the end of the hour."""

    asked: BuiltCountry
    month: Month

    def guess(self, flight: Flight) -> dict[str, float]:
        """Return how probable each shelter is: where a cell has more occupied places than before, its shelters by their fitting units."""
        before, after = (self._occupied(instant) for instant in (flight.hour, flight.hour + HOUR - 1))
        known = chances(self.month, flight)
        came = {cell: more for cell, number in after.items() if (more := number - before.get(cell, 0)) > 0}
        weights = {name: sum(came.get(cell, 0) * share for cell, share in self._cells(name, flight).items()) for name in known}
        if len(could := [name for name, weight in weights.items() if weight]) > 1:
            weights |= {name: weights[name] * _FILLED for name in could if self._filled(name, flight)}
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items()} if total else known

    def _filled(self, shelter: str, flight: Flight) -> bool:
        """Ask of the region what only this shelter may offer: whether there was a place in the hour before, and none in the hour after."""
        registered = self.month.registered[shelter]
        need = Need(
            kinds=(),
            features=(),
            men=0,
            oldest_son_age=None,
            security=registered.security,
            services=registered.services,
            languages=registered.languages,
        )
        household = Household(adults=flight.adults, children=flight.children, need=need)
        before, after = (self._none(registered.region, start, household) for start in (flight.hour - HOUR, flight.hour + HOUR))
        return before < _HOUR_MINUTES <= after

    def _none(self, region: str, start: int, household: Household) -> float:
        period, scope = Period(start, start + HOUR), Scope(region=region)
        question = Query(figures=("minutes-none-fitting",), period=period, scope=scope, household=household)
        (figure,) = answer(self.asked.store, question).figures
        return float(figure.rows[0].value or 0.0)

    def _cells(self, shelter: str, flight: Flight) -> Mapping[Cell, float]:
        region = self.month.registered[shelter].region
        fitting = Counter(
            (region, unit.kind)
            for unit in self.month.units[shelter].values()
            if unit.max_adults >= flight.adults and unit.max_children >= flight.children
        )
        return dict(fitting)

    def _occupied(self, instant: int) -> dict[Cell, int]:
        question = Query(figures=("units-by-state",), at=instant, by=("region", "kind"))
        (figure,) = answer(self.asked.store, question).figures
        return {
            (row.scope.region, row.scope.kind): int(row.value or 0)
            for row in figure.rows
            if row.scope.region and row.scope.kind and row.part.get("state") == "occupied"
        }


@dataclass(slots=True)
class Auditor:
    """An auditor, who reads which shelter had an admission sent for it, and when."""

    log: list[LoggedEvent]
    _hours: dict[int, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for logged in self.log:
            if isinstance(logged.event.data, Admission):
                self._hours.setdefault(logged.at // HOUR * HOUR, Counter())[logged.event.data.shelter] += 1

    def guess(self, flight: Flight, known: Mapping[str, float]) -> dict[str, float]:
        """Return how probable each shelter is: of those with an admission in the hour, those that could take the household in."""
        admitted = self._hours[flight.hour]
        could = {name: number for name, number in admitted.items() if name in known} or dict(admitted)
        return {name: number / sum(could.values()) for name, number in could.items()}


def without(known: Mapping[str, float], own: Iterable[str]) -> dict[str, float]:
    """Return how probable each shelter is to a key that sees its own shelters exactly, and that no household went there."""
    left = {name: share for name, share in known.items() if name not in set(own)}
    return {name: share / sum(left.values()) for name, share in left.items()}


def roles(folder: Path, seed: int, days: int, number: int) -> Attacked:
    """Guess the flights of a month as each of the other roles."""
    found = Attacked()
    played, targets = chosen(seed, days, number)
    log = played.log
    for logged in log:
        played.learn(logged)
    analyst, auditor = Analyst(archive_and_build(folder, *_records(log)), played), Auditor(log)
    organisations: dict[str, list[str]] = {}
    for name, registered in played.registered.items():
        organisations.setdefault(registered.organisation, []).append(name)
    for flight in targets:
        known = chances(played, flight)
        found.add(ANALYST, analyst.guess(flight), flight.shelter)
        found.add(AUDITOR, auditor.guess(flight, known), flight.shelter)
        others = (name for name in played.registered if name != flight.shelter)
        found.add_mean(SHELTER, (without(known, [name]) for name in others), flight.shelter)
        outside = (own for own in organisations.values() if flight.shelter not in own)
        found.add_mean(SUPPLIER, (without(known, own) for own in outside), flight.shelter)
    return found


def _records(log: Iterable[LoggedEvent]) -> tuple[list[Record], list[Record]]:
    """Write a log as the records of the two topics."""
    beds: list[Record] = []
    demand: list[Record] = []
    for logged in log:
        record = Record(key_of(logged.event).encode(), encode(logged.event), logged.at)
        (demand if isinstance(logged.event.data, DEMAND_EVENTS) else beds).append(record)
    return spread(beds), spread(demand)
