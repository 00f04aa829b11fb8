"""Reads the keys of needs that are not destroyed, once, as they stand in their topic now."""

import asyncio
from contextlib import suppress
from typing import Final

from services.adapters.clock import now_ms
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.compacted_topic import CompactedTopic
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.topics import NEED_KEYS_KEPT_DAYS, Topics
from services.adapters.needs.need_keys import NeedKey, destroyed_at, unwrapped
from services.domain.durations import DAY_MS

_ANSWER_S: Final = 15.0
_POLL_S: Final = 0.05


async def read_keys(brokers: KafkaConnection, prefix: str, secret: bytes) -> dict[str, NeedKey]:
    """Return the keys of a data set by their ids, as far as the secret unwraps them; LogUnavailableError."""
    topic = CompactedTopic(brokers, Topics(prefix).need_keys, now_ms, NEED_KEYS_KEPT_DAYS * DAY_MS)
    following = asyncio.create_task(topic.run_forever())
    try:
        async with asyncio.timeout(_ANSWER_S):
            while not topic.ready:  # noqa: ASYNC110 - a followed topic has no event for it, and this is asked once in a quarter of an hour
                await asyncio.sleep(_POLL_S)
        records = topic.records()
    except TimeoutError as away:
        raise LogUnavailableError("the keys of needs can't be read") from away
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
    alive = [record for record in records if record.value is not None and now_ms() < destroyed_at(record.key)]
    keys = [unwrapped(record.key, record.value or b"", secret) for record in alive]
    return {key.id: key for key in keys if key is not None}
