"""Counts behaviour that may be misuse, and raises an alert for the coordinators of the caller's region. An alert refuses nothing.

Raised at many searches without a hold, holds given back before a shelter answered, broken glass, many searches of a desk, many fallbacks
of a person, and a changed duty number. Each is counted by metric, recorded in the audit log, logged without a name, kept for the
coordinators (`alert_log.py`), and pushed to them.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from services.adapters.alerts.alert_record import Alert, AlertKind
from services.adapters.audit.recorder import Audit
from services.adapters.audit.records import Entry, shelters
from services.adapters.auth.authentication import Caller
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.auth.rate_limits import CounterKind, Rates
from services.adapters.clock import Clock
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.observability.metrics import Metrics
from services.adapters.roles import Role
from services.api.limits.alert_log import AlertLog
from services.domain.durations import HOUR_S

_log = logging.getLogger(__name__)
_HOUR_MS: Final = HOUR_S * 1_000

_MESSAGES: Final[dict[AlertKind, str]] = {
    "searches": "many searches without a hold",
    "holds": "many holds given back or expired that no shelter accepted",
    "glass": "a rate limit was passed by breaking the glass",
    "desk": "many searches of a desk",
    "fallbacks": "many fallbacks of a person",
    "call_lists": "many lists of shelters to call",
    "take_overs": "many holds of colleagues taken over",
    "phone": "the intake phone of a shelter is another one",
    "number": "a duty number was entered or taken back",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Counts what a person and a desk do within an hour, and raises an alert at so many. `wall` is the real clock."""

    audit: Audit
    metrics: Metrics
    pseudonyms: Pseudonyms
    rates: Rates
    wall: Clock
    log: AlertLog
    searches_at: int
    holds_at: int
    desk_at: int
    call_lists_at: int
    take_overs_at: int
    fallbacks_over: int = 60

    def __post_init__(self) -> None:
        # A counter that appears with the first alert shows no increase to a monitoring rule
        for kind in _MESSAGES:
            self.metrics.count("plek_alarms_total", 0, what=kind)

    async def searched(self, caller: Caller) -> None:
        """Count a search of a person, and of the desk."""
        counters: list[tuple[CounterKind, str]] = [("unheld", caller.sub)]
        if caller.desk:
            counters.append(("desk", caller.desk))
        of_person, *of_desk = await self.rates.count(*counters)
        await self._raise_at(caller, "searches", of_person, self.searches_at)
        for number in of_desk:
            await self._raise_at(caller, "desk", number, self.desk_at)

    async def held(self, caller: Caller) -> None:
        """Set the count of a person's searches to zero: they came to a hold."""
        await self.rates.forget(caller.sub, "unheld")

    async def given_back(self, caller: Caller) -> None:
        """Count a hold that was given back before any shelter answered it: a telephone number was read."""
        (number,) = await self.rates.count(("given-back", self.pseudonyms.asked_by(caller.sub)))
        await self._raise_at(caller, "holds", number, self.holds_at)

    async def let_expire(self, person: str, desk: str, regions: tuple[str, ...]) -> None:
        """Count a hold that expired unanswered as one that was given back; `person` is the pseudonym of the worker who had it."""
        (number,) = await self.rates.count(("given-back", person))
        if number == self.holds_at:
            await self._record(Entry(at=self.wall(), happening="alarm-raised", on_behalf_of=(f"desk:{desk}",), what=("holds",)))
            await self._add(Alert(id=str(uuid4()), at=self.wall(), what="holds", count=number, desk=desk, regions=regions), "worker")

    async def phone_changed(self, shelter: str, phone: str, regions: tuple[str, ...]) -> None:
        """Raise an alert that the intake phone of a shelter is another one, once of all processes that notice it."""
        line = self.pseudonyms.rated("\n".join([shelter, phone, str(self.wall() // _HOUR_MS)]))
        if await self.rates.count(("phone", line)) == [1]:
            await self._record(Entry(at=self.wall(), happening="alarm-raised", objects=shelters([shelter]), what=("phone",)))
            await self._add(Alert(id=line, at=self.wall(), what="phone", count=1, regions=regions, reason=shelter), "shelter")

    async def _record(self, entry: Entry) -> None:
        """Write an audit entry of what no caller does, as far as that is possible."""
        with suppress(LogUnavailableError):
            await self.audit.writer.append(entry)

    async def calls_listed(self, caller: Caller) -> None:
        """Count an answer that named shelters to call, with their telephone numbers."""
        (number,) = await self.rates.count(("listed", caller.sub))
        await self._raise_at(caller, "call_lists", number, self.call_lists_at)

    async def taken_over(self, caller: Caller) -> None:
        """Count a colleague's hold that was taken over."""
        (number,) = await self.rates.count(("taken-over", caller.sub))
        await self._raise_at(caller, "take_overs", number, self.take_overs_at)

    async def fallback_logged(self, caller: Caller) -> None:
        """Count a fallback of a person; none is refused, and too many are flagged."""
        (number,) = await self.rates.count(("fallback", caller.sub))
        await self._raise_at(caller, "fallbacks", number, self.fallbacks_over + 1)

    async def glass_broken(self, caller: Caller, limit: str, reason: str) -> None:
        """Record that a limit was passed, before the request is answered; ProblemError 503 when that fails.

        Coordinators see those of a person within an hour as one alert with its count: else a script fills the list of its own region.
        """
        await self.audit.write(caller, "glass-broken", what=(limit, reason))
        self.metrics.count("plek_glass_broken_total", limit=limit, reason=reason)
        person_and_hour = "\n".join([caller.sub, str(self.wall() // _HOUR_MS), caller.desk or "", *sorted(caller.regions)])
        line = self.pseudonyms.rated(person_and_hour)
        (number,) = await self.rates.count(("glass", line))
        alert = alert_of(caller, "glass", self.wall(), count=number, reason=reason)
        await self._add(replace(alert, id=line), caller.role)

    async def number_changed(self, caller: Caller, organisation: str, region: str) -> None:
        """Raise an alert for the other coordinators of a region: one of its duty numbers changed. The audit entry is written already."""
        alert = alert_of(caller, "number", self.wall(), count=1, reason=organisation)
        await self._add(replace(alert, regions=(region,)), caller.role)

    def refused(self, limit: str) -> None:
        """Count a request that a limit refused."""
        self.metrics.count("plek_too_many_total", asked=limit)

    async def _raise_at(self, caller: Caller, kind: AlertKind, number: int, threshold: int) -> None:
        # Once, when the threshold is reached: what comes after it is the same alert
        if number == threshold:
            await self.audit.write(caller, "alarm-raised", what=(kind,))
            await self._add(alert_of(caller, kind, self.wall(), count=number), caller.role)

    async def _add(self, alert: Alert, role: Role) -> None:
        self.metrics.count("plek_alarms_total", what=alert.what)
        _log.warning(_MESSAGES[alert.what], extra={"role": role, "count": alert.count})
        await self.log.add(alert)


def alert_of(caller: Caller, kind: AlertKind, at: int, *, count: int, reason: str | None = None) -> Alert:
    """Return an alert about a caller at an instant (ms), for the coordinators of the caller's regions."""
    regions = tuple(sorted(caller.regions))
    return Alert(id=str(uuid4()), at=at, what=kind, count=count, desk=caller.desk, regions=regions, reason=reason)
