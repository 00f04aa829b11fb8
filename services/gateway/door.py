"""The door (contract, section 1): what is checked on the way in and never when the log is read: times against a clock."""

from dataclasses import dataclass
from typing import Any

from services.adapters import instants
from services.adapters.checks import Problem, in_future
from services.adapters.wire import Refused, Wire
from services.domain.events import Event

_DAY_NS = 86_400 * instants.NS


@dataclass(frozen=True, slots=True)
class Door:
    """Lets events in; `too_old_days` is None where history is imported."""

    wire: Wire
    too_old_days: int | None

    def check(self, read: Any, now: int) -> Event | Refused:
        """Read a JSON value as an event, at `now` (ms); all problems at once, those of its times included."""
        found = self.wire.decode_object(read)
        if isinstance(found, Event):
            late = self._times(found.time, found.occurred_at, now)
            return Refused(tuple(late)) if late else found
        time, occurred_at = _instant(read, "time"), _instant(_data(read), "occurred_at")
        return Refused((*found.problems, *self._times(time, occurred_at, now)))

    def of_times(self, event: Event, now: int) -> Refused | None:
        """Check the times of an event that was read already."""
        late = self._times(event.time, event.occurred_at, now)
        return Refused(tuple(late)) if late else None

    def _times(self, time: int | None, occurred_at: int | None, now: int) -> list[Problem]:
        problems = []
        if time is not None and in_future(time, now):
            problems.append(Problem("/time", "in_future"))
        if time is not None and self.too_old_days is not None and time < now * instants.NS_PER_MS - self.too_old_days * _DAY_NS:
            problems.append(Problem("/time", "too_old"))
        if occurred_at is not None and occurred_at != time and in_future(occurred_at, now):
            problems.append(Problem("/data/occurred_at", "in_future"))
        return problems


def _data(read: Any) -> Any:
    return read.get("data") if type(read) is dict else None


def _instant(read: Any, name: str) -> int | None:
    """Read a time of a value that is refused anyway; None when there is none."""
    written = read.get(name) if type(read) is dict else None
    try:
        return instants.parse(written) if type(written) is str else None
    except ValueError:
        return None
