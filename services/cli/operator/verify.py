"""Compares every byte of the views with the log."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Final

import typer

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.clock import now_ms, seconds
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics
from services.adapters.view.keys import demand, partition_keys
from services.adapters.view.last_checks import ViewCheck
from services.cli.clients.check_results import store_check
from services.cli.clients.connection import event_codec, translate_outages
from services.cli.clients.views import open_views
from services.cli.output.progress import progress_bar
from services.processor.partition import ProjectionFactory
from services.processor.projections.beds import BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory
from services.processor.view_verifier import Difference, PartitionComparison, Verifier

# One partition of a large country is read in one script
_LOAD_S: Final = 60.0


def verify_views(settings: Settings, partitions: list[int]) -> None:
    """Print all differences between the log and the views of beds and of demand. Exit code 1 when there is one. Raises UserError."""
    began = seconds()
    with translate_outages():
        results = asyncio.run(_compare_and_store(settings, partitions))
    for line in report_lines(settings.prefix, results, seconds() - began):
        typer.echo(line)
    if any(result.differences for result in results):
        raise typer.Exit(1)


def report_lines(prefix: str, results: list[PartitionComparison], took_s: float) -> list[str]:
    """Return a line for each difference, one for each remark, and one for all."""
    lines = [_difference_line(prefix, result, difference) for result in results for difference in result.differences]
    number = f"{len(lines):,} difference{'' if len(lines) == 1 else 's'}"
    lines += [f"partition {result.partition} of {result.topic}: {result.remark}" for result in results if result.remark]
    records = sum(result.records for result in results)
    return [*lines, f"{number}: {records:,} records folded anew, {len(results)} partitions compared, {took_s:.1f} s"]


def _difference_line(prefix: str, result: PartitionComparison, difference: Difference) -> str:
    keys = partition_keys(demand(prefix) if result.topic == "demand" else prefix, difference.partition)
    key = getattr(keys, difference.where)
    return f"{key} {difference.name}: {difference.how}" if difference.name else f"{key}: {difference.how}"


async def _compare_and_store(settings: Settings, partitions: list[int]) -> list[PartitionComparison]:
    results = await _compare(settings, partitions)
    await store_check(settings, summarize(results, now_ms(), everything=len(partitions) == settings.partitions))
    return results


def summarize(results: list[PartitionComparison], at: int, *, everything: bool) -> ViewCheck:
    """Return what a comparison that ended at `at` (ms) found, in numbers."""
    return ViewCheck(
        at=at,
        partitions=len(results),
        all=everything,
        records=sum(result.records for result in results),
        differences=sum(len(result.differences) for result in results),
    )


async def _compare(settings: Settings, partitions: list[int]) -> list[PartitionComparison]:
    codec = event_codec(settings)
    projections: list[ProjectionFactory] = [BedProjectionFactory(codec, settings.limits), DemandProjectionFactory(codec)]
    async with AsyncExitStack() as stack:
        views = await stack.enter_async_context(open_views(settings, _LOAD_S))
        verifiers = []
        for projection, view in zip(projections, views, strict=True):
            log = await stack.enter_async_context(TruthLog(settings.brokers, Topics(settings.prefix), projection.topic))
            verifiers.append(Verifier(projection, view, log))
        # An estimate for the bar: a log that does not begin at 0 has fewer records
        positions = [position for view in views for partition, position in (await view.positions()).items() if partition in partitions]
        advance = stack.enter_context(progress_bar("Folding the log", sum(position.offset + 1 for position in positions)))
        return [await replace(verifier, advance=advance).compare(partition) for verifier in verifiers for partition in partitions]
