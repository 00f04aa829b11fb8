"""`/v1/fallbacks`: a hotel is logged with what was free at that instant, and is never refused for a fault of ours.

Redis away: the evidence says `unavailable`. Kafka away: it is queued on disk. The audit log away: it is taken all the same.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Request, Response

from services.adapters.identity import Caller
from services.adapters.problems import ProblemError
from services.adapters.view.cases import CaseShown
from services.adapters.web import answer
from services.api.cases import Cases
from services.api.forms import FallbackEndForm, FallbackForm, Form, UndoForm, wrong
from services.api.mirror import Mirror
from services.api.searches import asked, home, household
from services.api.sending import WORKER
from services.api.standing import shown_ns
from services.domain import search
from services.domain.events import DemandCorrection, Evidence, FallbackEnded, FallbackStarted, Named
from services.domain.search import Ask

UNAVAILABLE: Final = Evidence(
    status="unavailable", free_nationally=0, fitting_nationally=0, fitting_excluded_for_safety=0, unknown_units=0, view={}
)
# Longer than this nobody waits for evidence with a household beside her.
_EVIDENCE_S: Final = 1.0
_AHEAD_MS: Final = 300_000
_MS_NS: Final = 1_000_000


@dataclass(slots=True, kw_only=True)
class Fallbacks:
    """All that logging fallbacks takes."""

    cases: Cases
    mirror: Mirror
    regions: frozenset[str]
    form: Form[FallbackForm] = field(init=False)
    end_form: Form[FallbackEndForm] = field(init=False)
    undo_form: Form[UndoForm] = field(init=False)

    def __post_init__(self) -> None:
        self.form = Form(FallbackForm, self.regions, household)
        self.end_form, self.undo_form = Form(FallbackEndForm, self.regions), Form(UndoForm, self.regions)

    async def start(self, request: Request) -> Response:
        """Log that a household is put up."""
        reading, posting = self.cases.reading, self.cases.posting
        caller = await reading.caller(request, "worker", asked=None)
        form, body = await self.form.read(request)
        not_ahead(form.occurred_at, reading.now())
        region = await home(reading, request, caller, form.region)
        attempt = await posting.sending.attempt(request, caller, body)
        ask = asked(form)
        data = FallbackStarted(
            fallback=attempt.id("fallback"),
            region=region,
            accommodation=form.accommodation,
            adults=ask.adults,
            children=ask.children,
            need=ask.need,
            reason=form.reason,
            evidence=await self._evidence(ask),
            occurred_at=form.occurred_at,
        )
        told = {"fallback": data.fallback, "evidence": data.evidence.status}
        answered = await posting.post(posting.sending.event(attempt, WORKER, region, data), told, 201)
        await self._noted(request, caller, data.fallback, "started")
        return answered

    async def end(self, request: Request, fallback: str) -> Response:
        """Log that it ended."""
        reading, posting = self.cases.reading, self.cases.posting
        caller = await reading.caller(request, "worker", asked=None)
        form, body = await self.end_form.read(request)
        not_ahead(form.occurred_at, reading.now())
        case = await self.cases.hers(request, caller, "fallback", fallback)
        attempt = await posting.sending.attempt(request, caller, body)
        data = FallbackEnded(fallback=fallback, outcome=form.outcome, occurred_at=form.occurred_at)
        answered = await posting.post(posting.sending.event(attempt, WORKER, subject(caller, case), data), {"fallback": fallback})
        await self._noted(request, caller, fallback, "ended")
        return answered

    async def undo(self, request: Request, fallback: str) -> Response:
        """Take back a start or an end that was a mistake."""
        reading, posting = self.cases.reading, self.cases.posting
        caller = await reading.caller(request, "worker", asked=None)
        form, body = await self.undo_form.read(request)
        case = await self.cases.hers(request, caller, "fallback", fallback)
        name = self.cases.said(fallback, form.undo, case)
        if name is None:
            raise ProblemError("nothing-to-undo" if case else "view-away")
        attempt = await posting.sending.attempt(request, caller, body)
        data = DemandCorrection(fallback=fallback, corrects=Named(source=name[0], id=name[1]), reason=form.reason)
        answered = await posting.post(posting.sending.event(attempt, WORKER, subject(caller, case), data), {"fallback": fallback})
        await self._noted(request, caller, fallback, "undone")
        return answered

    async def listed(self, request: Request) -> Response:
        """List those that are open in her regions."""
        caller = await self.cases.reading.caller(request, "worker")
        if request.query_params.get("open", "true") != "true":
            raise ProblemError("invalid", errors=[wrong("open", "bad_format")])
        head, found = await self.cases.open(caller, "fallback")
        await self.cases.reading.audit.note(request, caller, "demand-shown", objects=tuple(("fallback", case.key) for case in found))
        return answer(head | {"fallbacks": [_document(case) for case in found]})

    async def _evidence(self, ask: Ask) -> Evidence:
        """Tell what was free at this instant, as the view has it; unavailable where that can't be known."""
        try:
            async with asyncio.timeout(_EVIDENCE_S):
                country = await self.mirror.country()
        except (ProblemError, TimeoutError):
            return UNAVAILABLE
        found = search.look(country.shelters(), ask, self.cases.reading.limits)
        return Evidence(
            status="complete",
            free_nationally=found.free,
            fitting_nationally=found.fitting,
            fitting_excluded_for_safety=found.excluded,
            unknown_units=found.unknown,
            view=country.view(),
        )

    async def _noted(self, request: Request, caller: Caller, fallback: str, what: str) -> None:
        await self.cases.reading.audit.tried(request, caller, "demand-logged", objects=(("fallback", fallback),), what=(what,))


def subject(caller: Caller, case: CaseShown | None) -> str:
    """Tell the region of whoever asks (contract, section 1): that of the case, where it is known."""
    return (case.region if case else None) or min(caller.regions)


def not_ahead(occurred_at: int | None, now: int) -> None:
    """Refuse what is said to happen later, as the door does."""
    if occurred_at is not None and occurred_at > (now + _AHEAD_MS) * _MS_NS:
        raise ProblemError("invalid", errors=[wrong("/occurred_at", "in_future")])


def _document(case: CaseShown) -> dict[str, Any]:
    start = case.start
    told = {name: start.data[name] for name in ("region", "accommodation", "adults", "children", "reason")} if start else {}
    return {"fallback": case.key, **told, "occurred_at": shown_ns(start.occurred_at) if start else None}
