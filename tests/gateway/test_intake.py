"""The intake agent's decisions: what goes on to the log, what to the dead letters, and when it waits instead."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import pytest_asyncio

from services.adapters.clock import now_ms
from services.adapters.instants import show
from services.adapters.log_port import LogUnavailableError
from services.adapters.memory_log import MemoryLog
from services.adapters.metrics import Metrics
from services.adapters.topics import Topics, partition_of
from services.adapters.view.port import ViewUnavailableError
from services.gateway.door import Door
from services.gateway.intake import Clerk
from tests.folded import WIRE, Folded
from tests.sent import admitted, declared, event, registered

TOPIC = "plek.intake.org-1"


@dataclass
class Row:
    """A record as a Kafka client hands it over."""

    key: bytes | None
    value: bytes | None
    offset: int
    topic: str = TOPIC
    partition: int = 0


@dataclass
class Office:
    """A clerk, and what stands around it."""

    clerk: Clerk
    log: MemoryLog
    folded: Folded

    async def take(self, *sent: Any, key: str | None = "berk", topic: str = TOPIC) -> list[str]:
        """Hand records over; tell of each that was written in the end what became of it, in order."""
        values = [each if isinstance(each, bytes) else orjson.dumps(each) for each in sent]
        rows = [Row(key.encode() if key else None, value, offset, topic) for offset, value in enumerate(values)]
        self.log.records.clear()
        await self.clerk.take(topic, rows)
        written = [record for records in self.log.records.values() for record in records]
        return [dict(record.headers)["reason"].decode() if record.headers else "accepted" for record in written]


@pytest_asyncio.fixture
async def office() -> Office:
    """Open an office; the shelter berk is of org-1."""
    folded, log = Folded(now_ms()), MemoryLog(1)
    await folded.begin()
    await folded.fold(registered())
    clerk = Clerk(
        topics=Topics("plek"),
        door=Door(WIRE, 400),
        log=log,
        view=folded.view,
        partitions=12,
        oldest_ms=15_000,
        now=now_ms,
        metrics=Metrics(),
    )
    return Office(clerk, log, folded)


async def test_the_good_go_on_in_order(office: Office) -> None:
    """In canonical form, to the topic of beds."""
    sent = [declared(f"u{number}") for number in range(20)]
    assert await office.take(*sent) == ["accepted"] * 20
    kept = office.log.records["plek.bed-events", 0]
    assert [orjson.loads(record.value or b"")["id"] for record in kept] == [each["id"] for each in sent]


async def test_the_bad_are_put_aside_with_their_bytes(office: Office) -> None:
    """With the reason and where they stood; the next one is not held up."""
    raw = b'{"specversion": "1.0",, }'
    assert sorted(await office.take(raw, declared())) == ["accepted", "unreadable"]
    [letter] = office.log.records["plek.dead-letters", 0]
    assert (letter.key, letter.value) == (b"berk", raw)
    assert dict(letter.headers) == {"reason": b"unreadable", "topic": TOPIC.encode(), "partition": b"0", "offset": b"0"}


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
        (b"", "unreadable"),
    ],
)
async def test_what_is_refused_over_http_is_refused_here(office: Office, sent: Any, reason: str) -> None:
    """The door, the rules of the contract, and whose shelter it is."""
    assert await office.take(sent) == [reason]


async def test_a_record_needs_a_key(office: Office) -> None:
    """Without one nobody knows its partition."""
    assert await office.take(declared(), key=None) == ["no_key"]


async def test_another_organisation_can_not_write_of_it(office: Office) -> None:
    """Neither its events, nor by registering it as its own."""
    for sent in (admitted(), registered(organisation="org-2"), registered(organisation="org-1")):
        assert await office.take(sent, topic="plek.intake.org-2") == ["not_yours"]


async def test_a_new_shelter_is_registered_first(office: Office) -> None:
    """An event of a shelter nobody registered is refused; after its registration, in the same breath, it is taken."""
    new = [declared(shelter="den"), registered("den", organisation="org-1"), declared(shelter="den")]
    assert sorted(await office.take(*new, key="den")) == ["accepted", "accepted", "not_yours"]
    assert await office.take(admitted(shelter="den"), key="den") == ["accepted"]
    await office.folded.fold(registered("den", organisation="org-1"))
    assert await office.take(event("count-confirmed", "den"), key="den") == ["accepted"]


async def test_it_waits_for_a_view_that_knows(office: Office) -> None:
    """Away, being rebuilt, or folded by nobody: nothing is refused because of it, and nothing let in."""
    await office.folded.stand(partition_of(b"berk", 12), alive_at=now_ms() - 16_000)
    with pytest.raises(ViewUnavailableError):
        await office.take(declared())
    await office.folded.stand(partition_of(b"berk", 12), rebuild_until=9)
    with pytest.raises(ViewUnavailableError):
        await office.take(declared())
    office.folded.view.away = True
    with pytest.raises(ViewUnavailableError):
        await office.take(declared())
    assert not office.log.records


async def test_it_waits_for_the_log(office: Office) -> None:
    """What is not acknowledged is not done."""
    office.log.away = True
    with pytest.raises(LogUnavailableError):
        await office.take(declared())
