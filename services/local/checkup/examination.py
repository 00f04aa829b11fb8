"""Looks at everything, one part after the other, and goes on whatever a part of it raises."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from services.adapters.config.settings import Settings
from services.local.checkup.component_checks import check_parts
from services.local.checkup.directory import check_directory
from services.local.checkup.finding import AGAIN, Finding, warning
from services.local.checkup.kafka_and_redis import check_records
from services.local.checkup.machine import check_machine


async def examine(settings: Settings, *, with_records: bool) -> list[Finding]:
    """Return every finding; those of Kafka and Redis only where some run."""
    still: tuple[Callable[[Settings], Iterable[Finding]], ...] = (check_machine, check_directory)
    found: list[Finding] = []
    for check in still:
        found += await asyncio.to_thread(_collect, check, settings)
    moving = (check_parts, check_records) if with_records else (check_parts,)
    for look in moving:
        found += await _gather(look(settings))
    return found


def _collect(check: Callable[[Settings], Iterable[Finding]], settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check(settings))
    except Exception as error:
        found.append(_failed(error))
    return found


async def _gather(looking: AsyncIterator[Finding]) -> list[Finding]:
    found: list[Finding] = []
    try:
        async for finding in looking:
            found.append(finding)  # noqa: PERF401  what came before an error is kept
    except Exception as error:
        found.append(_failed(error))
    return found


def _failed(error: Exception) -> Finding:
    return warning("doctor", f"a look failed ({type(error).__name__}): what comes after it in this part is missing", AGAIN)
