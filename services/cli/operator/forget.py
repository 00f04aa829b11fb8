"""Deletes the records of the truth topics that are older than they may be kept, behind a checkpoint (contract, section 5).

Each step may be done twice and none undoes one before it. So a run that was killed anywhere loses nothing, and the next one goes on:
1. checkpoints are appended, and count once all are there: from then on every reader begins with them;
2. the view of each partition is folded anew from its checkpoint, one partition after the other;
3. Kafka deletes the records below, and the checkpoints of before; Redis writes its file anew.
The archive of the monitor follows by itself at its next update.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

import typer

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.checkpoints.checkpoint_topic import append_checkpoints
from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.clock import now_ms, seconds
from services.adapters.codec.event_codec import Topic
from services.adapters.config.settings import Settings
from services.adapters.dutch_time import ZONE, months_before
from services.adapters.http.app_factory import running
from services.adapters.kafka.log_reader import Ends
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topic_admin import TopicAdmin, TopicsError
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.view.redis_writer import RedisWriter
from services.cli.clients.audit_entry import write_audit_entry
from services.cli.clients.connection import event_codec, translate_outages, wait_until_ready
from services.cli.clients.views import open_views
from services.cli.operator.forget_audit import due_of_audit, forget_audit
from services.cli.output.progress import progress_bar
from services.domain.durations import SECOND_MS
from services.local.user_error import UserError
from services.processor.checkpoint_maker import CheckpointMaker, TooNewError
from services.processor.partition import ProjectionFactory
from services.processor.projections.beds import BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory

_LOOK_S: Final = 0.1
# A processor looks at its view every second
_BEGINS_S: Final = 15.0
# Longer than another processor needs to take a partition over
_STILL_S: Final = 60.0


Due = dict[Topic, dict[int, Ends]]
"""The records that are to be deleted, of each topic and partition."""


@dataclass(frozen=True, slots=True)
class DueRecords:
    """What is due: of the truth topics what was logged before `limit` (ms), and of the audit log. `begun`: there are checkpoints."""

    limit: int
    due: Due
    of_audit: Ends
    begun: bool

    @property
    def has_due(self) -> bool:
        """Whether anything is due."""
        return any(self.due.values()) or self.of_audit.start < self.of_audit.end


@dataclass(slots=True)
class Forgetting:
    """One truth topic with its log, its view and what makes its checkpoints."""

    topic: Topic
    log: TruthLog
    view: RedisWriter
    maker: CheckpointMaker

    async def due(self, partitions: range, limit: int) -> dict[int, Ends]:
        """Return the records that are due, of each partition that has some."""
        found = {number: await self.maker.due(number, limit) for number in partitions}
        return {number: due for number, due in found.items() if due.start < due.end}


def forget(settings: Settings, months: int | None, *, dry_run: bool, yes: bool) -> None:
    """Print what is due and delete it; without `yes` the user is asked first. Raises UserError."""
    kept = settings.keep_months if months is None else months
    with _clear_errors():
        plan = asyncio.run(_plan(settings, kept))
    for line in announcement(kept, plan):
        typer.echo(line)
    if dry_run or not (plan.has_due or plan.begun):
        return
    if plan.has_due:
        if not yes:
            typer.confirm("They can't be brought back. Go on?", abort=True)
        write_audit_entry(settings, "records-deleted", (f"before:{_day(plan.limit)}",))
    with _clear_errors():
        asyncio.run(_forget(settings, plan))


@contextmanager
def _clear_errors() -> Iterator[None]:
    with translate_outages():
        try:
            yield
        except (TooNewError, TopicsError) as wrong:
            raise UserError(str(wrong)) from wrong
        except ValueError as unreadable:
            raise UserError("The checkpoint with which the log begins can't be read by this version: upgrade it") from unreadable
        except TimeoutError as away:
            raise LogUnavailableError from away


async def _plan(settings: Settings, months: int) -> DueRecords:
    partitions = range(settings.partitions)
    async with _open(settings) as both:
        limit = months_before(now_ms() if settings.world == "live" else await _clock_of(both, partitions), months)
        due = {each.topic: await each.due(partitions, limit) for each in both}
        begun = any([await each.log.checkpoints() for each in both])
        return DueRecords(limit, due, await due_of_audit(settings, now_ms()), begun)


async def _forget(settings: Settings, plan: DueRecords) -> None:
    async with _open(settings) as both:
        if any(plan.due.values()):
            await _append(settings, both, plan)
        await _rebuild(both)
        await _delete(settings, both)
    await forget_audit(settings, now_ms())


def announcement(months: int, plan: DueRecords) -> list[str]:
    """Return what will be deleted: of each topic the number of records that are due."""
    lines = [f"Kept are {months} months and the current one: what was logged before {_day(plan.limit)} is due."]
    for topic, of_partitions in plan.due.items():
        records = sum(ends.end - ends.start for ends in of_partitions.values())
        lines.append(f"{topic}: {records:,} records in {len(of_partitions)} partitions" if records else f"{topic}: nothing")
    of_audit = plan.of_audit.end - plan.of_audit.start
    return [*lines, f"audit log, after five years: {of_audit:,} records" if of_audit else "audit log, after five years: nothing"]


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at / SECOND_MS, ZONE):%Y-%m-%d}"


async def _append(settings: Settings, both: list[Forgetting], plan: DueRecords) -> None:
    """Make the checkpoints and append them."""
    made: list[Checkpoint] = []
    with progress_bar("Reading the log", None) as advance:
        for each in both:
            maker = replace(each.maker, advance=advance)
            # Beds a partition at a time, as one is enough for memory
            groups = [[number] for number in plan.due["beds"]] if each.topic == "beds" else [range(settings.partitions)]
            new = {checkpoint.partition: checkpoint for numbers in groups for checkpoint in await maker.make(numbers, plan.limit)}
            # A partition of which nothing is due keeps its checkpoint, and is written again: the records of before are deleted
            made += (await each.log.checkpoints() | new).values()
    producer, topic = Producer(settings.brokers, seconds, Metrics()), Topics(settings.prefix).checkpoints
    async with running(producer.run_forever):
        await wait_until_ready(lambda: producer.ready)
        await append_checkpoints(producer, topic, str(uuid4()), made)
    facts = sum(len(checkpoint.state.facts) for checkpoint in made)
    typer.echo(f"Checkpoints of {len(made)} partitions: {facts:,} facts are kept, since they still hold.")


async def _rebuild(both: list[Forgetting]) -> None:
    """Have the view of each partition folded from its checkpoint, one after the other: meanwhile the rest of the country is shown."""
    behind = [
        (each.view, number, checkpoint)
        for each in both
        for number, checkpoint in (await each.log.checkpoints()).items()
        if not await _has_begun(each.view, number, checkpoint)
    ]
    waiting = 0
    with progress_bar("Folding the views", len(behind)) as advance:
        for view, number, checkpoint in behind:
            await view.forget(number)
            await view.drop_changes(number, checkpoint.offset)
            waiting += not await _is_rebuilt(view, number, checkpoint, _LOOK_S if waiting else _BEGINS_S)
            advance(1)
    if len(behind) > waiting:
        typer.echo(f"The views of {len(behind) - waiting} partitions are folded from their checkpoints: compare with `plek verify`.")
    if waiting:
        typer.echo(f"No processor has begun with {waiting} partitions yet: they are folded from their checkpoints when one runs.")


async def _has_begun(view: RedisWriter, number: int, checkpoint: Checkpoint) -> bool:
    position = await view.position(number)
    return position is not None and position.checkpoint == checkpoint.offset


async def _is_rebuilt(view: RedisWriter, number: int, checkpoint: Checkpoint, begins_s: float) -> bool:
    """Wait until a partition is folded from its checkpoint to its end; return False when no processor begins with it.

    Raises UserError where one has begun, and does not go on: it may be of a version that knows no checkpoints.
    """
    last, still = None, 0.0
    while True:
        position = await view.position(number)
        if position and position.checkpoint == checkpoint.offset and not position.rebuilding:
            return True
        stands = (position.offset, position.checkpoint) if position else None
        last, still = stands, still + _LOOK_S if stands == last else 0.0
        if position is None and still >= begins_s:
            return False
        if still >= _STILL_S:
            raise UserError(f"The processor does not fold partition {number} from its checkpoint: upgrade it, and run this again")
        await asyncio.sleep(_LOOK_S)


async def _delete(settings: Settings, both: list[Forgetting]) -> None:
    """Delete what lies below the checkpoints, and the checkpoints of before."""
    topics = Topics(settings.prefix)
    async with TopicAdmin(settings.brokers) as admin:
        for each in both:
            begins = {number: checkpoint.offset for number, checkpoint in (await each.log.checkpoints()).items()}
            deleted = await each.log.deleted_below(begins)
            await admin.delete_below(each.log.topic, {number: offset for number, offset in begins.items() if deleted[number] < offset})
        await admin.delete_below(topics.checkpoints, {0: await both[0].log.first_checkpoint_record()})
    written = await both[0].view.rewrite_file()
    typer.echo("Deleted. Kafka frees the disk by whole segments, within a week; the monitor's archive follows at its next update.")
    if not written:
        typer.echo("Redis did not take the command to write its append-only file anew (BGREWRITEAOF): have it done where it is managed.")


async def _clock_of(both: list[Forgetting], partitions: range) -> int:
    """Return the clock of a data set that is not live: the highest timestamp at the end of a partition."""
    clock = 0
    for each in both:
        for number, ends in (await each.log.ends(partitions)).items():
            async for records in each.log.read(number, max(ends.start, ends.end - 1), ends.end):
                clock = max(clock, *(record.timestamp for record in records))
    return clock


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[list[Forgetting]]:
    codec, topics = event_codec(settings), Topics(settings.prefix)
    factories: list[ProjectionFactory] = [BedProjectionFactory(codec, settings.limits), DemandProjectionFactory(codec)]
    async with AsyncExitStack() as stack:
        views = await stack.enter_async_context(open_views(settings))
        both = []
        for factory, view in zip(factories, views, strict=True):
            log = await stack.enter_async_context(TruthLog(settings.brokers, topics, factory.topic))
            both.append(Forgetting(factory.topic, log, view, CheckpointMaker(factory, log)))
        yield both
