"""`/v1/fallbacks`: a hotel is logged with what was free at that instant, and is never refused for a fault of ours.

Redis away: the evidence says `unavailable`. Kafka away: it is queued on disk. The audit log away: it is taken all the same.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Request, Response

from services.adapters.problems import ProblemError
from services.adapters.pseudonym import Attempt
from services.adapters.view.cases import CaseShown
from services.adapters.web import answer
from services.api.cases import Cases
from services.api.forms import FallbackEndForm, FallbackForm, Form, UndoForm, wrong
from services.api.mirror import Mirror
from services.api.searches import asked, home, household
from services.api.standing import shown_ns
from services.domain import search
from services.domain.events import DemandCorrection, Evidence, FallbackEnded, FallbackStarted, Named
from services.domain.search import Ask

UNAVAILABLE: Final = Evidence(
    status="unavailable", free_nationally=0, fitting_nationally=0, fitting_excluded_for_safety=0, unknown_units=0, view={}
)
# Longer than this nobody waits for evidence with a household beside her.
_EVIDENCE_S: Final = 1.0


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
        heard, form = await posting.hear(request, self.form)
        region = await home(reading, request, heard.caller, form.region)
        ask = asked(form)
        evidence = await self._evidence(ask)

        def started(attempt: Attempt) -> FallbackStarted:
            return FallbackStarted(
                fallback=attempt.id("fallback"),
                region=region,
                accommodation=form.accommodation,
                adults=ask.adults,
                children=ask.children,
                need=ask.need,
                reason=form.reason,
                evidence=evidence,
                occurred_at=form.occurred_at,
            )

        return await posting.say(heard, "fallback", "started", region, started, 201, evidence=evidence.status)

    async def end(self, request: Request, fallback: str) -> Response:
        """Log that it ended."""
        heard, form = await self.cases.posting.hear(request, self.end_form)
        data = FallbackEnded(fallback=fallback, outcome=form.outcome, occurred_at=form.occurred_at)
        return await self.cases.change(heard, "fallback", fallback, "ended", lambda _: data)

    async def undo(self, request: Request, fallback: str) -> Response:
        """Take back a start or an end that was a mistake."""
        heard, form = await self.cases.posting.hear(request, self.undo_form)

        def taken_back(case: CaseShown | None) -> DemandCorrection:
            name = self.cases.said(fallback, form.undo, case)
            if name is None:
                raise ProblemError("nothing-to-undo" if case else "view-away")
            return DemandCorrection(fallback=fallback, corrects=Named(source=name[0], id=name[1]), reason=form.reason)

        return await self.cases.change(heard, "fallback", fallback, "undone", taken_back)

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


def _document(case: CaseShown) -> dict[str, Any]:
    start = case.start
    told = {name: start.data[name] for name in ("region", "accommodation", "adults", "children", "reason")} if start else {}
    return {"fallback": case.key, **told, "occurred_at": shown_ns(start.occurred_at) if start else None}
