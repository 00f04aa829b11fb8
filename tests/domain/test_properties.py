"""Laws of every log: any order, copies, corrections first, saved and loaded anywhere. PROPERTIES=ci runs all of CI's examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.domain.beds.partition_fold import PartitionState
from services.domain.events.catalog import Correction
from tests import played
from tests.invariants import broken_inside, comparable, reloaded
from tests.reference import fold as reference
from tests.reference.log import Record
from tests.reference.point_in_time import Logged
from tests.strategies import BEGIN, DAY, DEAD, LONG_STEPS, OPENING, bed_events, facts_once, logs, record
from tests.strategies_of_demand import demand_logs

if TYPE_CHECKING:
    from services.domain.events.catalog import Event


def facts_only(records: list[Record]) -> dict[str, Any]:
    """Return registration, pause, units and stays (R2): all but holds, discrepancy and last heard of."""
    shelters = played.fold(played.logged(records)).shelters if records else {}
    return {
        name: (shelter.snapshot.registration, shelter.snapshot.paused, shelter.snapshot.units, shelter.stays.keys())
        for name, shelter in shelters.items()
    }


orders = facts_once().flatmap(lambda facts: st.tuples(st.just(facts), st.permutations(facts)))


@given(orders)
def test_any_order_gives_the_same(pair: tuple[list[Event], list[Event]]) -> None:
    """R2: the same facts in another order, corrections before what they correct, give the same stays, units and counts."""
    facts, shuffled = pair
    assert facts_only([record(event) for event in facts]) == facts_only([record(event) for event in shuffled])


@given(facts_once())
def test_corrections_first_gives_the_same(facts: list[Event]) -> None:
    """R12: a correction that arrives before its event gives the same as one that arrives after it."""
    first = sorted(facts, key=lambda event: not isinstance(event.data, Correction))
    assert facts_only([record(event) for event in facts]) == facts_only([record(event) for event in first])


@given(logs(), st.data())
def test_copies_change_nothing(log: list[Record], data: st.DataObject) -> None:
    """R1: every record sent again, anywhere after the first, leaves the state as it was; only dead letters are counted again."""
    twice = list(log)
    for index in sorted(data.draw(st.sets(st.integers(0, len(log)), max_size=6)), reverse=True):
        if index < len(log):
            place = data.draw(st.integers(index + 1, len(twice)))
            twice.insert(place, log[index]._replace(timestamp=twice[place - 1].timestamp))
    once, again = played.result(log), played.result(twice)
    assert again.pop("dead_letters") >= once.pop("dead_letters")
    assert again == once


@given(logs(LONG_STEPS), st.data())
def test_saved_and_loaded_anywhere_is_the_same(log: list[Record], data: st.DataObject) -> None:
    """A fold that is saved and loaded between any two records has the same state, and the same future."""
    records = played.logged(log) if log else []
    straight, broken_off = PartitionState(), PartitionState()
    breaks = data.draw(st.sets(st.integers(0, len(records)), max_size=5))
    for place, entry in enumerate(records):
        if place in breaks:
            restart(broken_off)
        played.fold_record(straight, entry)
        played.fold_record(broken_off, entry)
    same(straight, broken_off)


def restart(state: PartitionState) -> None:
    """Save every shelter as the view stores it, and load it again."""
    state.shelters = {name: reloaded(shelter) for name, shelter in state.shelters.items()}


def same(one: PartitionState, other: PartitionState) -> None:
    """Check that two folds give the same, now and in a day."""
    for now in (one.clock, one.clock + DAY):
        assert played.document([one], now) == played.document([other], now)
    shelters = [{name: comparable(shelter, one.clock) for name, shelter in fold.shelters.items()} for fold in (one, other)]
    assert shelters[0] == shelters[1]


@given(logs(LONG_STEPS))
def test_every_invariant_holds_at_the_end(log: list[Record]) -> None:
    """Every invariant holds after any log, at its clock, an hour and a day later."""
    state = played.fold(played.logged(log)) if log else PartitionState()
    for later in (0, DAY // 24, DAY):
        assert broken_inside(state, state.clock + later) == []


@given(demand_logs(steps=(0,)), st.data())
def test_demand_in_any_order_gives_the_same(log: list[Record], data: st.DataObject) -> None:
    """D2: searches, fallbacks and entries are the same in whatever order the first copies of their events arrive."""
    first = list({(entry.key, *name(entry)): entry for entry in log}.values())
    shuffled = data.draw(st.permutations(first))
    assert played.demand_result(first) == played.demand_result(shuffled)


def name(entry: Record) -> tuple[str, str]:
    """Return the name of a demand event."""
    event = played.WIRE.decode("demand", entry.key, entry.value)
    return event.name  # type: ignore[union-attr]  # the log has nothing but valid events


class Shelters(RuleBasedStateMachine):
    """Two shelters to which anything may happen: the invariants are checked after every step, the reference at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.state = PartitionState()
        self.log: list[Record] = []
        self.clock = BEGIN

    def send(self, sent: Record) -> None:
        """Log a record and fold it."""
        self.log.append(sent)
        decoded = played.logged([sent])[0]
        played.fold_record(self.state, Logged(len(self.log) - 1, sent.timestamp, decoded.event))

    @initialize(registered=st.booleans())
    def open(self, *, registered: bool) -> None:
        """Begin, mostly, with shelters that have units."""
        for event in OPENING if registered else ():
            self.send(record(event, self.clock))

    @rule(event=bed_events)
    def log_event(self, event: Event) -> None:
        """Log any event."""
        self.send(record(event, self.clock))

    @rule(back=st.integers(1, 10))
    def repeat(self, back: int) -> None:
        """Send a record again."""
        if back <= len(self.log):
            self.send(self.log[-back]._replace(timestamp=self.clock))

    @rule(step=st.sampled_from(LONG_STEPS))
    def let_time_pass(self, step: int) -> None:
        """Move the broker's clock, forwards or back."""
        self.clock += step

    @rule()
    def spoil(self) -> None:
        """Log a record that can't be read."""
        self.send(DEAD._replace(timestamp=self.clock))

    @rule()
    def restart(self) -> None:
        """Save the shelters as the view stores them, and load them again."""
        restart(self.state)

    @invariant()
    def nothing_is_broken(self) -> None:
        """Check every invariant after every step."""
        assert broken_inside(self.state) == []

    def teardown(self) -> None:
        """Check that the reference fold of the whole log gives the same state."""
        if self.log:
            assert played.document([self.state], 0) == reference.result(self.log)


TestShelters = Shelters.TestCase
TestShelters.settings = settings(stateful_step_count=25)
TestShelters.__doc__ = "After any events of two shelters every invariant holds at each step, and the reference gives the same at the end."


def test_random_logs_reach_every_status_and_state() -> None:
    """A few random logs reach every status of a hold, every state of a unit and every anomaly."""
    met: set[str] = set()

    @settings(max_examples=200, derandomize=True, database=None)
    @given(logs())
    def look(log: list[Record]) -> None:
        state = played.result(log)
        met.update(hold["status"] for hold in state["holds"].values())
        for shelter in state["shelters"].values():
            met.update(part for part, number in shelter["counts"].items() if number)
            met.update(anomaly for anomaly, found in shelter["anomalies"].items() if found)

    look()
    states = {"occupied", "closed", "held", "paused", "unknown", "free", "double_occupied", "undeclared_unit", "discrepancy"}
    assert met >= states | {"refused", "granted", "expired", "released", "declined", "overtaken", "fulfilled"}
