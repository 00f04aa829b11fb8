"""Writes an audit entry for what a user of this machine is about to see. What can't be recorded is not shown."""

import asyncio
from collections.abc import Coroutine
from contextlib import nullcontext, suppress
from typing import Any, Final

from services.adapters.audit.disk_buffer import AuditQueue
from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.audit.records import Entry, Happening
from services.adapters.audit.writer import AuditWriter
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import now_ms, seconds
from services.adapters.config.settings import Settings
from services.adapters.disk_queue import OutboxError
from services.adapters.http.app_factory import running
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.cli.clients.connection import OPERATOR, wait_until_ready
from services.local.user_error import UserError

_SOURCE: Final = "plek.command"


def write_audit_entry(settings: Settings, happening: Happening, what: tuple[str, ...] = ()) -> None:
    """Write an audit entry of an operator, and return once it is in the log. Raises UserError where it can't be written."""
    _run(_write(settings, _entry(settings, happening, what), None))


def note_on_the_way(settings: Settings, happening: Happening, what: tuple[str, ...], *, runs: bool) -> None:
    """Write an audit entry of an operator to the log or to the disk, and return once it can't be lost. Raises UserError.

    Where no instance `runs` there is no log: the entry waits in the outbox of the data directory, for the services that start there next.
    """
    entry, queue = _entry(settings, happening, what), AuditQueue(settings.waiting, Metrics())
    _run(_write(settings, entry, queue) if runs else _put_on_disk(queue, entry))


def _run(writing: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(writing)
    except (LogUnavailableError, OutboxError, TimeoutError) as error:
        raise UserError("This can't be recorded in the audit log, so it is not shown: see `plek status`") from error


def _entry(settings: Settings, happening: Happening, what: tuple[str, ...]) -> Entry:
    user = Pseudonyms(settings.secret).audited(OPERATOR.subject)
    return Entry(at=now_ms(), happening=happening, user=user, role="operator", purpose="operation", what=what)


async def _write(settings: Settings, entry: Entry, queue: AuditQueue | None) -> None:
    metrics = Metrics()
    producer = Producer(settings.brokers, seconds, metrics)
    writer = AuditWriter(_SOURCE, producer, KafkaAuditLog(settings.brokers, Topics(settings.prefix).audit), now_ms, metrics, queue)
    try:
        async with running(producer.run_forever, writer.run_forever):
            with suppress(TimeoutError) if queue else nullcontext():
                await wait_until_ready(lambda: writer.ready)
            await writer.append(entry)
    finally:
        await writer.close()


async def _put_on_disk(queue: AuditQueue, entry: Entry) -> None:
    try:
        await queue.append(_SOURCE, [entry])
    finally:
        await queue.close()
