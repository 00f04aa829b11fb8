"""`POST /v1/holds/{hold}/accept` and `/decline`: the shelter answers, with a code. The holds that wait are in `GET /v1/shelters`.

A unit that turned out to be unfit can be closed with the same answer, or it would be offered again.
"""

from dataclasses import dataclass
from typing import Any

from services.adapters.clock import Clock
from services.adapters.http.call import Call
from services.adapters.rfc3339 import show_ms
from services.api.holds.hold_documents import hold_over
from services.api.holds.hold_log import HoldLog
from services.api.holds.models import UNFIT, AnswerAnswer, Closable, DeclineForm
from services.api.holds.pending_requests import PendingHolds
from services.api.limits.request_quota import RequestQuota
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.hold_index import HoldIndex, Kept
from services.domain.beds.holds import HoldFacts
from services.domain.events.catalog import HoldAccepted, HoldDeclined, UnitClosed
from services.domain.events.value_types import CLOSING_REASONS

_Response = HoldAccepted | HoldDeclined | UnitClosed


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelterResponses:
    """Takes the answers of shelters."""

    mirror: CountryCache
    index: HoldIndex
    log: HoldLog
    pending: PendingHolds
    quota: RequestQuota
    now: Clock

    async def accept(self, call: Call[None], hold: str) -> AnswerAnswer:
        """Accept a household."""
        shelter, _ = await self._find(call, hold)
        return await self._respond(shelter, hold, [HoldAccepted(shelter=shelter, hold=hold)])

    async def decline(self, call: Call[DeclineForm], hold: str) -> AnswerAnswer:
        """Decline a household with a code, and close the unit if the shelter says so."""
        form = call.body
        shelter, facts = await self._find(call, hold)
        answer = await self._respond(shelter, hold, decline_events(form, shelter, facts))
        if answer.status != "pending" and form.reason == UNFIT and not form.close_unit and facts.unit:
            answer.close_unit = Closable(unit=facts.unit, reasons=list(CLOSING_REASONS))
        return answer

    async def _find(self, call: Call[Any], hold: str) -> Kept:
        """Find a hold of the caller's shelters, and record that they decide on it; ProblemError 403 for none, 409 when it is over."""
        country = await self.mirror.country()
        mine = [(shelter, facts) for shelter, facts in self.index.of(hold) if shelter in call.caller.shelters]
        if not mine:
            await call.refuse()
        [(shelter, facts), *_] = mine
        if not facts.live(country.now) and facts.status != "declined":
            raise hold_over(facts, country.now)
        await call.record(("shelter", shelter), ("hold", hold))
        return shelter, facts

    async def _respond(self, shelter: str, hold: str, events: list[_Response]) -> AnswerAnswer:
        """Log an answer, give the worker's charge back, and return what the hold is then: it may have been over before this was logged."""
        facts = await self.log.publish_response(shelter, hold, events)
        if facts is None:
            return AnswerAnswer(hold=hold, status="pending")
        now = self.now()
        stands = facts.accepted and facts.live(now) if isinstance(events[0], HoldAccepted) else facts.status == "declined"
        if not stands:
            raise hold_over(facts, now)
        if await self.pending.mark_finished(hold):
            await self.quota.give_back_hold(facts.asked_by, hold)
        return response_answer(shelter, facts, now)


def decline_events(form: DeclineForm, shelter: str, hold: HoldFacts) -> list[_Response]:
    """Return the events of a decline. The hold is over before the unit is closed: else it would be overtaken by that (R11)."""
    events: list[_Response] = [HoldDeclined(shelter=shelter, hold=hold.hold, reason=form.reason)]
    if form.close_unit and hold.unit:
        events.append(UnitClosed(shelter=shelter, unit=hold.unit, reason=form.close_unit))
    return events


def response_answer(shelter: str, hold: HoldFacts, now: int) -> AnswerAnswer:
    """Return a hold as its shelter reads it at `now` (ms)."""
    return AnswerAnswer(
        hold=hold.hold,
        shelter=shelter,
        status=hold.status_at(now),
        unit=hold.unit,
        desk=hold.desk,
        adults=hold.adults,
        children=hold.children,
        until=show_ms(hold.until),
        accepted=hold.accepted,
    )
