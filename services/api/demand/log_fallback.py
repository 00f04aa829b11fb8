"""Fallbacks: a hotel is logged with what was free at that instant, and is never refused for a fault of Plek.

Redis away: the evidence says `unavailable`. Kafka away: it is queued on disk. The audit log away: it is taken all the same. Each answer
says whether something fits now (`fitting_now.py`): one last chance to avert it.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from services.adapters.auth.authentication import Caller
from services.adapters.auth.pseudonyms import Attempt
from services.adapters.http.call import Call
from services.adapters.http.request_body import wrong
from services.adapters.problem_details import DUTY_LIST, ProblemError
from services.adapters.rfc3339 import show
from services.adapters.view.case_documents import CaseShown
from services.api.demand.case_access import Cases
from services.api.demand.case_publisher import CaseChange
from services.api.demand.fitting_now import CurrentFit, FreeNow
from services.api.demand.models import FallbackAnswer, FallbacksAnswer, FallbackStartedAnswer, LooksDouble, NotLoggedAnswer, OpenFallback
from services.api.demand.recent_cases import RecentCases
from services.api.demand.requests import FallbackEndForm, FallbackForm, UndoForm
from services.api.limits.abuse_alerts import Alerts
from services.api.publishing.need_sealing import NeedSealing
from services.api.publishing.request_models import resolve_region
from services.domain.events.catalog import Evidence, FallbackEnded, FallbackStarted

# Of the need, what a list of open fallbacks shows
_LISTED: Final = ("men", "oldest_son_age")
_DOUBLE_NL: Final = "Zo'n huishouden is hier minder dan tien minuten geleden al gelogd. Is het hetzelfde, neem er dan één terug."
_DOUBLE_EN: Final = "Such a household was logged here less than ten minutes ago. If it is the same one, take one of them back."


@dataclass(slots=True, kw_only=True)
class Fallbacks:
    """Logs and lists fallbacks."""

    cases: Cases
    fitting: CurrentFit
    recent: RecentCases
    alerts: Alerts
    needs: NeedSealing

    async def start(self, call: Call[FallbackForm]) -> FallbackStartedAnswer | NotLoggedAnswer:
        """Log that a household is put up; with `ask_first`, only where nothing fits or that is not known."""
        form, posting = call.body, self.cases.posting
        posting.require_past(form.occurred_at)
        region = await resolve_region(call, form.region)
        # Asked first and then logged under one key it is one request, and takes one turn of the rate limit
        question = {name: value for name, value in call.json.items() if name != "ask_first"}
        attempt = await posting.sending.attempt(call, question)
        free_now = await self.fitting.look(form.criteria())
        household = self._household(form, region)
        fitting = await self.fitting.disclose(call, attempt, free_now, household, form.again_of)
        fallback = attempt.id("fallback")
        if form.ask_first and fitting in {"yes", "call_first"} and not await self.cases.taken("fallback", fallback):
            with suppress(ProblemError):  # nothing of it stays in the log: it counts as a search without a hold
                await self.alerts.searched(call.caller)
            return NotLoggedAnswer(status="not_logged", fitting_now=fitting, duty_list=DUTY_LIST)
        warnings = await self._warnings(call.caller, household, fallback)
        members = {"fitting_now": fitting, "duty_list": DUTY_LIST} | ({"warnings": warnings} if warnings else {})
        return await self._log(call, region, attempt, free_now, members)

    async def _log(
        self, call: Call[FallbackForm], region: str, attempt: Attempt, free_now: FreeNow, members: dict[str, Any]
    ) -> FallbackStartedAnswer:
        evidence = free_now.evidence
        change = CaseChange(
            kind="fallback",
            what="started",
            region=region,
            event=lambda attempt: fallback_started(call.body, region, attempt, evidence),
            attempt=attempt,
        )
        try:
            published = await self.cases.posting.publish(call, change)
        except ProblemError:
            await self.recent.forget(attempt.id("fallback"))
            raise
        with suppress(ProblemError):  # an alert that can't be recorded refuses no fallback
            await self.alerts.fallback_logged(call.caller)
        status: Literal["complete", "unavailable"] = "complete" if evidence.status == "complete" else "unavailable"
        return FallbackStartedAnswer(fallback=published.key, evidence=status, **members, **published.members())

    def _household(self, form: FallbackForm, region: str) -> str:
        return self.cases.posting.sending.pseudonyms.household(*form.identity(region))

    async def _warnings(self, caller: Caller, household: str, fallback: str) -> list[LooksDouble]:
        """Return a warning where such a household was logged a moment ago by the same person or desk."""
        pseudonyms = self.cases.posting.sending.pseudonyms
        loggers = [("person", caller.sub), *([("desk", caller.desk)] if caller.desk else [])]
        first = await self.recent.first([pseudonyms.logged(kind, name, household) for kind, name in loggers], fallback)
        return [LooksDouble(code="looks_double", nl=_DOUBLE_NL, en=_DOUBLE_EN, fallback=first)] if first else []

    async def end(self, call: Call[FallbackEndForm], fallback: str) -> FallbackAnswer:
        """Log that a fallback ended."""
        form = call.body
        self.cases.posting.require_past(form.occurred_at)
        data = FallbackEnded(fallback=fallback, outcome=form.outcome, occurred_at=form.occurred_at)
        published = await self.cases.change(call, "fallback", fallback, "ended", lambda _: data)
        return FallbackAnswer(fallback=published.key, **published.members())

    async def undo(self, call: Call[UndoForm], fallback: str) -> FallbackAnswer:
        """Take back a start or an end that was a mistake."""
        published = await self.cases.undo(call, "fallback", fallback)
        if call.body.undo == "start":
            await self.recent.forget(fallback)
        return FallbackAnswer(fallback=published.key, **published.members())

    async def list_open(self, call: Call[None]) -> FallbacksAnswer:
        """List the fallbacks that are open in the regions of the caller, the earliest first."""
        if call.request.query_params.get("open", "true") != "true":
            raise ProblemError("invalid", errors=[wrong("open", "bad_format")])
        head, cases = await self.cases.open(call.caller, "fallback")
        call.describe(*(("fallback", case.key) for case in cases))
        return FallbacksAnswer(**head, fallbacks=[self._open_fallback(case) for case in cases])

    def _open_fallback(self, case: CaseShown) -> OpenFallback:
        """Return an open case; in the list of what is open each has a start."""
        if case.start is None:
            raise ValueError("an open case without a start")
        members = {name: case.start.data[name] for name in ("region", "accommodation", "adults", "children", "reason")}
        need = self._need_of(case.key, case.start.data)
        return OpenFallback(fallback=case.key, **members, **need, occurred_at=show(case.start.occurred_at))

    def _need_of(self, fallback: str, start: dict[str, Any]) -> dict[str, Any]:
        """Return what of the need of a fallback is listed; once its key is destroyed nothing but that."""
        if "need" in start:  # version 1
            return {"need": "known"} | {name: start["need"][name] for name in _LISTED}
        stated = self.needs.open("fallback", fallback, **start["sealed"])
        if isinstance(stated, str):
            return {"need": stated} | dict.fromkeys(_LISTED)
        return {"need": "known"} | {name: getattr(stated.need, name) for name in _LISTED}


def fallback_started(form: FallbackForm, region: str, attempt: Attempt, evidence: Evidence) -> FallbackStarted:
    """Return the event of a fallback: what the worker stated, and what was free at that instant."""
    criteria = form.criteria()
    return FallbackStarted(
        fallback=attempt.id("fallback"),
        region=region,
        accommodation=form.accommodation,
        adults=criteria.adults,
        children=criteria.children,
        need=criteria.need,
        reason=form.reason,
        evidence=evidence,
        occurred_at=form.occurred_at,
    )
