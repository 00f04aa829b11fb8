"""Writes into the audit log what somebody at this machine is about to see; what can't be noted is not shown."""

import asyncio
from typing import Final

from services.adapters.audit.records import Entry, Happening
from services.adapters.audit.trail import KafkaTrail
from services.adapters.audit.writer import Writer
from services.adapters.clock import now_ms, seconds
from services.adapters.log_port import LogUnavailableError
from services.adapters.metrics import Metrics
from services.adapters.producer import Producer
from services.adapters.pseudonym import Pseudonyms
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.web import keeping
from services.local.trouble import Trouble

# Who types at this machine is known to nobody here: all of them are one operator
_WHO: Final = "plek-command"
_PATIENCE_S: Final = 15.0
_LOOK_S: Final = 0.05


def noted(settings: Settings, happening: Happening) -> None:
    """Note a look of an operator, and return when it can't be lost any more. Raises Trouble when that fails: then nothing is shown."""
    try:
        asyncio.run(_note(settings, happening))
    except (LogUnavailableError, TimeoutError) as away:
        raise Trouble("This look can't be written into the audit log, so it is not shown: see `plek status`") from away


async def _note(settings: Settings, happening: Happening) -> None:
    metrics = Metrics()
    producer = Producer(settings.brokers, seconds, metrics)
    writer = Writer("plek.command", producer, KafkaTrail(settings.brokers, Topics(settings.prefix).audit), now_ms, metrics)
    pseudonyms = Pseudonyms(settings.secret)
    entry = Entry(at=now_ms(), happening=happening, user=pseudonyms.audited(_WHO), role="operator", purpose="operation")
    async with keeping(producer.keep, writer.keep):
        async with asyncio.timeout(_PATIENCE_S):
            while not writer.ready:  # noqa: ASYNC110  it says so to whoever asks, and has no event for it
                await asyncio.sleep(_LOOK_S)
        await writer.note(entry)
