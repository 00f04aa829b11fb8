"""A truth topic as every reader sees it: it begins at its checkpoint, also while Kafka still has older records, or has them again.

Kafka deletes whole segments in its own time, and a broker that was killed may know an earlier beginning: no reader may see the difference.
"""

from collections.abc import Iterable

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.checkpoints.checkpoint_topic import CheckpointTopic
from services.adapters.codec.event_codec import Topic
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.log_reader import Ends, Log
from services.adapters.kafka.topics import Topics


class TruthLog(Log):
    """A reader of one truth topic of a data set, and of its checkpoints."""

    def __init__(self, brokers: KafkaConnection, topics: Topics, topic: Topic) -> None:
        super().__init__(brokers, topics.truth(topic))
        self._kind: Topic = topic
        self._checkpoints = CheckpointTopic(Log(brokers, topics.checkpoints))
        self._begins: dict[int, int] = {}

    async def start(self) -> None:
        """Connect, unless connected; LogUnavailableError when Kafka is away."""
        await super().start()
        await self._checkpoints.start()

    async def close(self) -> None:
        """Disconnect."""
        await super().close()
        await self._checkpoints.close()

    async def checkpoint(self, partition: int) -> Checkpoint | None:
        """Read the checkpoint with which a partition begins; None when it begins with its first record. LogUnavailableError, ValueError."""
        return (await self.checkpoints()).get(partition)

    async def checkpoints(self) -> dict[int, Checkpoint]:
        """Read the checkpoint of each partition that has one. LogUnavailableError, ValueError."""
        newest = await self._checkpoints.newest()
        of_topic = {number: checkpoint for (topic, number), checkpoint in newest.items() if topic == self._kind}
        self._begins = {number: checkpoint.offset for number, checkpoint in of_topic.items()}
        return of_topic

    async def first_checkpoint_record(self) -> int:
        """Read which record of the topic of checkpoints is the first that is still needed. LogUnavailableError, ValueError."""
        return await self._checkpoints.first_needed()

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Read where these partitions begin and end now, by the checkpoints that were read last; LogUnavailableError."""
        ends = await super().ends(partitions)
        return {number: Ends(max(end.start, self._begins.get(number, 0)), end.end) for number, end in ends.items()}

    async def deleted_below(self, partitions: Iterable[int]) -> dict[int, int]:
        """Read below which offset Kafka has deleted the records of these partitions; LogUnavailableError."""
        return {number: end.start for number, end in (await super().ends(partitions)).items()}
