"""The parts of proposals over a log and a view in memory, and the intake topic of an organisation in front of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import now_ms, seconds
from services.adapters.kafka.topics import Topics
from services.gateway.event_log import EventLog
from services.gateway.event_validator import EventValidator
from services.gateway.event_volume import EventVolume
from services.gateway.kafka_intake import IntakeReader
from services.gateway.proposals.proposal_parts import ProposalParts, compose_proposals
from services.gateway.sent_events.recent_events import RecentEvents
from tests.audited import Audited
from tests.folded import WIRE
from tests.gateway.conftest import Desk
from tests.gateway.intake_rows import Row
from tests.gateway.volumes import volume_over
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog
from tests.twins.memory_log_reader import MemoryLogReader


def proposals_over(log: MemoryLog, volume: EventVolume, *, second_person: bool = True) -> ProposalParts:
    """Make the parts of one gateway, with the secret of the tests and without a view that is waited for."""
    events = EventLog(log=log, topics=Topics("plek"), codec=WIRE, trackers={}, seconds=seconds, metrics=volume.metrics, volume=volume)
    followed = MemoryCompactedTopic(log, "plek.proposals")
    recent = RecentEvents(log=MemoryLogReader(log, "plek.bed-events"), codec=WIRE, partitions=log.partitions, now=now_ms)
    return compose_proposals(followed, events, recent, Pseudonyms("a key"), now_ms, second_person=second_person)


@dataclass
class FakeIntake:
    """The intake topic of one organisation, in front of the proposals of a gateway."""

    reader: IntakeReader
    organisation: str

    async def take(self, *sent: Any) -> list[str]:
        """Hand events over as records; return what was written for each, in the order of the topics."""
        log: Any = self.reader.log
        before = {place: len(records) for place, records in log.records.items()}
        topic = f"plek.intake.{self.organisation}"
        rows = [Row(each["subject"].encode(), orjson.dumps(each), number, topic) for number, each in enumerate(sent)]
        await self.reader.take(topic, rows, self._no_topics)
        written = [(to, record) for (to, number), records in log.records.items() for record in records[before.get((to, number), 0) :]]
        return [became(to, record) for to, record in written]

    async def _no_topics(self) -> set[str]:
        return set()


def became(topic: str, record: Any) -> str:
    """Return what a record that was written says of the one that was sent."""
    if topic.endswith(".proposals"):
        return "proposed"
    return dict(record.headers)["reason"].decode() if record.headers else "accepted"


def intake_over(desk: Desk, folder: Path, organisation: str) -> FakeIntake:
    """Make the intake of an organisation at a gateway."""
    reader = IntakeReader(
        topics=Topics("plek"),
        validator=EventValidator(WIRE, 400),
        log=desk.log,
        view=desk.folded.view,
        partitions=12,
        oldest_ms=60_000,
        now=now_ms,
        metrics=desk.metrics,
        volume=volume_over(desk.log, desk.folded, Audited(), folder / organisation),
        changes=desk.proposals.changes,
        proposals=desk.proposals.log,
    )
    return FakeIntake(reader, organisation)
