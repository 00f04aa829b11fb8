"""What is checked on the way in, over HTTP and in `plek.intake.*`, and never when the log is read (contract, section 1).

Times against a clock; ids that hold no information; no personal data in what a system or a person chooses freely. All problems at once.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.adapters import rfc3339
from services.adapters.codec.event_codec import EventCodec, RefusedEvent, plain
from services.adapters.codec.opaque_ids import is_opaque
from services.adapters.codec.validation import FieldProblem, in_future
from services.domain.durations import DAY_NS, NS_PER_MS
from services.domain.events.catalog import Event
from services.gateway.personal_data import looks_personal

# What is chosen freely: an id has a form of its own, everything else is a code, a number or a time
_CHOSEN: Final = ("unit", "to_unit", "desk", "name")
# A list for people: a control character or a line feed in a name would break it, and so would a turn of direction
_CONTROL: Final = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# More than a person speaks; there are 676 of the form of a code
_MOST_LANGUAGES: Final = 40


@dataclass(frozen=True, slots=True)
class EventValidator:
    """Checks events. `too_old_days` is None where history is imported, and then an id may be of any form: old events have theirs."""

    codec: EventCodec
    too_old_days: int | None

    def validate(self, read: Any, now: int) -> Event | RefusedEvent:
        """Read a JSON value as an event, at `now` (ms); all problems at once."""
        decoded = self.codec.decode_object(read)
        problems = [] if isinstance(decoded, Event) else list(decoded.problems)
        known = {problem.pointer for problem in problems}
        if isinstance(decoded, Event):
            problems += self._times(decoded.time, decoded.occurred_at, now)
        else:
            problems += self._times(_instant(read, "time"), _instant(_object(read, "data"), "occurred_at"), now)
        problems += [problem for problem in self._values(read) if problem.pointer not in known]
        return RefusedEvent(tuple(problems)) if problems else decoded

    def validate_event(self, event: Event, now: int) -> RefusedEvent | None:
        """Check an event that was read already, at `now` (ms)."""
        stated = {"id": event.id, "source": event.source, "data": plain(event.data)}
        problems = (*self._times(event.time, event.occurred_at, now), *self._values(stated))
        return RefusedEvent(problems) if problems else None

    def check_timestamps(self, event: Event, now: int) -> RefusedEvent | None:
        """Check the times of an event that was read already, and nothing else: what history is held to."""
        late = self._times(event.time, event.occurred_at, now)
        return RefusedEvent(tuple(late)) if late else None

    def _times(self, time: int | None, occurred_at: int | None, now: int) -> list[FieldProblem]:
        problems = []
        if time is not None and in_future(time, now):
            problems.append(FieldProblem("/time", "in_future"))
        if time is not None and self.too_old_days is not None and time < now * NS_PER_MS - self.too_old_days * DAY_NS:
            problems.append(FieldProblem("/time", "too_old"))
        if occurred_at is not None and occurred_at != time and in_future(occurred_at, now):
            problems.append(FieldProblem("/data/occurred_at", "in_future"))
        return problems

    def _values(self, read: Any) -> Iterator[FieldProblem]:
        """Check what is stated as text, and how many languages are."""
        if type(read) is not dict:
            return
        data = _object(read, "data")
        name = read.get("id")
        if type(name) is str and self.too_old_days is not None and not is_opaque(name):
            yield FieldProblem("/id", "bad_id")
        for pointer, text in (("/source", read.get("source")), *((f"/data/{each}", data.get(each)) for each in _CHOSEN)):
            if type(text) is str:
                yield from _text(pointer, text)
        for pointer, listed in (("/data/languages", data), ("/data/need/languages", _object(data, "need"))):
            if type(found := listed.get("languages")) is list and len(found) > _MOST_LANGUAGES:
                yield FieldProblem(pointer, "too_many")


def _text(pointer: str, text: str) -> Iterator[FieldProblem]:
    if _CONTROL.search(text):
        yield FieldProblem(pointer, "bad_format")
    if looks_personal(text):
        yield FieldProblem(pointer, "personal_data")


def _object(read: Any, name: str) -> Mapping[str, Any]:
    """Return the object that stands under a name; an empty one where there is none."""
    found = read.get(name) if isinstance(read, Mapping) else None
    return found if type(found) is dict else {}


def _instant(read: Any, name: str) -> int | None:
    """Read a time of a value that is refused anyway; None when there is none."""
    written = read.get(name) if isinstance(read, Mapping) else None
    try:
        return rfc3339.parse(written) if type(written) is str else None
    except ValueError:
        return None
