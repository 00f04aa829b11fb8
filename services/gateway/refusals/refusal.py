"""A refusal: where the record stands that was refused, and what is wrong with it. It never repeats a value that was sent.

Its one exception is the id of the event, and only one that holds no information: by it a system finds its own record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

from services.adapters import rfc3339
from services.adapters.codec.opaque_ids import is_opaque
from services.adapters.codec.validation import FieldProblem, explain
from services.adapters.kafka.ports import LogRecord
from services.domain.durations import NS_PER_MS

# A person mends no more at once, and a record of its own topic must not grow large of it
_MOST_ERRORS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRefusal:
    """A refused record of an intake topic: its position, when the broker took it (ms), its event id where that is opaque, the problems."""

    topic: str
    partition: int
    offset: int
    time: int
    event: str | None
    errors: tuple[FieldProblem, ...]

    def record(self, topic: str) -> LogRecord:
        """Return it as a record of `topic`."""
        return LogRecord(topic, None, orjson.dumps(self.document), (("content-type", b"application/json"),))

    @property
    def document(self) -> dict[str, Any]:
        """Return it as JSON has it; an event id that is not known is left out."""
        return {
            "reason": self.errors[0].code,
            "errors": [
                {"pointer": problem.pointer, "code": problem.code, "detail": explain(problem)} for problem in self.errors[:_MOST_ERRORS]
            ],
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "time": rfc3339.show(self.time * NS_PER_MS),
            **({"event": self.event} if self.event else {}),
        }

    @classmethod
    def of(cls, received: Any, document: Any, problems: Iterable[FieldProblem]) -> Self:
        """Return the refusal of a record as a Kafka client hands it over; `document` is its event as JSON, whatever that is."""
        return cls(
            topic=received.topic,
            partition=received.partition,
            offset=received.offset,
            time=received.timestamp,
            event=_opaque_id(document),
            errors=tuple(problems),
        )


def _opaque_id(document: Any) -> str | None:
    """Return the id of an event, if it is of a form that holds no information."""
    name = document.get("id") if type(document) is dict else None
    return name if type(name) is str and is_opaque(name) else None
