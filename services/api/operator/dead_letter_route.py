"""`GET /v1/operator/dead-letters`: what was refused, the newest first: when, why, and where it stands in its topic.

A dead letter holds the bytes that were sent, which may be anything. None is answered: of an event its type, where that is one of the
contract, and its id, where that holds no information.
"""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol

import orjson
from fastapi import Depends, FastAPI
from pydantic import Field

from services.adapters import rfc3339
from services.adapters.codec.opaque_ids import is_opaque
from services.adapters.codec.validation import MEANING
from services.adapters.http.call import Call
from services.adapters.http.query_number import number_parameter, query_number
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.kafka.dead_letter_reader import read_letter
from services.adapters.kafka.log_reader import Ends
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.topics import Topics
from services.adapters.problem_details import ProblemError
from services.api.read_model.answer_models import AnswerModel
from services.domain.events.catalog import TYPE_NAMES

_LIMIT: Final = number_parameter("limit", 1, 100, "How many at most", default=50)
_DEAD_LETTERS: Final = RoutePolicy(roles=("operator",), audit="dead-letters-shown", parameters=(_LIMIT,), errors=("data-unavailable",))
_TYPES: Final = frozenset(TYPE_NAMES.values())
_MEANING: Final[dict[str, str]] = {str(code): text for code, text in MEANING.items()}
# No event is larger; to read more for two members would hold up other requests
_MOST_BYTES: Final = 65_536


class DeadLetterShown(AnswerModel):
    """A record that was refused: when, why, and where it stands."""

    time: str = Field(description="When it was refused")
    reason: str = Field(description="A code; `unknown` where the dead letter has none of the contract")
    detail: str
    topic: str = Field(description="The topic that it was written to")
    partition: int | None
    offset: int | None
    type: str | None = Field(description="The type of its event, where it is one of the contract")
    event: str | None = Field(description="The id of its event, where that is of an allowed form")


class DeadLettersAnswer(AnswerModel):
    """The newest dead letters; they are kept for 90 days."""

    dead_letters: list[DeadLetterShown]
    complete: bool = Field(description="False where there are older ones that are not listed")


class LetterLog(Protocol):
    """The topic of the dead letters, open for one read."""

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Read where these partitions begin and end now; LogUnavailableError."""

    def read(self, partition: int, start: int, end: int) -> AsyncGenerator[list[Any], None]:
        """Read the records from `start` up to `end` (excluded), in batches; LogUnavailableError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterLog:
    """Reads the dead letters of one data set; `open` connects for one read."""

    topics: Topics
    partitions: int
    open: Callable[[], AbstractAsyncContextManager[LetterLog]]

    async def newest(self, most: int) -> DeadLettersAnswer:
        """Read the newest; LogUnavailableError. Their bytes are dropped one by one, as each may be 2 MB."""
        letters, complete = list[tuple[int, DeadLetterShown]](), True
        async with self.open() as log:
            for partition, bounds in (await log.ends(range(self.partitions))).items():
                start = max(bounds.start, bounds.end - most)
                complete = complete and start == bounds.start
                async with aclosing(log.read(partition, start, bounds.end)) as batches:
                    letters += [(record.timestamp, self._shown(record)) async for records in batches for record in records]
        letters.sort(key=_when, reverse=True)
        return DeadLettersAnswer(dead_letters=[letter for _, letter in letters[:most]], complete=complete and len(letters) <= most)

    def _shown(self, record: Any) -> DeadLetterShown:
        letter = read_letter(record)
        document = _event(letter.value)
        name, kind = document.get("id"), document.get("type")
        return DeadLetterShown(
            time=rfc3339.show_ms(letter.time),
            reason=letter.reason if letter.reason in _MEANING else "unknown",
            detail=_MEANING.get(letter.reason, "no reason of the contract"),
            topic=letter.topic if self.topics.owns(letter.topic) else "unknown",
            partition=int(letter.partition) if letter.partition.isdecimal() else None,
            offset=int(letter.offset) if letter.offset.isdecimal() else None,
            type=kind if isinstance(kind, str) and kind in _TYPES else None,
            event=name if isinstance(name, str) and is_opaque(name) else None,
        )


def _when(dated: tuple[int, DeadLetterShown]) -> int:
    return dated[0]


def _event(value: bytes | None) -> dict[str, Any]:
    """Return the event of a dead letter as JSON; empty where it is none, or is in binary mode."""
    try:
        document = orjson.loads(value) if value and len(value) <= _MOST_BYTES else None
    except orjson.JSONDecodeError:
        document = None
    return document if isinstance(document, dict) else {}


def add_dead_letters(app: FastAPI, letters: DeadLetterLog) -> None:
    """Add the route."""

    @app.get(
        "/v1/operator/dead-letters",
        tags=["operator"],
        summary="What was refused, and why",
        description="The newest first. No value that was sent is answered; `plek dead-letters --show-bytes` prints them.",
    )
    async def list_dead_letters(call: Annotated[Call[None], Depends(_DEAD_LETTERS)]) -> DeadLettersAnswer:
        try:
            return await letters.newest(query_number(call.request, _LIMIT) or 0)
        except LogUnavailableError as away:
            raise ProblemError("data-unavailable") from away
