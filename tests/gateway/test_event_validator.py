"""What is checked on the way in and never when the log is read: ids, personal data, control characters, lists without end."""

from typing import Any

import pytest

from services.adapters.clock import now_ms
from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.rfc3339 import show
from services.domain.events.catalog import Event
from services.gateway.event_validator import EventValidator
from tests import tapes
from tests.folded import WIRE
from tests.gateway.conftest import Desk
from tests.sent import admitted, asked, declared, event, id_of, of_demand, registered, uuid

VALIDATOR = EventValidator(WIRE, 400)


def _with(made: dict[str, Any], **data: Any) -> dict[str, Any]:
    return made | {"data": made["data"] | data}


def _codes(sent: Any, validator: EventValidator = VALIDATOR) -> set[tuple[str, str]]:
    found = validator.validate(sent, now_ms())
    return {(problem.pointer, problem.code) for problem in found.problems} if isinstance(found, RefusedEvent) else set()


@pytest.mark.parametrize("name", ["1", "client-4711", "Fatima.El-Amrani:1987-03-02:BSN123456782"])
def test_f6_an_id_is_a_uuid_a_ulid_or_hexadecimal(name: str) -> None:
    """F6: an id that could be a client's number or a name is refused."""
    assert _codes(declared() | {"id": name}) == {("/id", "bad_id")}


def test_an_old_event_can_be_corrected() -> None:
    """`corrects` is free: an event from before this rule has whatever id it has."""
    assert _codes(event("correction", corrects={"source": "urn:plek:shelter:berk:desk-1", "id": "1"}, reason="mistake")) == set()


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        (declared() | {"source": "urn:plek:shelter:berk:19870302"}, "/source"),
        (declared() | {"source": "urn:plek:shelter:berk:kerkstraat-12-3511ab"}, "/source"),
        (_with(admitted(), unit="kamer-bsn123456782"), "/data/unit"),
        (event("transfer", stay=uuid(1), to_unit="u-0612345678"), "/data/to_unit"),
        (asked("3fa9c1d2e4b56078", desk="desk-02-03-1987"), "/data/desk"),
        (_with(registered(), name="Kerkstraat 12, 3511 AB Utrecht"), "/data/name"),
        (_with(registered(), name="Bel 06 12345678"), "/data/name"),
    ],
)
def test_f6_personal_data_are_refused_where_they_stand(sent: dict[str, Any], pointer: str) -> None:
    """F6: in a source, a unit, a desk and a name."""
    assert _codes(sent) == {(pointer, "personal_data")}


@pytest.mark.parametrize("name", ['Kerkstraat 12, Utrecht\n=HYPERLINK("http://x")', "Berk\r", "Berk\x00", "Berk\u2028", "Berk\u202e"])
def test_f6_a_name_is_one_line_of_text(name: str) -> None:
    """F6: a control character or a line feed would break every list a customer makes of it."""
    assert _codes(_with(registered(), name=name)) == {("/data/name", "bad_format")}


@pytest.mark.parametrize("name", ["Berk", "Locatie Öland", "'t Huis (2)", "x" * 80, "Плек 🏠"])
def test_a_name_of_up_to_80_code_points_is_accepted(name: str) -> None:
    """A name that the contract allows and no pattern forbids is accepted."""
    assert _codes(_with(registered(), name=name)) == set()


def test_languages_have_a_maximum() -> None:
    """F12: 676 languages are no answer to the question which ones are spoken."""
    all_there_are = [first + second for first in "abcdefghijklmnopqrstuvwxyz" for second in "abcdefghijklmnopqrstuvwxyz"]
    assert _codes(_with(registered(), languages=all_there_are)) == {("/data/languages", "too_many")}
    need = {"kinds": [], "features": [], "men": 0, "oldest_son_age": None, "security": "open", "services": [], "languages": all_there_are}
    counts: dict[str, Any] = {"exclude_regions": [], "fitting_units": 0, "offers": 0, "view": {}}
    made = of_demand("search-made", search=uuid(1), region="R07", adults=1, children=0, need=need, **counts)
    assert _codes(made) == {("/data/need/languages", "too_many")}


def test_all_that_is_wrong_is_reported_at_once() -> None:
    """All that is wrong is reported at once, with what the codec finds, and once a place."""
    sent = _with(registered(), name="", max_son_age=19) | {
        "id": "1 2",
        "source": "urn:plek:shelter:berk:19870302",
        "time": "2024-01-01T00:00:00Z",
    }
    wrong = {("/id", "bad_format"), ("/data/name", "bad_format"), ("/data/max_son_age", "out_of_range")}
    assert _codes(sent) == wrong | {("/source", "personal_data"), ("/time", "too_old")}


async def test_f6_no_value_is_repeated(desk: Desk) -> None:
    """F6: the answer has the code and the pointer of each error, and no value that was sent."""
    sent = _with(admitted(), unit="kamer-19870302") | {"id": "Fatima.El-Amrani", "source": "urn:plek:shelter:berk:bsn123456782"}
    answer = await desk.send(desk.callers.shelter("berk"), sent)
    assert {(error["pointer"], error["code"]) for error in answer.json()["errors"]} == {
        ("/id", "bad_id"),
        ("/source", "personal_data"),
        ("/data/unit", "personal_data"),
    }
    assert not any(value in answer.text for value in ("Fatima", "19870302", "123456782"))
    assert desk.records == []


def test_history_has_ids_of_its_own() -> None:
    """Where events of any age are accepted, any id is too; personal data are not."""
    history = EventValidator(WIRE, None)
    assert _codes(declared() | {"id": "1"}, history) == set()
    assert _codes(_with(admitted(), unit="kamer-19870302") | {"id": "1"}, history) == {("/data/unit", "personal_data")}


def test_the_log_is_read_as_it_is() -> None:
    """An event that the validator would refuse today is decoded from the log as ever."""
    assert isinstance(WIRE.decode_object(_with(admitted(), unit="kamer-19870302") | {"id": "1"}), Event)


@pytest.mark.parametrize("tape", tapes.names(timed=False))
def test_the_recorded_logs_are_accepted(tape: str) -> None:
    """Every line that the codec decodes passes the validator at its own time: a recorded log may be sent over HTTP."""
    read = [WIRE.decode("beds", line.key, line.value) for line in tapes.load(tape)]
    events = [each for each in read if isinstance(each, Event)]
    assert events
    assert all(VALIDATOR.validate_event(each, each.time // 1_000_000) is None for each in events)


def test_an_id_is_made_alike_each_time() -> None:
    """The ids that tests make are equal for equal names, and of the contract's form."""
    assert id_of("admission", 1) == id_of("admission", 1) != id_of("admission", 2)
    assert _codes(declared() | {"time": show(now_ms() * 1_000_000)}) == set()
