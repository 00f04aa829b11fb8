"""`POST /v1/holds/{hold}/accept` and `/decline`: the shelter answers, with a code. Who waits stands in `GET /v1/shelters`.

A unit that turned out to be unfit can be closed with the same answer, or it would be offered again.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Request, Response

from services.adapters.checks import Problem
from services.adapters.identity import Caller
from services.adapters.problems import ProblemError
from services.adapters.web import answer
from services.api.forms import DeclineForm, Form
from services.api.holds import Holding, pending
from services.api.mirror import Kept
from services.api.sending import desk_of
from services.api.standing import shown
from services.domain.events import HoldAccepted, HoldDeclined, UnitClosed
from services.domain.holds import Hold
from services.domain.values import CLOSING_REASONS

_UNFIT: Final = "unit_unfit"
_Said = HoldAccepted | HoldDeclined | UnitClosed


@dataclass(slots=True, kw_only=True)
class Answering:
    """All that answering takes."""

    holding: Holding
    form: Form[DeclineForm] = field(init=False)

    def __post_init__(self) -> None:
        self.form = Form(DeclineForm, frozenset(), _closes_what_is_unfit)

    async def accept(self, request: Request, hold: str) -> Response:
        """Say that a household can come."""
        caller = await self.holding.reading.caller(request, "shelter")
        shelter, _ = await self._of(request, caller, hold)
        return await self._said(shelter, hold, [HoldAccepted(shelter=shelter, hold=hold)])

    async def decline(self, request: Request, hold: str) -> Response:
        """Say that it can't, and why; the hold is over before the unit is closed, or it would be overtaken by that."""
        caller = await self.holding.reading.caller(request, "shelter")
        form, _ = await self.form.read(request)
        shelter, found = await self._of(request, caller, hold)
        said: list[_Said] = [HoldDeclined(shelter=shelter, hold=hold, reason=form.reason)]
        if form.close_unit and found.unit:
            said.append(UnitClosed(shelter=shelter, unit=found.unit, reason=form.close_unit))
        offers_to_close = form.reason == _UNFIT and not form.close_unit
        closable = {"close_unit": {"unit": found.unit, "reasons": CLOSING_REASONS}} if offers_to_close else {}
        return await self._said(shelter, hold, said, **closable)

    async def _of(self, request: Request, caller: Caller, hold: str) -> Kept:
        """Find a hold of her shelters, and note that she decides on it; ProblemError 403 when there is none, 409 when it is over."""
        country, audit = await self.holding.mirror.country(), self.holding.reading.audit
        mine = [(shelter, found) for shelter, found in self.holding.mirror.holds(hold) if shelter in caller.shelters]
        if not mine:
            await audit.refused(request, caller)
            raise ProblemError("not-yours")
        [(shelter, found), *_] = mine
        if not found.live(country.now) and found.status != "declined":
            raise ProblemError("hold-over", hold_status=found.status_at(country.now))
        await audit.note(request, caller, "hold-answered", objects=(("shelter", shelter), ("hold", hold)))
        return shelter, found

    async def _said(self, shelter: str, hold: str, said: list[_Said], **more: Any) -> Response:
        """Append, and tell what the hold is then: it may have been over before this was logged.

        The events are the same whoever of the shelter says it again. Who asked has her turn back: something came of it.
        """
        sending = self.holding.sending
        attempt = sending.pseudonyms.attempt(shelter, "answer", hold)
        events = [sending.event(attempt, desk_of(shelter), shelter, each) for each in said]
        visible = await sending.shown(events, await sending.send(*events), self.holding.patience_s)
        found = await self.holding.decision(shelter, hold) if visible else None
        if found is None:
            return pending(hold)
        now = self.holding.reading.now()
        wanted = found.accepted and found.live(now) if isinstance(said[0], HoldAccepted) else found.status == "declined"
        if not wanted:
            raise ProblemError("hold-over", hold_status=found.status_at(now))
        if await self.holding.notes.first(hold):
            await self.holding.reading.identity.give_back(found.asked_by, "name")
        return answer(_document(shelter, found, now) | more)


def _document(shelter: str, hold: Hold, now: int) -> dict[str, Any]:
    return {
        "hold": hold.hold,
        "shelter": shelter,
        "status": hold.status_at(now),
        "unit": hold.unit,
        "desk": hold.desk,
        "adults": hold.adults,
        "children": hold.children,
        "until": shown(hold.until),
        "accepted": hold.accepted,
    }


def _closes_what_is_unfit(form: DeclineForm) -> list[Problem]:
    wrong = form.close_unit is not None and form.reason != _UNFIT
    return [Problem("/close_unit", "unknown_member")] if wrong else []
