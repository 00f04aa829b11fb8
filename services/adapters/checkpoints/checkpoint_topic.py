"""The topic of checkpoints: each run of `plek forget` appends them in pieces, and at last a record that makes them count.

Guarantees: a run counts whole or not at all, so whatever is killed, readers have the checkpoints of before or those of now. Of a partition
the one with the highest offset counts.
"""

from collections.abc import Iterable
from contextlib import aclosing
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from services.adapters.checkpoints.checkpoint import Checkpoint, from_bytes, to_bytes
from services.adapters.codec.event_codec import Topic
from services.adapters.kafka.log_reader import Ends, Log
from services.adapters.kafka.ports import AppendableLog, LogRecord

# Half of the largest record that a topic takes
_PIECE: Final = 500_000

Key = tuple[Topic, int]
"""A truth topic and a partition."""


async def append_checkpoints(log: AppendableLog, topic: str, run: str, checkpoints: Iterable[Checkpoint]) -> None:
    """Write the checkpoints of one run, under a name that no other run has. LogUnavailableError: then none of them counts."""
    whole: list[list[Any]] = []
    for checkpoint in checkpoints:
        raw, key = to_bytes(checkpoint), (checkpoint.topic, checkpoint.partition)
        pieces = [raw[at : at + _PIECE] for at in range(0, len(raw), _PIECE)]
        records = [_record(topic, run, {"of": key, "piece": number}, piece) for number, piece in enumerate(pieces)]
        await log.append(records)
        whole.append([*key, len(pieces), sha256(raw).hexdigest()])
    await log.append([_record(topic, run, {"whole": whole}, b"")])


def _record(topic: str, run: str, header: dict[str, Any], payload: bytes) -> LogRecord:
    return LogRecord(topic, run.encode(), orjson.dumps({"run": run, **header}) + b"\n" + payload)


class _Counting(NamedTuple):
    """A checkpoint that counts, and the first record of its run."""

    checkpoint: Checkpoint
    first_record: int


class CheckpointTopic:
    """The checkpoints that count, read again when the topic has more."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._known: Ends | None = None
        self._read: dict[Key, _Counting] = {}

    async def start(self) -> None:
        """Connect; LogUnavailableError."""
        await self._log.start()

    async def close(self) -> None:
        """Disconnect."""
        await self._log.close()

    async def newest(self) -> dict[Key, Checkpoint]:
        """Return the checkpoint of each partition that has one. LogUnavailableError; ValueError when one can't be read."""
        return {key: counting.checkpoint for key, counting in (await self._newest()).items()}

    async def first_needed(self) -> int:
        """Return the offset of the first record of this topic that a checkpoint which counts is read from; 0 where none does."""
        return min((counting.first_record for counting in (await self._newest()).values()), default=0)

    async def _newest(self) -> dict[Key, _Counting]:
        ends = (await self._log.ends([0]))[0]
        if ends != self._known:
            self._read = await self._load(ends)
            self._known = ends
        return self._read

    async def _load(self, ends: Ends) -> dict[Key, _Counting]:
        runs: dict[str, dict[tuple[Key, int], bytes]] = {}
        first_records: dict[str, int] = {}
        newest: dict[Key, _Counting] = {}
        async with aclosing(self._log.read(0, ends.start, ends.end)) as reading:
            async for records in reading:
                for record in records:
                    header, _, payload = record.value.partition(b"\n")
                    says = orjson.loads(header)
                    first = first_records.setdefault(says["run"], record.offset)
                    if "of" in says:
                        topic, partition = says["of"]
                        runs.setdefault(says["run"], {})[(topic, partition), says["piece"]] = payload
                    else:
                        _merge(newest, _checkpoints(says["whole"], runs.pop(says["run"], {})), first)
        return newest


def _checkpoints(whole: list[list[Any]], pieces: dict[tuple[Key, int], bytes]) -> list[Checkpoint]:
    """Return the checkpoints of a run, none when the topic has lost a piece of one."""
    checkpoints = []
    for topic, partition, number, digest in whole:
        raw = b"".join(pieces.get(((topic, partition), piece), b"") for piece in range(number))
        if sha256(raw).hexdigest() != digest:
            return []
        checkpoints.append(from_bytes(raw))
    return checkpoints


def _merge(newest: dict[Key, _Counting], of_run: list[Checkpoint], first_record: int) -> None:
    for checkpoint in of_run:
        key: Key = (checkpoint.topic, checkpoint.partition)
        if key not in newest or newest[key].checkpoint.offset <= checkpoint.offset:
            newest[key] = _Counting(checkpoint, first_record)
