"""What crisis workers log of demand: at once or hours later, now and then wrong, and corrected.

The ground truth records each event when it is logged, not when it happened, hence agrees with the log at every instant.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from services.domain.events import catalog as e
from services.simulator.ground_truth.demand import CaseKind, CaseName, CaseStart
from services.simulator.model.calendar import HOUR, MINUTE, postponed_to_day
from services.simulator.model.context import WORKER, LoggedEvent, SimulationContext
from services.simulator.model.event_queue import Action

Start = e.FallbackStarted | e.WaitingListJoined
End = e.SearchEnded | e.FallbackEnded | e.WaitingListLeft

_SHOWN: dict[type, tuple[str, ...]] = {
    e.FallbackStarted: ("accommodation", "adults", "children", "reason"),
    e.WaitingListJoined: ("kind", "adults", "children"),
}
# The outcome that a colleague logs who does not know the real one
_UNINFORMED: dict[type, str] = {e.SearchEnded: "unknown", e.FallbackEnded: "other", e.WaitingListLeft: "unknown"}


@dataclass(slots=True)
class DemandLog:
    """Logs for every worker."""

    context: SimulationContext

    def log_search(self, data: e.SearchMade) -> None:
        """Log a search; a program does so, hence neither late nor wrong."""
        logged = self.context.log(WORKER, data.region, data)
        self.context.truth.demand.record_start(("search", data.search), CaseStart(data.region, logged.times, {}))

    def enter_start(self, make: Callable[[], Start], happened: int) -> None:
        """Schedule the event that a household is put up or waits since an instant; `make` is called when it is logged."""
        occurred_at = self.context.event_time(happened)
        self._now_or_late(lambda: self._start(replace(make(), occurred_at=occurred_at)))

    def _start(self, data: Start) -> None:
        random, parameters = self.context.random, self.context.parameters
        if random.happens(parameters.wrong_people):
            wrong = self._log_start(replace(data, children=data.children + 1))
            self._correct_later(partial(self._correct_people, data, wrong))
            return
        self._log_start(data)
        if isinstance(data, e.FallbackStarted) and random.happens(parameters.logged_twice):
            self.context.queue.after(random.between(5 * MINUTE, 4 * HOUR), partial(self._start_twice, data))

    def _start_twice(self, data: e.FallbackStarted) -> None:
        """Log a household that a colleague has logged; later the duplicate is taken back."""
        again = replace(data, fallback=self.context.random.uuid())
        self._correct_later(partial(self._take_back, data.region, self._log_start(again), "duplicate"))

    def _correct_people(self, data: Start, wrong: LoggedEvent) -> None:
        """Log the right number of people: after taking back the wrong one, or (the last statement counts) without."""
        if self.context.random.happens(0.6):
            self._take_back(data.region, wrong, "mistake")
        self._log_start(data)

    def enter_end(self, region: str, data: End) -> None:
        """Schedule the event that a case ended now; now and then a colleague logs it too, a little later and with another outcome."""
        random, now = self.context.random, self.context.queue.now
        self._now_or_late(partial(self._end, region, replace(data, occurred_at=self.context.event_time(now))))
        if random.happens(self.context.parameters.logged_twice):
            later = now + random.between(5 * MINUTE, 3 * HOUR)
            self.context.queue.at(later, partial(self._end_again, region, data, later))

    def _end_again(self, region: str, data: End, happened: int) -> None:
        self._log_end(region, replace(data, outcome=_UNINFORMED[type(data)], occurred_at=self.context.event_time(happened)))

    def _end(self, region: str, data: End) -> None:
        if not self.context.random.happens(self.context.parameters.wrong_case):
            self._log_end(region, data)
        elif isinstance(data, e.SearchEnded):
            wrong = self._log_end(region, replace(data, outcome="unknown"))
            self._correct_later(partial(self._correct_end, region, data, region, wrong))
        elif others := self._other_cases(data):
            key, other_region = self.context.random.choose(others)
            mistaken = replace(data, fallback=key) if isinstance(data, e.FallbackEnded) else replace(data, entry=key)
            wrong = self._log_end(other_region, mistaken)
            self._correct_later(partial(self._correct_end, region, data, other_region, wrong))
        else:
            self._log_end(region, data)

    def _other_cases(self, data: End) -> list[tuple[str, str]]:
        """List the id and region of what else is open of the same kind: what a worker can confuse with it."""
        kind, key = _case_name(data)
        return [(other, start.region) for other, start in self.context.truth.demand.open_cases(kind) if other != key]

    def _correct_end(self, region: str, data: End, wrong_region: str, wrong: LoggedEvent) -> None:
        self._take_back(wrong_region, wrong, "mistake")
        self._log_end(region, data)

    def _take_back(self, region: str, wrong: LoggedEvent, reason: str) -> None:
        kind, key = name = _case_name(wrong.event.data)
        corrects = e.Named(source=wrong.event.source, id=wrong.event.id)
        self.context.log(WORKER, region, e.DemandCorrection(**{kind: key}, corrects=corrects, reason=reason))
        self.context.truth.demand.retract(name, wrong.at)

    def _log_start(self, data: Start) -> LoggedEvent:
        logged = self.context.log(WORKER, data.region, data)
        shown = {member: getattr(data, member) for member in _SHOWN[type(data)]}
        if isinstance(data, e.FallbackStarted):
            shown |= {"men": data.need.men, "oldest_son_age": data.need.oldest_son_age}
        self.context.truth.demand.record_start(_case_name(data), CaseStart(data.region, logged.times, shown))
        return logged

    def _log_end(self, region: str, data: End) -> LoggedEvent:
        logged = self.context.log(WORKER, region, data)
        self.context.truth.demand.record_end(_case_name(data), logged.times, data.outcome)
        return logged

    def _now_or_late(self, action: Action) -> None:
        random = self.context.random
        if random.happens(self.context.parameters.logged_late):
            self.context.queue.after(random.between(HOUR, 14 * HOUR), action)
        else:
            action()

    def _correct_later(self, action: Action) -> None:
        """Schedule a correction for when the mistake is noticed, by day."""
        random, queue = self.context.random, self.context.queue
        queue.at(postponed_to_day(queue.now + random.between(10 * MINUTE, 20 * HOUR), random.between(0, HOUR)), action)


def _case_name(data: e.Data) -> CaseName:
    kinds: tuple[CaseKind, ...] = ("search", "fallback", "entry")
    return next((kind, key) for kind in kinds if (key := getattr(data, kind, None)))
