"""The crisis workers' logbook: what becomes of a household is logged, at once or hours later, now and then wrong, and put right.

Whatever is logged here the casebook is told at that instant; whoever writes too late or too much is told so by nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from services.adapters.instants import NS_PER_MS
from services.domain import events as e
from services.simulator.casebook import Began, Kind, Name, Said
from services.simulator.hours import HOUR, MINUTE, by_day
from services.simulator.world import WORKER, Logged, World

Begins = e.FallbackStarted | e.WaitingListJoined
Ends = e.SearchEnded | e.FallbackEnded | e.WaitingListLeft


@dataclass(slots=True)
class Logbook:
    """Logs for every worker."""

    world: World

    def searched(self, data: e.SearchMade) -> None:
        """Log a search: a machine does, so it is neither late nor wrong."""
        logged = self.world.say(WORKER, data.region, data)
        self.world.truth.demand.began(("search", data.search), Began(data.region, (logged.at, logged.at), {}))

    def begins(self, say: Callable[[], Begins], happened: int) -> None:
        """Have it logged that a household is put up or waits since an instant; what there is to `say` is looked up when it is logged."""
        instant = self._instant(happened)
        self._soon_or_late(lambda: self._begin(replace(say(), occurred_at=instant)))

    def _begin(self, data: Begins) -> None:
        chance, parameters = self.world.chance, self.world.parameters
        if chance.hit(parameters.wrong_people):
            logged = self._log_begin(replace(data, children=data.children + 1))
            self._noticed(partial(self._right_people, data, logged))
            return
        self._log_begin(data)
        if isinstance(data, e.FallbackStarted) and chance.hit(parameters.told_twice):
            self.world.agenda.after(chance.between(5 * MINUTE, 4 * HOUR), partial(self._begin_twice, data))

    def _begin_twice(self, data: e.FallbackStarted) -> None:
        """Have a colleague log a household that was logged; then they notice."""
        again = replace(data, fallback=self.world.chance.uuid())
        self._noticed(partial(self._take_back, data.region, self._log_begin(again), "duplicate"))

    def _right_people(self, data: Begins, wrong: Logged) -> None:
        """Say how many they are: after taking back what was wrong, or (the last word counts) without."""
        if self.world.chance.hit(0.6):
            self._take_back(data.region, wrong, "mistake")
        self._log_begin(data)

    def ends(self, region: str, data: Ends) -> None:
        """Have it logged that something ended now; now and then a colleague logs it too, a little later and in other words."""
        chance, now = self.world.chance, self.world.agenda.now
        self._soon_or_late(partial(self._end, region, replace(data, occurred_at=self._instant(now))))
        if chance.hit(self.world.parameters.told_twice):
            later = now + chance.between(5 * MINUTE, 3 * HOUR)
            self.world.agenda.at(later, partial(self._end_again, region, data, later))

    def _end_again(self, region: str, data: Ends, happened: int) -> None:
        self._log_end(region, replace(data, outcome=_OTHERWISE[type(data)], occurred_at=self._instant(happened)))

    def _end(self, region: str, data: Ends) -> None:
        if not self.world.chance.hit(self.world.parameters.wrong_case):
            self._log_end(region, data)
        elif isinstance(data, e.SearchEnded):
            self._noticed(partial(self._right_end, region, data, region, self._log_end(region, replace(data, outcome="unknown"))))
        elif others := self._others(data):
            key, theirs = self.world.chance.pick(others)
            wrong = replace(data, fallback=key) if isinstance(data, e.FallbackEnded) else replace(data, entry=key)
            self._noticed(partial(self._right_end, region, data, theirs, self._log_end(theirs, wrong)))
        else:
            self._log_end(region, data)

    def _others(self, data: Ends) -> list[tuple[str, str]]:
        """List the lines beside this one: what else is open of its kind, and where."""
        kind, key = _name(data)
        return [(other, began.region) for other, began in self.world.truth.demand.now(kind) if other != key]

    def _right_end(self, region: str, data: Ends, theirs: str, wrong: Logged) -> None:
        self._take_back(theirs, wrong, "mistake")
        self._log_end(region, data)

    def _take_back(self, region: str, wrong: Logged, reason: str) -> None:
        kind, key = name = _name(wrong.event.data)
        named = e.Named(source=wrong.event.source, id=wrong.event.id)
        self.world.say(WORKER, region, e.DemandCorrection(**{kind: key}, corrects=named, reason=reason))
        self.world.truth.demand.take_back(name, wrong.at)

    def _log_begin(self, data: Begins) -> Logged:
        logged = self.world.say(WORKER, data.region, data)
        said = _said(data.occurred_at, logged)
        self.world.truth.demand.began(
            _name(data), Began(data.region, said, {member: getattr(data, member) for member in _SHOWN[type(data)]})
        )
        return logged

    def _log_end(self, region: str, data: Ends) -> Logged:
        logged = self.world.say(WORKER, region, data)
        self.world.truth.demand.ended(_name(data), _said(data.occurred_at, logged), data.outcome)
        return logged

    def _soon_or_late(self, act: Callable[[], None]) -> None:
        chance = self.world.chance
        if chance.hit(self.world.parameters.logged_late):
            self.world.agenda.after(chance.between(HOUR, 14 * HOUR), act)
        else:
            act()

    def _noticed(self, act: Callable[[], None]) -> None:
        """Have a mistake put right when somebody notices, by day."""
        chance = self.world.chance
        self.world.agenda.at(by_day(self.world.agenda.now + chance.between(10 * MINUTE, 20 * HOUR), chance.between(0, HOUR)), act)

    def _instant(self, happened: int) -> int:
        return self.world.scale.logged(happened) * NS_PER_MS


_SHOWN: dict[type, tuple[str, ...]] = {
    e.FallbackStarted: ("accommodation", "adults", "children", "reason"),
    e.WaitingListJoined: ("kind", "adults", "children"),
}
# What a colleague says who does not know better
_OTHERWISE: dict[type, str] = {e.SearchEnded: "unknown", e.FallbackEnded: "other", e.WaitingListLeft: "unknown"}


def _said(occurred_at: int | None, logged: Logged) -> Said:
    return logged.at if occurred_at is None else occurred_at // NS_PER_MS, logged.at


def _name(data: e.Data) -> Name:
    kinds: tuple[Kind, ...] = ("search", "fallback", "entry")
    return next((kind, key) for kind in kinds if (key := getattr(data, kind, None)))
