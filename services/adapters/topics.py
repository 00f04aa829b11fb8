"""Topics: the one owner of their names and settings (contract, section 2; design, section 4).

The truth topics are the only record of what happened: never compacted, never expired, timed by the broker, and flushed or copied
before a write counts. `create_topics` makes what is missing and changes nothing that exists; `check_topics` says what is wrong with it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from aiokafka.partitioner import murmur2

from services.adapters.brokers import Brokers
from services.adapters.dead_letters import LARGEST_BYTES
from services.adapters.topic_admin import Plan, TopicAdmin, TopicsError
from services.adapters.worlds import kind_of

TimestampType = Literal["LogAppendTime", "CreateTime"]

PARTITIONS = 12
"""Of the truth topics: as many workers can share the work. It can't be changed later: a shelter would move to another partition."""

_DAY_MS = 86_400_000
# The broker unpacks what senders have compressed, and measures it then: no record is larger than its dead letter may be, and none needs
# a codec that a reader lacks. Either would stop a partition for good.
_PLAIN = {"compression.type": "uncompressed", "max.message.bytes": "1048588"}
# In a world that is not live the times are those of its country: whoever writes it sets them, also ahead of the broker's clock, and a year
# that is written in a minute needs no new file for each of its weeks
_CREATED = {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": str(2**63 - 1), "segment.ms": str(36_500 * _DAY_MS)}
_LOGGED = {"message.timestamp.type": "LogAppendTime"}
_BEDS = "bed-events"
_COPIES = 3


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of the topics under a prefix: one country, real or simulated, a prefix."""

    prefix: str = "plek"

    @property
    def timestamps(self) -> TimestampType:
        """Whose clock rules in the truth topics: the broker's, but where a country is written down with times of its own."""
        return "LogAppendTime" if kind_of(self.prefix) == "live" else "CreateTime"

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
    def family(self) -> str:
        """What every topic of this world begins with, and none of another."""
        return f"{self.prefix}."

    def owns(self, name: str) -> bool:
        """Whether a topic or a consumer group is of this world."""
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
        """Name the truth topic that the wire calls beds or demand."""
        return self.bed_events if topic == "beds" else self.demand_events

    def intake(self, organisation: str) -> str:
        """Name the topic an organisation's own system writes to."""
        return f"{self.prefix}.intake.{organisation}"

    @property
    def intake_pattern(self) -> str:
        """Match the intake topics of all organisations; group 1 is the organisation."""
        return rf"^{re.escape(self.prefix)}\.intake\.([a-z0-9-]{{1,40}})$"

    def organisation(self, topic: str) -> str | None:
        """Tell whose intake topic this is; None when it is none."""
        found = re.match(self.intake_pattern, topic, re.ASCII)
        return found[1] if found else None


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """Tell which partition Kafka's own producers, in any language, put a key in."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def plans(
    names: Topics,
    *,
    brokers: int,
    partitions: int = PARTITIONS,
    timestamps: TimestampType | None = None,
    organisations: Iterable[str] = (),
) -> list[Plan]:
    """List how every topic ought to be on a cluster of this many brokers, with an intake topic for each organisation.

    `timestamps` are those of the world unless said otherwise.
    """
    timed = _LOGGED if (timestamps or names.timestamps) == "LogAppendTime" else _CREATED
    copies = _COPIES if brokers >= _COPIES else 1
    safe = _safety(brokers)
    for_ever = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
    truth = {**for_ever, **timed, **_PLAIN, **_safety(brokers, again=timed is _CREATED)}
    return [
        Plan(names.bed_events, partitions, copies, truth),
        Plan(names.demand_events, partitions, copies, truth),
        Plan(names.dead_letters, partitions, copies, {**_kept(90), "max.message.bytes": str(LARGEST_BYTES), **safe}),
        Plan(names.monitor_snapshots, 1, copies, {**for_ever, **safe}),
        # One partition: what happened has one order. The law asks for five years, and a chain that begins somewhere else proves less.
        Plan(names.audit, 1, copies, {**for_ever, "message.timestamp.type": "LogAppendTime", **_PLAIN, **safe}),
        *(Plan(names.intake(organisation), 1, copies, {**_kept(14), **_PLAIN, **safe}) for organisation in organisations),
    ]


def _safety(brokers: int, *, again: bool = False) -> dict[str, str]:
    """Say what must have happened before a write is acknowledged: two copies, or with fewer brokers a flush to a disk.

    What can be written `again`, from its file or its seed, does without the flush: a year would take minutes.
    """
    if brokers >= _COPIES:
        return {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
    return {} if again else {"flush.messages": "1"}


def _kept(days: int) -> dict[str, str]:
    # The broker's clock rules here too: a sender with a wrong one could have its records deleted at once, or never.
    return {"retention.ms": str(days * _DAY_MS), "cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime"}


async def create_topics(
    brokers: Brokers,
    prefix: str,
    partitions: int = PARTITIONS,
    *,
    timestamps: TimestampType | None = None,
    organisations: Iterable[str] = (),
) -> None:
    """Make the topics that are missing and wait until each can be written to. TopicsError when that fails."""
    async with TopicAdmin(brokers) as admin:
        wanted = plans(
            Topics(prefix), brokers=await admin.brokers(), partitions=partitions, timestamps=timestamps, organisations=organisations
        )
        await admin.create(wanted)
        await admin.wait_for_leaders([plan.name for plan in wanted])


async def check_topics(
    brokers: Brokers, prefix: str, partitions: int = PARTITIONS, *, timestamps: TimestampType | None = None
) -> list[str]:
    """Name each missing topic and each wrong setting in one clear line; nothing when all is well. TopicsError without Kafka."""
    async with TopicAdmin(brokers) as admin:
        wanted = plans(Topics(prefix), brokers=await admin.brokers(), partitions=partitions, timestamps=timestamps)
        found = await admin.describe([plan.name for plan in wanted])
        return [line for plan in wanted for line in differences(plan, found.get(plan.name))]


async def list_worlds(brokers: Brokers) -> list[str]:
    """Name the worlds that have a log and are not live, by their prefixes. TopicsError without Kafka."""
    async with TopicAdmin(brokers) as admin:
        names = await admin.names()
    prefixes = {name.removesuffix(f".{_BEDS}") for name in names if name.endswith(f".{_BEDS}")}
    return sorted(prefix for prefix in prefixes if kind_of(prefix) != "live")


async def delete_topics(brokers: Brokers, prefix: str) -> None:
    """Delete the topics of a world, and with them what its consumers had committed. TopicsError when that fails, or the world is live.

    Who looked at shelters that once were real stays on record: the audit log of an imported world is kept.
    """
    if kind_of(prefix) == "live":
        raise TopicsError(f"{prefix} is the real country: its log is never deleted")
    async with TopicAdmin(brokers) as admin:
        kept = {Topics(prefix).audit} if kind_of(prefix) == "imported" else set()
        await admin.delete([name for name in await admin.names() if name.startswith(Topics(prefix).family) and name not in kept])


def differences(wanted: Plan, found: Plan | None) -> list[str]:
    """Say in a line each how a topic differs from how it ought to be; other settings than the wanted ones are the operator's."""
    if found is None:
        return [f"{wanted.name}: missing"]
    lines = []
    if found.partitions != wanted.partitions:
        lines.append(f"{wanted.name}: has {found.partitions} partitions, must have {wanted.partitions}")
    if found.copies < wanted.copies:
        lines.append(f"{wanted.name}: has {found.copies} copies, must have {wanted.copies}")
    return lines + [
        f"{wanted.name}: {name} is {found.settings.get(name, 'not set')}, must be {value}"
        for name, value in wanted.settings.items()
        if found.settings.get(name) != value
    ]
