"""`/v1/waiting-list`: who waits for a place of a kind in a region, in which position. Joined and left as a fallback is logged."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from services.adapters.checks import Problem
from services.adapters.identity import Caller
from services.adapters.view.cases import CaseShown
from services.adapters.web import answer
from services.api.cases import Cases
from services.api.fallbacks import not_ahead, subject
from services.api.forms import Form, JoinForm, LeaveForm
from services.api.searches import home
from services.api.sending import WORKER
from services.api.standing import shown_ns
from services.domain.events import WaitingListJoined, WaitingListLeft


@dataclass(slots=True, kw_only=True)
class WaitingList:
    """All that waiting takes."""

    cases: Cases
    regions: frozenset[str]
    form: Form[JoinForm] = field(init=False)
    leave_form: Form[LeaveForm] = field(init=False)

    def __post_init__(self) -> None:
        self.form, self.leave_form = Form(JoinForm, self.regions, _household), Form(LeaveForm, self.regions)

    async def join(self, request: Request) -> Response:
        """Log that a household waits."""
        reading, posting = self.cases.reading, self.cases.posting
        caller = await reading.caller(request, "worker", asked=None)
        form, body = await self.form.read(request)
        not_ahead(form.occurred_at, reading.now())
        region = await home(reading, request, caller, form.region)
        attempt = await posting.sending.attempt(request, caller, body)
        data = WaitingListJoined(
            entry=attempt.id("entry"),
            region=region,
            kind=form.kind,
            adults=form.adults,
            children=form.children,
            occurred_at=form.occurred_at,
        )
        answered = await posting.post(posting.sending.event(attempt, WORKER, region, data), {"entry": data.entry}, 201)
        await self._noted(request, caller, data.entry, "joined")
        return answered

    async def leave(self, request: Request, entry: str) -> Response:
        """Log that it no longer does."""
        reading, posting = self.cases.reading, self.cases.posting
        caller = await reading.caller(request, "worker", asked=None)
        form, body = await self.leave_form.read(request)
        not_ahead(form.occurred_at, reading.now())
        case = await self.cases.hers(request, caller, "entry", entry)
        attempt = await posting.sending.attempt(request, caller, body)
        data = WaitingListLeft(entry=entry, outcome=form.outcome, occurred_at=form.occurred_at)
        answered = await posting.post(posting.sending.event(attempt, WORKER, subject(caller, case), data), {"entry": entry})
        await self._noted(request, caller, entry, "left")
        return answered

    async def listed(self, request: Request) -> Response:
        """List who waits in her regions, each with the position in the list of its region and kind."""
        caller = await self.cases.reading.caller(request, "worker")
        head, found = await self.cases.open(caller, "entry")
        await self.cases.reading.audit.note(request, caller, "demand-shown", objects=tuple(("entry", case.key) for case in found))
        return answer(head | {"entries": _placed(found)})

    async def _noted(self, request: Request, caller: Caller, entry: str, what: str) -> None:
        await self.cases.reading.audit.tried(request, caller, "demand-logged", objects=(("entry", entry),), what=(what,))


def _placed(found: list[CaseShown]) -> list[dict[str, Any]]:
    """Give each entry its number in the list of its region and kind."""
    places: Counter[tuple[str, str]] = Counter()
    told = []
    for case in found:
        if case.start:
            data = case.start.data
            places[data["region"], data["kind"]] += 1
            members = {name: data[name] for name in ("region", "kind", "adults", "children")}
            place = places[data["region"], data["kind"]]
            told.append({"entry": case.key, **members, "occurred_at": shown_ns(case.start.occurred_at), "position": place})
    return told


def _household(form: JoinForm) -> list[Problem]:
    return [Problem("", "no_household")] if form.adults + form.children < 1 else []
