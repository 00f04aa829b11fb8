"""The one owner of the names and settings of topics (contract, section 2; design, section 4).

The truth topics are the only record of what happened: never compacted, never expired, timed by the broker, and flushed or copied
before a write counts. `create_topics` creates what is missing and changes nothing that exists; `check_topics` lists what is wrong with it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from aiokafka.partitioner import murmur2

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.datasets import NAME, dataset_kind
from services.adapters.kafka.dead_letters import LARGEST_BYTES
from services.adapters.kafka.topic_admin import Plan, TopicAdmin, TopicsError
from services.domain.durations import DAY_MS, HOUR_MS

TimestampType = Literal["LogAppendTime", "CreateTime"]

PARTITIONS = 12
"""Of the truth topics: at most so many processors share the work. Must not change later: a shelter would move to another partition."""

# The broker decompresses what senders have compressed, and then measures it: no record is larger than its dead letter may be, and none
# needs a codec that a reader lacks. Either would stop a partition for good.
_UNCOMPRESSED = {"compression.type": "uncompressed", "max.message.bytes": "1048588"}
# In a data set that is not live its writer sets the times, also ahead of the broker's clock, and a year that is written in a minute needs
# no new file for each of its weeks
_CREATED = {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": str(2**63 - 1), "segment.ms": str(36_500 * DAY_MS)}
_LOGGED = {"message.timestamp.type": "LogAppendTime"}
_COMPACTED = {"retention.ms": "-1", "retention.bytes": "-1", **_LOGGED}
_BEDS = "bed-events"
_COPIES = 3
# Five years with a leap day or two (NEN 7513)
AUDIT_KEPT_MS = 1_827 * DAY_MS
"""For how long the audit log holds a record at least: `plek forget` deletes older ones."""
NEED_KEYS_KEPT_DAYS = 32
"""How long Kafka holds a key of needs at most."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of the topics of one data set, real, simulated or imported: each has a prefix of its own."""

    prefix: str = "plek"

    @property
    def timestamps(self) -> TimestampType:
        """The clock of the truth topics: the broker's, except in a data set that brings its own times."""
        return "LogAppendTime" if dataset_kind(self.prefix) == "live" else "CreateTime"

    @property
    def bed_events(self) -> str:
        """Shelter facts and holds: the truth of the live view."""
        return f"{self.prefix}.{_BEDS}"

    @property
    def demand_events(self) -> str:
        """Searches, hotel fallbacks, waiting lists."""
        return f"{self.prefix}.demand-events"

    @property
    def dead_letters(self) -> str:
        """What was refused, with its original bytes."""
        return f"{self.prefix}.dead-letters"

    @property
    def monitor_snapshots(self) -> str:
        """Published figures."""
        return f"{self.prefix}.monitor-snapshots"

    @property
    def audit(self) -> str:
        """Who looked at what, and who decided what."""
        return f"{self.prefix}.audit"

    @property
    def audit_heads(self) -> str:
        """What the audit log held every ten minutes, signed."""
        return f"{self.prefix}.audit-heads"

    @property
    def checkpoints(self) -> str:
        """With what the truth topics begin once their older records are deleted."""
        return f"{self.prefix}.checkpoints"

    @property
    def audit_openings(self) -> str:
        """Which pseudonyms of the audit log auditors have asked to open."""
        return f"{self.prefix}.audit-openings"

    @property
    def proposals(self) -> str:
        """Changes of shelters that wait for a second person, and what was decided."""
        return f"{self.prefix}.proposals"

    @property
    def alarms(self) -> str:
        """Alerts to coordinators, and broken glass."""
        return f"{self.prefix}.alarms"

    @property
    def revoked_tokens(self) -> str:
        """Digests of tokens that their holders have given back."""
        return f"{self.prefix}.revoked-tokens"

    @property
    def push_subscriptions(self) -> str:
        """Which browsers are to be notified for which shelters, sealed."""
        return f"{self.prefix}.push-subscriptions"

    @property
    def need_keys(self) -> str:
        """The keys that open sealed needs, wrapped."""
        return f"{self.prefix}.need-keys"

    @property
    def family(self) -> str:
        """The first characters of every topic of this data set, and of no other's."""
        return f"{self.prefix}."

    def owns(self, name: str) -> bool:
        """Return whether a topic or a consumer group belongs to this data set."""
        return name.startswith((self.family, self.processor_group))

    @property
    def processor_group(self) -> str:
        """The consumer group of the processors."""
        return f"{self.prefix}-processor"

    @property
    def intake_group(self) -> str:
        """The consumer group of the intake agents."""
        return f"{self.prefix}.intake"

    def truth(self, topic: Literal["beds", "demand"]) -> str:
        """Return the truth topic of beds or of demand."""
        return self.bed_events if topic == "beds" else self.demand_events

    def intake(self, organisation: str) -> str:
        """Return the topic that an organisation's own system writes to."""
        return f"{self.prefix}.intake.{organisation}"

    def refused(self, organisation: str) -> str:
        """Return the topic on which an organisation's own system reads what was refused of its own."""
        return f"{self.intake(organisation)}.refused"

    @property
    def intake_pattern(self) -> str:
        """A pattern of the intake topics of all organisations; group 1 is the organisation."""
        return rf"^{re.escape(self.prefix)}\.intake\.([a-z0-9-]{{1,40}})$"

    def organisation(self, topic: str) -> str | None:
        """Return the organisation of an intake topic; None for any other topic."""
        match = re.match(self.intake_pattern, topic, re.ASCII)
        return match[1] if match else None


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition that Kafka's own producers, in any language, give a key."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def plans(names: Topics, *, brokers: int, partitions: int = PARTITIONS, organisations: Iterable[str] = ()) -> list[Plan]:
    """Return every topic as it must be on a cluster of this many brokers, with an intake topic for each organisation."""
    timed = _LOGGED if names.timestamps == "LogAppendTime" else _CREATED
    copies = _COPIES if brokers >= _COPIES else 1
    durable = _durability(brokers)
    for_ever = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
    truth = {**for_ever, **timed, **_UNCOMPRESSED, **_durability(brokers, rewritable=timed is _CREATED)}
    return [
        Plan(names.bed_events, partitions, copies, truth),
        Plan(names.demand_events, partitions, copies, truth),
        Plan(names.dead_letters, partitions, copies, {**_retention(90), "max.message.bytes": str(LARGEST_BYTES), **durable}),
        Plan(names.monitor_snapshots, 1, copies, {**for_ever, **durable}),
        # One partition, so that records have one order. `plek forget` deletes what is older than five years
        Plan(names.audit, 1, copies, {**for_ever, **_LOGGED, **_UNCOMPRESSED, **durable}),
        # As long as the log itself: a head that is gone proves nothing
        Plan(names.audit_heads, 1, copies, {**for_ever, **_LOGGED, **_UNCOMPRESSED, **durable}),
        # What a log begins with is a part of it: kept as the log is, until the next checkpoint replaces it
        Plan(names.checkpoints, 1, copies, {**for_ever, **_LOGGED, **_UNCOMPRESSED, **durable}),
        # Longer than a request waits and is open (`services/api/operator/openings.py`)
        Plan(names.audit_openings, 1, copies, {**_retention(30), **_UNCOMPRESSED, **durable}),
        # One partition each: every process follows it whole, and keeps the newest record of each key in memory
        Plan(names.proposals, 1, copies, {**_COMPACTED, "cleanup.policy": "compact", **_UNCOMPRESSED, **durable}),
        Plan(names.alarms, 1, copies, {**_retention(90), "cleanup.policy": "compact,delete", **_UNCOMPRESSED, **durable}),
        Plan(names.revoked_tokens, 1, copies, {**_retention(8), **_UNCOMPRESSED, **durable}),
        Plan(names.push_subscriptions, 1, copies, {**_retention(30), "cleanup.policy": "compact,delete", **_UNCOMPRESSED, **durable}),
        Plan(names.need_keys, 1, copies, {**_FORGOTTEN, **_UNCOMPRESSED, **durable}),
        *(plan for organisation in organisations for plan in _of_organisation(names, organisation, copies, durable)),
    ]


def _of_organisation(names: Topics, organisation: str, copies: int, durable: dict[str, str]) -> list[Plan]:
    """Return the topics of an organisation's own system; one partition each, so that an answer has the order of what it answers."""
    return [
        Plan(names.intake(organisation), 1, copies, {**_retention(14), **_UNCOMPRESSED, **durable}),
        Plan(names.refused(organisation), 1, copies, {**_retention(14), **durable}),
    ]


def _durability(brokers: int, *, rewritable: bool = False) -> dict[str, str]:
    """Return what must happen before a write is acknowledged: two copies, or with fewer than three brokers a flush to the disk.

    A data set that can be written again, from its file or its seed, does without the flush: a year would take minutes.
    """
    if brokers >= _COPIES:
        return {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
    return {} if rewritable else {"flush.messages": "1"}


def _retention(days: int) -> dict[str, str]:
    # The broker's clock counts here too: records of a sender with a wrong one would be deleted at once, or never.
    return {"retention.ms": str(days * DAY_MS), "cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime"}


# A key is destroyed at most 31 days after it was made (ADR 52). The cleaner removes the bytes of a destroyed key within about a day, also
# of a topic that is all but empty; should no service destroy any, Kafka deletes each record a day later
_FORGOTTEN = {
    **_retention(NEED_KEYS_KEPT_DAYS),
    "cleanup.policy": "compact,delete",
    "segment.ms": str(HOUR_MS),
    "max.compaction.lag.ms": str(DAY_MS),
    "delete.retention.ms": str(DAY_MS),
    "min.cleanable.dirty.ratio": "0.01",
}


async def create_topics(brokers: KafkaConnection, prefix: str, partitions: int = PARTITIONS, *, organisations: Iterable[str] = ()) -> None:
    """Create the topics that are missing and wait until each can be written to; TopicsError."""
    async with TopicAdmin(brokers) as admin:
        wanted = plans(Topics(prefix), brokers=await admin.brokers(), partitions=partitions, organisations=organisations)
        await admin.create(wanted)
        await admin.wait_for_leaders([plan.name for plan in wanted])


async def check_topics(brokers: KafkaConnection, prefix: str, partitions: int = PARTITIONS) -> list[str]:
    """List each missing topic and each wrong setting in one line; TopicsError without Kafka."""
    async with TopicAdmin(brokers) as admin:
        wanted = plans(Topics(prefix), brokers=await admin.brokers(), partitions=partitions)
        present = await admin.describe([plan.name for plan in wanted])
        return [line for plan in wanted for line in differences(plan, present.get(plan.name))]


async def list_worlds(brokers: KafkaConnection) -> list[str]:
    """List the prefixes of the data sets that have a log and are not live; TopicsError without Kafka.

    A prefix that is no name of a data set was not made by Plek, and no verb could name it: one is left out, and hides no other.
    """
    async with TopicAdmin(brokers) as admin:
        names = await admin.names()
    prefixes = {name.removesuffix(f".{_BEDS}") for name in names if name.endswith(f".{_BEDS}")}
    return sorted(prefix for prefix in prefixes if NAME.fullmatch(prefix))


async def delete_topics(brokers: KafkaConnection, prefix: str) -> None:
    """Delete the topics of a data set, and with them the offsets its consumers committed; TopicsError, also for the live data set.

    The audit log of an imported data set is kept: it records who read data of shelters that once were real.
    """
    if dataset_kind(prefix) == "live":
        raise TopicsError(f"{prefix} is the real country: its log is never deleted")
    async with TopicAdmin(brokers) as admin:
        spared = {Topics(prefix).audit, Topics(prefix).audit_heads} if dataset_kind(prefix) == "imported" else set()
        await admin.delete([name for name in await admin.names() if name.startswith(Topics(prefix).family) and name not in spared])


def differences(wanted: Plan, present: Plan | None) -> list[str]:
    """List in a line each how a topic differs from how it must be; settings beside the wanted ones are the operator's."""
    if present is None:
        return [f"{wanted.name}: missing"]
    lines = []
    if present.partitions != wanted.partitions:
        lines.append(f"{wanted.name}: has {present.partitions} partitions, must have {wanted.partitions}")
    if present.copies < wanted.copies:
        lines.append(f"{wanted.name}: has {present.copies} copies, must have {wanted.copies}")
    return lines + [
        f"{wanted.name}: {name} is {present.settings.get(name, 'not set')}, must be {value}"
        for name, value in wanted.settings.items()
        if present.settings.get(name) != value
    ]
