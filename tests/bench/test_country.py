"""The events that are measured with are events of the contract, and each is another one."""

from itertools import islice

from services.adapters.codec.event_codec import EventCodec
from services.adapters.regions import read_regions
from services.domain.events.catalog import Correction, Event
from tests import played
from tests.bench.country import country
from tests.bench.living import lived, opened
from tests.reference.log import Record
from tests.tapes import load

TURN = len(load("week"))


def test_two_turns_are_events_of_two_countries() -> None:
    """Every record of two turns is valid, and none of the second has a shelter of the first."""
    wire = EventCodec(frozenset(read_regions()))
    events = [wire.decode("beds", sent.key, sent.value) for sent in country(2 * TURN)]
    assert all(isinstance(event, Event) for event in events)
    first, second = ({event.subject for event in turn if isinstance(event, Event)} for turn in (events[:TURN], events[TURN:]))
    assert (len(first), first & second) == (len(second), set())


def test_a_turn_corrects_its_own_events() -> None:
    """A correction in a later turn names the renamed event of that turn."""
    wire = EventCodec(frozenset(read_regions()))
    turn = [wire.decode("beds", sent.key, sent.value) for sent in islice(country(2 * TURN), TURN, None)]
    events = [event for event in turn if isinstance(event, Event)]
    names = {(event.subject, event.source, event.id) for event in events}
    corrections = [event for event in events if isinstance(event.data, Correction)]
    named = [
        (event.subject, event.data.corrects.source, event.data.corrects.id) for event in corrections if isinstance(event.data, Correction)
    ]
    week = [line for line in load("week") if b"nl.plek.correction.v1" in (line.value or b"")]
    assert len(named) == len(week)
    assert sum(name in names for name in named) > len(named) / 2


def test_the_country_is_the_same_every_time() -> None:
    """Two runs are measured with the same bytes of events."""
    assert list(country(3 * TURN // 2)) == list(country(3 * TURN // 2))


def test_a_country_that_lives_on_stays_as_large_as_it_is() -> None:
    """After every unit was moved into and out of, all are free again, and none was declared on the way."""
    units = 20
    sent = [*opened(units), *lived(units, 4 * units)]
    state = played.result([Record(each.key, each.value, 0, 0) for each in sent])
    assert state["national"] | {"unknown": 0} == {
        "capacity": units,
        "occupied": 0,
        "closed": 0,
        "held": 0,
        "paused": 0,
        "unknown": 0,
        "free": units,
    }
    assert state["dead_letters"] == 0
    half = played.result([Record(each.key, each.value, 0, 0) for each in sent[: -units // 2]])
    assert half["national"]["occupied"] == units // 2
