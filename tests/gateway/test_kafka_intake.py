"""Intake decides what goes on to the log and what to the dead letters, and when it waits instead."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio

from services.adapters.clock import now_ms
from services.adapters.codec.event_codec import encode
from services.adapters.kafka.ports import LogRecord, LogUnavailableError
from services.adapters.kafka.topics import Topics, partition_of
from services.adapters.observability.metrics import Metrics
from services.adapters.rfc3339 import show
from services.adapters.schemas.examples import example
from services.adapters.view.ports import ViewUnavailableError
from services.domain.events.catalog import SHORT_NAMES, TYPE_NAMES
from services.gateway.authorization import MAY_SEND
from services.gateway.event_validator import EventValidator
from services.gateway.kafka_intake import IntakeReader
from tests.audited import Audited
from tests.folded import WIRE, Folded
from tests.gateway.intake_rows import TOPIC, Row
from tests.gateway.proposals.proposing import became, proposals_over
from tests.gateway.volumes import volume_over
from tests.sent import admitted, asked, declared, event, kafka_headers, registered, uuid
from tests.twins.memory_log import MemoryLog


@dataclass
class Intake:
    """A reader, and what stands around it; in binary mode where `binary`."""

    reader: IntakeReader
    log: MemoryLog
    folded: Folded
    binary: bool = False
    topics: set[str] = field(default_factory=set)

    async def listed(self) -> set[str]:
        """List the topics that exist."""
        return self.topics

    @property
    def refusals(self) -> list[LogRecord]:
        """Return what came back to the organisations."""
        return [record for (name, _), records in self.log.records.items() if name.endswith(".refused") for record in records]

    def row(self, sent: Any, key: str | None, offset: int, topic: str) -> Row:
        """Make the record of an event, or of bytes that are none."""
        binary = self.binary and isinstance(sent, dict)
        value = sent if isinstance(sent, bytes) else orjson.dumps(sent["data"] if binary else sent)
        return Row(key.encode() if key else None, value, offset, topic, kafka_headers(sent) if binary else ())

    async def take(self, *sent: Any, key: str | None = "berk", topic: str = TOPIC) -> list[str]:
        """Hand records over; return of each record that was written what became of it, in order."""
        rows = [self.row(each, key, offset, topic) for offset, each in enumerate(sent)]
        self.log.records.clear()
        await self.reader.take(topic, rows, self.listed)
        written = [(to, record) for (to, _), records in self.log.records.items() for record in records if not to.endswith(".refused")]
        return [became(to, record) for to, record in written]


@pytest_asyncio.fixture(params=["structured", "binary"])
async def intake(request: pytest.FixtureRequest, tmp_path: Path) -> Intake:
    """Make a reader, which is handed records in one of the two modes; the shelter berk is of org-1."""
    folded, log = Folded(now_ms()), MemoryLog(1)
    await folded.begin()
    await folded.fold(registered())
    volume = volume_over(log, folded, Audited(), tmp_path)
    proposals = proposals_over(log, volume)
    reader = IntakeReader(
        topics=Topics("plek"),
        validator=EventValidator(WIRE, 400),
        log=log,
        view=folded.view,
        partitions=12,
        oldest_ms=15_000,
        now=now_ms,
        metrics=Metrics(),
        volume=volume,
        changes=proposals.changes,
        proposals=proposals.log,
    )
    return Intake(reader, log, folded, binary=request.param == "binary", topics={TOPIC, f"{TOPIC}.refused"})


async def test_good_records_go_on_in_order(intake: Intake) -> None:
    """Records that keep the rules go to the topic of beds in their order, in canonical form."""
    sent = [admitted(f"u{number}", stay=number) for number in range(20)]
    assert await intake.take(*sent) == ["accepted"] * 20
    kept = intake.log.records["plek.bed-events", 0]
    assert [orjson.loads(record.value or b"")["id"] for record in kept] == [each["id"] for each in sent]


async def test_bad_records_become_dead_letters_with_their_bytes(intake: Intake) -> None:
    """A dead letter has the original bytes, the reason and the position (R13); the next record is not held up."""
    raw = b'{"specversion": "1.0",, }'
    assert sorted(await intake.take(raw, admitted())) == ["accepted", "unreadable"]
    [letter] = intake.log.records["plek.dead-letters", 0]
    assert (letter.key, letter.value) == (b"berk", raw)
    assert dict(letter.headers) == {"reason": b"unreadable", "topic": TOPIC.encode(), "partition": b"0", "offset": b"0"}


async def test_a_record_keeps_the_trace_that_its_sender_gave_it(intake: Intake, caplog: pytest.LogCaptureFixture) -> None:
    """The trace of a record goes on into the log or into its dead letter, whose log line names it; other headers do not."""
    sent = (("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("who", b"CANARY"))
    rows = [Row(b"berk", value, offset, headers=sent) for offset, value in enumerate((orjson.dumps(admitted()), b"{", b"["))]
    await intake.reader.take(TOPIC, rows, intake.listed)
    assert [record.headers for record in intake.log.records["plek.bed-events", 0]] == [sent[:1]]
    assert [dict(letter.headers)["traceparent"] for letter in intake.log.records["plek.dead-letters", 0]] == [sent[0][1]] * 2
    [line] = [vars(record) for record in caplog.records if record.message == "sent to the dead letters"]
    assert (line["why"], line["offset"], line["count"], line["trace"]) == ("unreadable", 1, 2, "4bf92f3577b34da6a3ce929d0e0e4736")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (declared() | {"time": show((now_ms() + 86_400_000) * 1_000_000)}, "in_future"),
        (declared() | {"time": show((now_ms() - 401 * 86_400_000) * 1_000_000)}, "too_old"),
        (declared() | {"type": "nl.plek.unit-declared.v2"}, "version_too_new"),
        (declared() | {"type": "nl.plek.search-ended.v1"}, "other_topic"),
        (declared() | {"subject": "den"}, "mismatch"),
        (declared(shelter="den"), "mismatch"),
        (registered(organisation="org-2"), "not_yours"),
        (declared() | {"id": "client-4711"}, "bad_id"),
        (admitted("u-19870302"), "personal_data"),
        (b"", "unreadable"),
    ],
)
async def test_what_is_refused_over_http_is_refused_here(intake: Intake, sent: Any, reason: str) -> None:
    """Intake checks what HTTP checks: the validator, the rules of the contract, and the owner of the shelter."""
    assert await intake.take(sent) == [reason]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (asked("3fa9c1d2e4b56078") | {"source": "urn:plek:shelter:berk:system"}, "not_for_role"),
        (event("hold-extended", hold=uuid(1), ttl_seconds=600), "not_for_role"),
        (event("hold-released", hold=uuid(1), source="urn:plek:worker"), "not_for_role"),
        (admitted(source="urn:plek:shelter:den:desk-1"), "not_yours"),
        (admitted(source="urn:plek:worker"), "not_yours"),
        (admitted(source="urn:plek:shelter:berk"), "not_yours"),
        (registered("berk", source="urn:plek:coordinator"), "not_yours"),
    ],
)
async def test_f5_what_the_role_shelter_may_not_send_no_system_may(intake: Intake, sent: Any, reason: str) -> None:
    """F5: intake obeys the table of roles of HTTP: a system requests and releases no hold, and sends for no other shelter."""
    assert await intake.take(sent) == [reason]


async def test_a_refused_registration_makes_no_shelter(intake: Intake) -> None:
    """After a registration with another source is refused, what is declared in that shelter is refused as well."""
    new = [registered("den", organisation="org-1", source="urn:plek:worker"), declared(shelter="den")]
    assert await intake.take(*new, key="den") == ["not_yours", "not_yours"]


@pytest.mark.parametrize("event_name", sorted(MAY_SEND["shelter"]))
async def test_intake_and_http_have_one_table(intake: Intake, event_name: str) -> None:
    """Every type that the role shelter may send over HTTP is taken from an organisation's topic, changes of the shelter as proposals."""
    shape = next(shape for shape, name in TYPE_NAMES.items() if name == event_name)
    sent = orjson.loads(encode(example(shape)))
    sent |= {"source": "urn:plek:shelter:berk:system", "time": show(now_ms() * 1_000_000)}
    sent["data"] |= {name: value for name, value in {"organisation": "org-1"}.items() if name in sent["data"]}
    sent["data"] = {name: value for name, value in sent["data"].items() if name != "occurred_at"}
    becomes = {"shelter-registered": ["proposed"], "unit-declared": ["proposed"], "unit-withdrawn": []}  # there is no such unit: unchanged
    known = admitted(source="urn:plek:shelter:berk:system")
    if "corrects" in sent["data"]:
        sent["data"]["corrects"] = {"source": known["source"], "id": known["id"]}
        assert await intake.take(known, sent) == ["accepted", "accepted"]
        return
    assert await intake.take(sent) == becomes.get(SHORT_NAMES[shape], ["accepted"])


async def test_a_record_needs_a_key(intake: Intake) -> None:
    """A record without a key is a dead letter: it has no partition."""
    assert await intake.take(declared(), key=None) == ["no_key"]


async def test_another_organisation_can_not_write_of_it(intake: Intake) -> None:
    """An organisation sends no events of another's shelter, and can't register it as its own."""
    for sent in (admitted(), registered(organisation="org-2"), registered(organisation="org-1")):
        assert await intake.take(sent, topic="plek.intake.org-2") == ["not_yours"]


async def test_a_new_shelter_is_proposed_first(intake: Intake) -> None:
    """Events of an unknown shelter are refused; with or after its registration, which waits, units wait with it and facts are accepted."""
    facts = admitted(shelter="den"), event("count-confirmed", "den")
    new = [declared(shelter="den"), registered("den", organisation="org-1"), declared(shelter="den"), facts[0]]
    assert sorted(await intake.take(*new, key="den")) == ["accepted", "not_yours", "proposed"]
    assert await intake.take(facts[1], key="den") == ["accepted"]
    await intake.folded.fold(registered("den", organisation="org-1"))
    assert await intake.take(event("count-confirmed", "den", number=2), key="den") == ["accepted"]


async def test_it_waits_for_a_view_that_knows(intake: Intake) -> None:
    """While the view is away, rebuilt or not folded, no record is refused for that and none is let in."""
    await intake.folded.stand(partition_of(b"berk", 12), alive_at=now_ms() - 16_000)
    with pytest.raises(ViewUnavailableError):
        await intake.take(admitted())
    await intake.folded.stand(partition_of(b"berk", 12), rebuild_until=9)
    with pytest.raises(ViewUnavailableError):
        await intake.take(admitted())
    intake.folded.view.away = True
    with pytest.raises(ViewUnavailableError):
        await intake.take(admitted())
    assert not intake.log.records


async def test_it_waits_for_the_log(intake: Intake) -> None:
    """While the log is away nothing is committed: the reader raises."""
    intake.log.away = True
    with pytest.raises(LogUnavailableError):
        await intake.take(admitted())


async def test_a_refusal_comes_back_with_its_position_and_without_a_value(intake: Intake) -> None:
    """What is refused is answered on the organisation's own topic: where it stands, why, its opaque id; nothing else that was sent."""
    spoiled = declared("u2") | {"data": declared("u2")["data"] | {"max_adults": 99, "jan-jansen": 1}}
    await intake.take(admitted(), spoiled, b"{")
    [(_, first), (_, second)] = [(record.key, orjson.loads(record.value or b"")) for record in intake.refusals]
    assert first == {
        "reason": "out_of_range",
        "errors": [
            {"pointer": "/data/max_adults", "code": "out_of_range", "detail": "outside the range of the contract"},
            {"pointer": "/data", "code": "unknown_member", "detail": first["errors"][1]["detail"]},
        ],
        "topic": TOPIC,
        "partition": 0,
        "offset": 1,
        "time": "2023-11-14T22:13:20Z",
        "event": spoiled["id"],
    }
    assert b"jansen" not in (intake.refusals[0].value or b"")
    assert (second["reason"], second["offset"], "event" in second) == ("unreadable", 2, False)


async def test_an_id_that_may_say_something_of_a_person_does_not_come_back(intake: Intake) -> None:
    """An id that is not of an opaque form, or holds a date, is left out of the refusal."""
    await intake.take(declared() | {"id": "client-19870302"})
    [record] = intake.refusals
    assert b"1987" not in (record.value or b"")
    assert orjson.loads(record.value or b"")["reason"] == "bad_id"


async def test_without_a_topic_for_refusals_nothing_is_held_up(intake: Intake) -> None:
    """An organisation whose topic for refusals does not exist has its dead letters all the same, and its good records go on."""
    intake.topics.clear()
    assert sorted(await intake.take(b"{", admitted())) == ["accepted", "unreadable"]
    assert intake.refusals == []


async def test_each_organisation_is_answered_on_its_own_topic(intake: Intake) -> None:
    """What org-2 wrote of another's shelter is answered to org-2 alone."""
    intake.topics.add("plek.intake.org-2.refused")
    await intake.take(admitted(), topic="plek.intake.org-2")
    assert [name for name, _ in intake.log.records if name.endswith(".refused")] == ["plek.intake.org-2.refused"]


async def test_a_dead_letter_of_binary_mode_keeps_its_headers(intake: Intake) -> None:
    """The attributes of an event in binary mode are part of the original: its dead letter has them, and no other header."""
    sent = admitted(shelter="den")
    row = intake.row(sent, "den", 0, TOPIC)
    row.headers = [*row.headers, ("reason", b"another")]
    await intake.reader.take(TOPIC, [row], intake.listed)
    [letter] = intake.log.records["plek.dead-letters", 0]
    own = {"reason": b"not_yours", "topic": TOPIC.encode(), "partition": b"0", "offset": b"0"}
    assert dict(letter.headers) == own | (dict(kafka_headers(sent)) if intake.binary else {})


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([("content-type", b"application/cloudevents+json; charset=UTF-8")], "accepted"),
        ([("content-type", b"application/cloudevents+json"), ("ce_id", b"another"), ("ce_subject", b"den")], "accepted"),
        ([("content-type", b"application/json"), ("traceparent", b"00-1")], "accepted"),
        ([("ce_subject", b"den")], "missing"),
    ],
)
async def test_the_content_type_decides_how_a_record_is_read(intake: Intake, headers: list[tuple[str, bytes]], reason: str) -> None:
    """A structured event stays one whatever headers stand beside it; attributes in headers without that content type are binary mode."""
    await intake.reader.take(TOPIC, [Row(b"berk", orjson.dumps(admitted()), 0, TOPIC, headers)], intake.listed)
    [record] = [record for (name, _), records in intake.log.records.items() if not name.endswith(".refused") for record in records]
    assert (dict(record.headers)["reason"].decode() if record.headers else "accepted") == reason


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ([("ce_subject", b"den")], "repeated_header"),
        ([("ce_subject", b"berk")], "repeated_header"),
        ([("ce_type", None)], "repeated_header"),
        ([("ce_comment", b"a"), ("ce_comment", b"b")], "accepted"),
        ([("content-type", b"application/json")], "bad_format"),
        ([("ce_data_base64", b"e30="), ("ce_data", b"{}")], "accepted"),
    ],
)
async def test_of_two_headers_none_is_chosen(intake: Intake, extra: list[tuple[str, bytes | None]], reason: str) -> None:
    """An attribute or a content type that stands twice is refused, also with the same value; extension attributes are ignored."""
    sent = admitted()
    row = Row(b"berk", orjson.dumps(sent["data"]), 0, TOPIC, [*kafka_headers(sent), *extra])
    await intake.reader.take(TOPIC, [row], intake.listed)
    [record] = [record for (name, _), records in intake.log.records.items() if not name.endswith(".refused") for record in records]
    assert (dict(record.headers)["reason"].decode() if record.headers else "accepted") == reason
