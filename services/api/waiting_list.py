"""`/v1/waiting-list`: who waits for a place of a kind in a region, in which position. Joined and left as a fallback is logged."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from services.adapters.checks import Problem
from services.adapters.pseudonym import Attempt
from services.adapters.view.cases import CaseShown
from services.adapters.web import answer
from services.api.cases import Cases
from services.api.forms import Form, JoinForm, LeaveForm
from services.api.searches import home
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
        posting = self.cases.posting
        heard, form = await posting.hear(request, self.form)
        region = await home(self.cases.reading, request, heard.caller, form.region)

        def joined(attempt: Attempt) -> WaitingListJoined:
            return WaitingListJoined(
                entry=attempt.id("entry"),
                region=region,
                kind=form.kind,
                adults=form.adults,
                children=form.children,
                occurred_at=form.occurred_at,
            )

        return await posting.say(heard, "entry", "joined", region, joined, 201)

    async def leave(self, request: Request, entry: str) -> Response:
        """Log that it no longer does."""
        heard, form = await self.cases.posting.hear(request, self.leave_form)
        data = WaitingListLeft(entry=entry, outcome=form.outcome, occurred_at=form.occurred_at)
        return await self.cases.change(heard, "entry", entry, "left", lambda _: data)

    async def listed(self, request: Request) -> Response:
        """List who waits in her regions, each with the position in the list of its region and kind."""
        caller = await self.cases.reading.caller(request, "worker")
        head, found = await self.cases.open(caller, "entry")
        await self.cases.reading.audit.note(request, caller, "demand-shown", objects=tuple(("entry", case.key) for case in found))
        return answer(head | {"entries": _placed(found)})


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
