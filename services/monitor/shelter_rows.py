"""One shelter folded by the fold of the live view, record by record, into rows of the interval tables.

The fold decides what counts, what is corrected and what becomes of a hold (contract R1 to R12); here is only written down what that
makes true from when to when (R14), and since which record that is known.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import intern

from services.domain import events as e
from services.domain.freshness import speaks_for
from services.domain.occupancy import Shelter
from services.domain.registry import Registry
from services.domain.timelines import (
    FOREVER,
    Place,
    Span,
    Statement,
    at,
    changed,
    cleanings,
    closings,
    declarations,
    pauses,
    pieces,
    places,
    registrations,
)
from services.monitor.ledger import Ledger, Logged, Row
from services.monitor.then import HoldThen, Put, StayThen, UnitThen, known, offer

_ALWAYS = (-FOREVER, FOREVER)


@dataclass(slots=True)
class _Touched:
    """What a record can have changed, and from when to when at most."""

    units: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note(self, unit: str, between: tuple[int, int] | None) -> None:
        if between is not None:
            start, end = self.units.get(unit, between)
            self.units[unit] = (min(start, between[0]), max(end, between[1]))


class ShelterRows:
    """The fold of one shelter of a partition."""

    def __init__(self, shelter: str, partition: int, put: Put) -> None:
        self._name, self._partition, self._put = shelter, partition, put
        self._registry = Registry()
        self._registered: list[Span[e.ShelterRegistered]] = []
        self._paused: list[Span[bool]] = []
        self._declared: dict[str, list[Span[e.UnitDeclared | None]]] = {}
        self._closed: dict[str, list[Span[str | None]]] = {}
        self._cleaned: defaultdict[str, dict[str, list[Statement]]] = defaultdict(dict)
        self._here: defaultdict[str, dict[str, list[Span[Place]]]] = defaultdict(dict)
        self._places: dict[str, list[Span[Place]]] = {}
        self._units: defaultdict[str, Ledger[UnitThen]] = defaultdict(Ledger)
        self._stays: defaultdict[str, Ledger[StayThen]] = defaultdict(Ledger)
        self._shelter: Ledger[str] = Ledger()
        self._holds: dict[str, tuple[HoldThen, Logged]] = {}
        self._heard_at: int | None = None

    def take(self, event: e.Event, place: Logged) -> None:
        """Fold an event at its place in the log."""
        data = event.data
        self._registry.hear(place.clock)
        facts = self._corrected(data) if isinstance(data, e.Correction) else [event]
        shelter = self._registry.take(event, place.offset)
        for names in (self._registry.seen, self._registry.corrected):
            names.forget(place.clock)
            names.take_added()
        if shelter is None:
            return
        if not isinstance(data, e.HOLD_EVENTS) and speaks_for(event.source, self._name):
            self._hear(place)
        touched = _Touched()
        for matter in dict.fromkeys(map(_matter, facts)):
            self._look(shelter, matter, touched, place)
        for unit, (start, end) in touched.units.items():
            self._write(unit, start, end, place)
        for hold in sorted(shelter.take_changes().holds):
            self._look_at_hold(shelter, hold, place)

    def close(self) -> None:
        """Write down what is known at the end of the log."""
        for unit, ledger in self._units.items():
            self._put_units(unit, ledger.rest())
        for stay, stays in self._stays.items():
            self._put_stays(stay, stays.rest())
        self._put_shelters(self._shelter.rest())
        for hold, (then, since) in self._holds.items():
            self._put_hold(hold, then, since, None)

    def _corrected(self, correction: e.Correction) -> list[e.Event]:
        shelter = self._registry.shelters.get(self._name)
        name = (correction.corrects.source, correction.corrects.id)
        return list(shelter.facts.get(name, {}).values()) if shelter else []

    def _hear(self, place: Logged) -> None:
        """R9: heard of at this clock; several records at one clock are one."""
        if self._heard_at is None or self._heard_at < place.clock:
            self._heard_at = place.clock
            self._put("heard", (self._partition, *place, self._name))

    def _look(self, shelter: Shelter, matter: tuple[str, str], touched: _Touched, place: Logged) -> None:
        kind, name = matter
        match kind:
            case "stay":
                self._look_at_stay(shelter, name, touched, place)
            case "closing":
                self._look_at_closing(shelter, name, touched)
            case "declaration":
                unit = shelter.units.get(name)
                new = declarations(unit.declarations) if unit else []
                touched.note(name, changed(self._declared.get(name, []), new))
                self._declared[name] = new
            case "pause":
                paused = pauses(shelter.pauses)
                self._note_all(touched, changed(self._paused, paused))
                self._paused = paused
            case "registration":
                self._look_at_registration(shelter, touched, place)
            case _:
                pass

    def _note_all(self, touched: _Touched, between: tuple[int, int] | None) -> None:
        for unit in self._declared:
            touched.note(unit, between)

    def _look_at_registration(self, shelter: Shelter, touched: _Touched, place: Logged) -> None:
        registered = registrations(shelter.registrations)
        self._note_all(touched, changed(self._registered, registered))
        self._registered = registered
        regions = [Span(span.start, span.end, span.value.region) for span in registered]
        self._put_shelters(self._shelter.write(*_ALWAYS, regions, place))

    def _look_at_stay(self, shelter: Shelter, name: str, touched: _Touched, place: Logged) -> None:
        stay = shelter.stays.get(name)
        old, new = self._places.get(name, []), places(stay) if stay else []
        between = changed(old, new)
        for unit in sorted({span.value.unit for span in (*old, *new)}):
            touched.note(unit, between)
            self._here[unit].pop(name, None)
            if spans := [span for span in new if span.value.unit == unit]:
                self._here[unit][name] = spans
        self._places[name] = new
        left: defaultdict[str, list[Statement]] = defaultdict(list)
        for unit, statement in cleanings(stay) if stay else ():
            left[unit].append(statement)
        for unit in sorted({*left, *(unit for unit, by in self._cleaned.items() if name in by)}):
            self._cleaned[unit].pop(name, None)
            if unit in left:
                self._cleaned[unit][name] = left[unit]
            self._look_at_closing(shelter, unit, touched)
        ended = stay.discharges[0].data if stay and stay.discharges else None
        destination = ended.destination if isinstance(ended, e.Discharge) else None
        whole = [Span(new[0].start, new[-1].end, StayThen(new[-1].value.unit, destination))] if new else []
        self._put_stays(name, self._stays[name].write(*_ALWAYS, whole, place))

    def _look_at_closing(self, shelter: Shelter, unit_id: str, touched: _Touched) -> None:
        unit = shelter.units.get(unit_id)
        cleaned = [statement for of in self._cleaned[unit_id].values() for statement in of]
        new = closings(unit.closings if unit else [], cleaned)
        touched.note(unit_id, changed(self._closed.get(unit_id, []), new))
        self._closed[unit_id] = new

    def _write(self, unit: str, start: int, end: int, place: Logged) -> None:
        """Work out anew what a unit was between two instants."""
        declared, closed = self._declared.get(unit, []), self._closed.get(unit, [])
        stays = [spans for spans in self._here[unit].values() if spans[-1].end > start and spans[0].start < end]
        spans = [
            Span(begin, until, then)
            for begin, until in pieces(start, end, (declared, closed, self._registered, self._paused, *stays))
            if (then := self._then(begin, at(declared, begin), at(closed, begin), stays))
        ]
        self._put_units(unit, self._units[unit].write(start, end, spans, place))

    def _then(self, instant: int, declared: e.UnitDeclared | None, closed: str | None, stays: list[list[Span[Place]]]) -> UnitThen | None:
        """R7, without holds and age: the first state that fits."""
        if declared is None:
            return None
        inside = [place for spans in stays if (place := at(spans, instant))]
        registered = at(self._registered, instant)
        free = "paused" if at(self._paused, instant) else "free"
        return UnitThen(
            region=registered.region if registered else None,
            kind=declared.kind,
            overflow=declared.overflow,
            beds=declared.beds,
            # A unit is so again and again: ten years of it need the words once
            offer=intern(offer(registered, declared)),
            state="occupied" if inside else "closed" if closed else free,
            persons=sum(place.adults + place.children for place in inside),
        )

    def _look_at_hold(self, shelter: Shelter, name: str, place: Logged) -> None:
        hold, before = shelter.holds[name], self._holds.get(name)
        accepted = before[0].accepted if before else None
        if hold.accepted and accepted is None:
            accepted = place.clock
        end = hold.until if hold.status == "granted" else place.clock
        then = HoldThen(hold.requested_at, end, hold.unit, hold.status, hold.reason or hold.declined_because, accepted)
        if before and before[1].offset < place.offset:
            self._put_hold(name, before[0], before[1], place)
        self._holds[name] = (then, place)

    def _put_units(self, unit: str, rows: Iterable[Row[UnitThen]]) -> None:
        for row in rows:
            then = row.span.value
            self._put("units", (*known(self._partition, row), self._name, unit, *then))

    def _put_shelters(self, rows: Iterable[Row[str]]) -> None:
        for row in rows:
            self._put("shelters", (*known(self._partition, row), self._name, row.span.value))

    def _put_stays(self, stay: str, rows: Iterable[Row[StayThen]]) -> None:
        for row in rows:
            self._put("stays", (*known(self._partition, row), self._name, row.span.value.unit, stay, row.span.value.destination))

    def _put_hold(self, hold: str, then: HoldThen, since: Logged, until: Logged | None) -> None:
        row = Row(Span(then.start, then.end, None), since, until)
        self._put("holds", (*known(self._partition, row), self._name, then.unit, hold, then.status, then.reason, then.accepted))


def _matter(fact: e.Event) -> tuple[str, str]:
    """Tell what a fact is about."""
    match fact.data:
        case e.Admission(stay=stay) | e.Transfer(stay=stay) | e.Discharge(stay=stay) | e.StayChanged(stay=stay):
            return "stay", stay
        case e.UnitClosed(unit=unit) | e.UnitReopened(unit=unit):
            return "closing", unit
        case e.UnitDeclared(unit=unit) | e.UnitWithdrawn(unit=unit):
            return "declaration", unit
        case e.IntakePaused() | e.IntakeResumed():
            return "pause", ""
        case e.ShelterRegistered():
            return "registration", ""
        case _:
            return "nothing", ""
