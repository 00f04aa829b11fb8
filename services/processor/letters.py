"""Dead letters (contract R13): the original bytes, with reason, topic, partition and offset as headers; acknowledged first."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.adapters.wire import Refused
from services.processor.log import LogUnavailableError


class DeadLetters:
    """Appends to the dead letters, with a producer that is made anew when it has failed."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._producer: Any = None

    async def send(self, refused: Sequence[tuple[Any, Refused]]) -> None:
        """Append refused records of a topic; LogUnavailableError when they were not all acknowledged."""
        try:
            producer = await self._started()
            sent = [await producer.send(self._topic, record.value, record.key, headers=_headers(record, why)) for record, why in refused]
            await asyncio.gather(*sent)
        except (KafkaError, OSError) as away:
            await self.close()
            raise LogUnavailableError("Kafka can't be reached") from away

    async def close(self) -> None:
        """Disconnect."""
        producer, self._producer = self._producer, None
        if producer:
            await producer.stop()

    async def _started(self) -> Any:
        if self._producer is None:
            producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, acks="all", enable_idempotence=True, request_timeout_ms=10_000)
            await producer.start()
            self._producer = producer
        return self._producer


def _headers(record: Any, why: Refused) -> list[tuple[str, bytes]]:
    place = {"reason": why.reason, "topic": record.topic, "partition": record.partition, "offset": record.offset}
    return [(name, str(value).encode()) for name, value in place.items()]
