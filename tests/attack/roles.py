"""What the other roles can infer of a flight, each from what its routes show today: analyst, auditor, one shelter's key, a supplier's key.

The analyst asks the monitor itself, over the archived log of the month. The others are worked out from the log: which records the audit log
has of it (`services/gateway/audit_summary.py`), and which shelters a key sees exactly because they are its own.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services.adapters.codec.event_codec import encode, key_of
from services.adapters.regions import read_regions
from services.domain.events.catalog import DEMAND_EVENTS, Admission
from services.monitor.figures.evaluate import answer
from services.monitor.query import By, Query
from services.simulator.model.calendar import DAY
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

ANALYST: Final = "analyst, all that is answered of the hour, a day late"
CELL: Final = "knows the cell of the analyst, and what shelters are like"
AUDITOR: Final = "auditor, reads the audit log live"
OPENED: Final = "two auditors who have opened every shelter"
SHELTER: Final = "one shelter's key, a flight to another shelter"
SUPPLIER: Final = "one supplier's key (intake), a flight outside its organisation"
# A kind without one more occupied place had one less as well, perhaps
_UNSEEN: Final = 0.1
REGIONS: Final = read_regions()
Came = dict[tuple[str | None, str | None], int]
"""By region or province and by kind of unit, None for all of them."""


@dataclass(slots=True)
class Analyst:
    """An analyst who asks, a day later, all that is answered of two full hours: how many places were occupied, before and after."""

    asked: BuiltCountry
    month: Month
    _answers: dict[int, Came] = field(default_factory=dict)

    def guess(self, flight: Flight) -> dict[str, float]:
        """Return how probable each shelter is: its fitting units, in view of how many more places of its cells were occupied then."""
        came = self._came(flight)
        known = chances(self.month, flight)
        weights = {name: share * self._factor(came, name, flight) for name, share in known.items()}
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items()} if total else known

    def cell(self, flight: Flight) -> list[str]:
        """Return the shelters of the narrowest cell of the flight that is answered, by place and kind of unit."""
        came = self._came(flight)
        kind = self.month.units[flight.shelter][flight.unit].kind
        place = self._place(came, flight.shelter)
        alike = [name for name in self.month.registered if self._place(came, name) == place]
        cells = [alike, [name for name in self.month.units if any(unit.kind == kind for unit in self.month.units[name].values())]]
        if (place, kind) in came:
            cells.append([name for name in alike if name in cells[1]])
        return min(cells, key=len)

    def _factor(self, came: Came, shelter: str, flight: Flight) -> float:
        """Multiply what its place and its kinds of unit say, which an analyst can only take to be independent."""
        place = came.get((self._place(came, shelter), None), 0)
        province = REGIONS[self.month.registered[shelter].region].province
        of_kind = [
            came[cell]
            for unit in self.month.units[shelter].values()
            if unit.max_adults >= flight.adults and unit.max_children >= flight.children
            for cell in ((province, unit.kind), (None, unit.kind))
            if cell in came
        ]
        return max(place, 0) * (max(max(of_kind, default=1), 0) + _UNSEEN)

    def _place(self, came: Came, shelter: str) -> str | None:
        """Return the region or province of a shelter that is answered; None for the rest of the country."""
        region = self.month.registered[shelter].region
        return next((place for place in (region, REGIONS[region].province) if (place, None) in came), None)

    def _came(self, flight: Flight) -> Came:
        """Return how many more places were occupied after the hour than before it, in each cell that is answered."""
        for instant in (flight.hour, flight.hour + HOUR):
            self._answers[instant] = self._answers.get(instant) or self._occupied(instant)
        before, after = self._answers[flight.hour], self._answers[flight.hour + HOUR]
        came = {cell: number - before[cell] for cell, number in after.items() if cell in before}
        # What the answered places leave of the country is one more cell
        answered = sum(more for (place, kind), more in came.items() if kind is None and (place or "").startswith("PV"))
        return came | {(None, None): came[None, None] - answered}

    def _occupied(self, instant: int) -> Came:
        found: Came = {}
        ways: tuple[tuple[By, ...], ...] = (("province",), ("region",), ("kind",), ("province", "kind"))
        for by in ways:
            query = Query(figures=("units-by-state",), at=instant, as_known_at=instant + DAY, by=by, protected=True)
            (figure,) = answer(self.asked.store, query).figures
            for row in figure.rows:
                if row.part.get("state") == "occupied" and not row.too_few:
                    found[row.scope.region or row.scope.province, row.scope.kind] = int(row.value or 0)
        return found


@dataclass(slots=True)
class Auditor:
    """An auditor, who reads live behind which pseudonym an admission was sent, and knows how many units each shelter has.

    The pseudonyms stay, so the auditor counts how much happens behind each, and compares it with how much would happen in each shelter.
    """

    log: list[LoggedEvent]
    units: Mapping[str, int]
    _hours: dict[int, Counter[str]] = field(default_factory=dict)
    _all: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for logged in self.log:
            if isinstance(logged.event.data, Admission):
                self._hours.setdefault(logged.at // HOUR * HOUR, Counter())[logged.event.data.shelter] += 1
                self._all[logged.event.data.shelter] += 1

    def guess(self, flight: Flight, known: Mapping[str, float]) -> dict[str, float]:
        """Return how probable each shelter is: behind one of the pseudonyms that had an admission in the hour."""
        behind: Counter[str] = Counter()
        for pseudonym, number in self._hours[flight.hour].items():
            for name, share in self._behind(self._all[pseudonym], known).items():
                behind[name] += number * share  # type: ignore[assignment]  # a share, not a count
        return {name: weight / sum(behind.values()) for name, weight in behind.items()}

    def _behind(self, admissions: int, known: Mapping[str, float]) -> dict[str, float]:
        """Return how probable each shelter is behind a pseudonym with so many admissions, which come as by chance (Poisson)."""
        each = self._all.total() / sum(self.units.values())
        logs = {name: admissions * math.log(each * self.units[name]) - each * self.units[name] for name in known if self.units.get(name)}
        highest = max(logs.values())
        weights = {name: known[name] * math.exp(value - highest) for name, value in logs.items()}
        return {name: weight / sum(weights.values()) for name, weight in weights.items()}

    def guess_opened(self, flight: Flight, known: Mapping[str, float]) -> dict[str, float]:
        """Return the same where every pseudonym is open: of those with an admission, the shelters that could take the household in."""
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
    analyst, auditor = (
        Analyst(archive_and_build(folder, *_records(log)), played),
        Auditor(log, {name: len(units) for name, units in played.units.items()}),
    )
    organisations: dict[str, list[str]] = {}
    for name, registered in played.registered.items():
        organisations.setdefault(registered.organisation, []).append(name)
    for flight in targets:
        known = chances(played, flight)
        found.add(ANALYST, analyst.guess(flight), flight.shelter)
        found.add(CELL, {name: known.get(name, 0.0) for name in analyst.cell(flight)}, flight.shelter)
        found.add(AUDITOR, auditor.guess(flight, known), flight.shelter)
        found.add(OPENED, auditor.guess_opened(flight, known), flight.shelter)
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
