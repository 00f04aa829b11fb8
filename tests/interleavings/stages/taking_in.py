"""Taking in: an organisation's own system writes to its intake topic, and a gateway that is killed hands its records on to the log.

The reader and the loop of the intake are the real ones; what becomes a proposal is left out, as no record here is one.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

import orjson
from aiokafka.errors import KafkaError
from faust.types import TP

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.ports import LogRecord
from services.adapters.rfc3339 import show_ms
from services.domain.events.catalog import Event
from services.gateway.event_validator import EventValidator
from services.gateway.kafka_intake import IntakeReader, KafkaIntake
from services.gateway.proposals.shelter_changes import SortedChanges
from tests.interleavings.broker import Appender, Stored
from tests.interleavings.seeded_loop import Process
from tests.interleavings.watched_view import WiredView
from tests.interleavings.world import BEGUN_MS, PARTITIONS, World
from tests.processor.logs import WIRE
from tests.sent import admitted, registered

_TOPIC: Final = TP("plek.intake.org-1", 0)
_SHELTERS: Final = ("berk", "eik")
_EVENTS: Final = 16
_MOST: Final = 6
_POLL_S: Final = 0.2
_RETRY_S: Final = 1.0
_OLDEST_MS: Final = 15_000


class _Changes:
    """Sorts nothing out: no event here changes a shelter."""

    def system(self, _organisation: str) -> None:
        """Return no sender."""

    async def sort(self, _sender: Any, events: Sequence[Event], _ownership: Any) -> SortedChanges:
        """Let every event go on to the log."""
        return SortedChanges(append=list(events))


async def _no_proposals(*_: Any) -> None:
    """Write no proposal."""


class _Consumer:
    """The consumer of one gateway; where it goes on is what its group has committed."""

    def __init__(self, intake: "Intake") -> None:
        self._intake, self._at = intake, intake.committed

    async def getmany(self, **_: int) -> dict[TP, list[Stored]]:
        """Return the next records, or none after a while."""
        world = self._intake.world
        await asyncio.sleep(world.dice.random() * _POLL_S)
        start, most = self._at, world.dice.randint(1, _MOST)
        records = await world.wire.call("log", "fetch intake", lambda: world.broker.read(_TOPIC, start, most), KafkaError)
        if not records:
            return {}
        self._at = records[-1].offset + 1
        return {_TOPIC: records}

    async def commit(self, offsets: Mapping[TP, int]) -> None:
        """Commit, unless Kafka is away."""
        await self._intake.world.wire.call("log", "commit intake", lambda: self._intake.commit(offsets[_TOPIC]), KafkaError)

    async def topics(self) -> set[str]:
        """Return no topic of refusals."""
        return set()

    def seek(self, _partition: TP, offset: int) -> None:
        """Go back."""
        self._at = offset


class Intake:
    """The intake of one organisation, and the process of the gateway that has it now."""

    def __init__(self, world: World) -> None:
        self.world, self.committed, self.starts = world, 0, 0
        self.process: Process = world.loop.process("gateway")
        world.services.append(self)
        self._append_country()
        self.start()

    def _append_country(self) -> None:
        at = {"time": show_ms(BEGUN_MS - 1_000)}
        records = [LogRecord(self.world.topics.bed_events, name.encode(), orjson.dumps(registered(name) | at)) for name in _SHELTERS]
        self.world.broker.append(records)

    def start(self) -> None:
        """Start a process."""
        self.starts += 1
        self.process = self.world.loop.process(f"gateway#{self.starts}")
        self.world.loop.run_as(self.process, self._run())
        self.world.wire.note("starts", process=self.process.name)

    def kill(self, why: str) -> None:
        """End the process at this step."""
        self.process.alive = False
        self.world.wire.note("KILLED", why, self.process.name)

    async def _run(self) -> None:
        intake = KafkaIntake(KafkaConnection("127.0.0.1:1"), self._reader())
        while True:
            try:
                await intake._consume(_Consumer(self))
            except KafkaError:  # as `run_forever` does, with a consumer of its own
                await asyncio.sleep(_RETRY_S)

    def _reader(self) -> IntakeReader:
        world, changes = self.world, _Changes()
        table = SimpleNamespace(ready=True, claimants=lambda _shelter, _now: set())
        silent: Any = SimpleNamespace(add=lambda _: None)
        proposals: Any = SimpleNamespace(table=table, append=_no_proposals)
        view: Any = WiredView("beds", world.beds, world.wire)
        sorting: Any = changes
        return IntakeReader(
            topics=world.topics,
            validator=EventValidator(WIRE, 400),
            log=Appender(world.broker, world.wire),
            view=view,
            partitions=PARTITIONS,
            oldest_ms=_OLDEST_MS,
            now=lambda: world.now(self.process),
            metrics=world.counted,
            volume=silent,
            changes=sorting,
            proposals=proposals,
        )

    def commit(self, offset: int) -> None:
        """Commit an offset of the group, and check that the log has what became of every record below it."""
        missing = [where for where in self._missing() if where < offset]
        if missing:
            self.world.broken.append(f"the intake commits {offset}, and the log has nothing of {missing}")
        self.committed = offset

    def _missing(self) -> list[int]:
        """Return the offsets of the records of which neither the log nor the dead letters have anything."""
        world = self.world
        tps = [TP(world.topics.bed_events, number) for number in range(PARTITIONS)]
        ids = {orjson.loads(record.value or b"{}").get("id") for tp in tps for record in world.broker.records[tp]}
        letters = {record.value for record in world.broker.records[TP(world.topics.dead_letters, 0)]}
        return [
            record.offset
            for record in world.broker.records[_TOPIC]
            if record.value not in letters and (record.value == _SPOILED or orjson.loads(record.value or b"{}").get("id") not in ids)
        ]

    def senders(self) -> list[Any]:
        """Return what the system of the organisation does."""
        return [self._write()]

    async def _write(self) -> None:
        """Write admissions, and now and then a record that is none."""
        for number in range(_EVENTS):
            await asyncio.sleep(self.world.dice.random() * _POLL_S)
            shelter = self.world.dice.choice(_SHELTERS)
            event = admitted(f"u{number}", shelter, stay=number + 1) | {"time": show_ms(BEGUN_MS)}
            value = _SPOILED if self.world.dice.random() < 0.1 else orjson.dumps(event)
            self.world.broker.append([LogRecord(_TOPIC.topic, shelter.encode(), value)])

    def behind(self) -> list[str]:
        """Return what is still to be taken in."""
        end = self.world.broker.end(_TOPIC)
        return [] if self.committed == end else [f"the intake stands at {self.committed} of {end}"]

    async def settle(self) -> None:
        """Wait for nothing."""

    def close(self) -> None:
        """Close nothing."""

    def wrong(self) -> list[str]:
        """Return what is lost, once all is committed."""
        return [f"the intake has lost {offset}" for offset in self._missing()]


_SPOILED: Final = b"no JSON"
