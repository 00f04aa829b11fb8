"""Writes an audit entry for what a user of this machine is about to see. What can't be recorded is not shown."""

import asyncio

from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.audit.records import Entry, Happening
from services.adapters.audit.writer import AuditWriter
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import now_ms, seconds
from services.adapters.config.settings import Settings
from services.adapters.http.app_factory import running
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.cli.clients.connection import OPERATOR, wait_until_ready
from services.local.user_error import UserError


def write_audit_entry(settings: Settings, happening: Happening, what: tuple[str, ...] = ()) -> None:
    """Write an audit entry of an operator, and return once it can't be lost. Raises UserError where it can't be written."""
    try:
        asyncio.run(_write(settings, happening, what))
    except (LogUnavailableError, TimeoutError) as error:
        raise UserError("This can't be recorded in the audit log, so it is not shown: see `plek status`") from error


async def _write(settings: Settings, happening: Happening, what: tuple[str, ...]) -> None:
    metrics = Metrics()
    producer = Producer(settings.brokers, seconds, metrics)
    writer = AuditWriter("plek.command", producer, KafkaAuditLog(settings.brokers, Topics(settings.prefix).audit), now_ms, metrics)
    user = Pseudonyms(settings.secret).audited(OPERATOR.subject)
    async with running(producer.run_forever, writer.run_forever):
        await wait_until_ready(lambda: writer.ready)
        await writer.append(Entry(at=now_ms(), happening=happening, user=user, role="operator", purpose="operation", what=what))
