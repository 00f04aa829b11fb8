"""`/v1/holds` of a worker: which there are, what became of one, release, extend, take over.

The answer is what the log decided (R10, R11). "Forbidden" and "does not exist" are one answer. A hold that is not decided yet
(`request_life.py`) is seen by its worker alone, and reading it keeps the request alive.
"""

import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from services.adapters.audit.records import Object, shelters
from services.adapters.http.call import Call
from services.adapters.problem_details import ProblemError
from services.adapters.rfc3339 import show_ms
from services.api.holds.abandoned_requests import with_given_up
from services.api.holds.hold_documents import EXTENDABLE_MS, HoldDocuments, VisibleHold, extendable_from, hold_over, pending_answer
from services.api.holds.hold_log import HoldLog
from services.api.holds.models import HoldAnswer, HoldsAnswer
from services.api.holds.pending_requests import PendingHolds, PendingHoldsUnavailableError
from services.api.holds.request_life import PendingHold
from services.api.holds.visibility import Ownership, is_unanswered
from services.api.limits.abuse_alerts import Alerts
from services.api.read_model.country_cache import CountryCache, CountrySnapshot
from services.api.read_model.hold_index import HoldIndex
from services.api.read_model.view_reader import ViewReader
from services.domain.beds.holds import HoldFacts
from services.domain.events.catalog import HoldExtended, HoldReleased

# As long as it takes to phone, be phoned back, and say yes (design, section 1).
TTL_S: Final = 1_800
# Of the holds that wait for a shelter's answer: one to be refused, and one in reserve.
MOST: Final = 2
_ID: Final = re.compile("[0-9a-f-]{36}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """Reads and changes the holds of workers."""

    reading: ViewReader
    mirror: CountryCache
    index: HoldIndex
    log: HoldLog
    pending: PendingHolds
    ownership: Ownership
    documents: HoldDocuments
    alerts: Alerts

    async def list_holds(self, call: Call[None]) -> HoldsAnswer:
        """List the caller's holds, and the live ones of colleagues."""
        country = await self.mirror.country()
        listed = await self.ownership.list_seen(call.caller, country.now)
        seen = [each for each in listed if await self._is_kept(each, country.now)]
        call.describe(*_objects(seen))
        answers = [self.documents.answer(country, each) for each in await with_given_up(self.pending, seen)]
        return HoldsAnswer(**self.reading.dataset_head(country.now), **country.head, holds=answers)

    async def get(self, call: Call[None], hold: str) -> HoldAnswer:
        """Return one hold, and keep its request alive while it is not decided."""
        found = await self._find(call, hold)
        if found is None:
            return pending_answer(hold)
        call.describe(*_objects([found]))
        [seen] = await with_given_up(self.pending, [found])
        return self.documents.answer(await self.mirror.country(), seen)

    async def release(self, call: Call[None], hold: str) -> HoldAnswer:
        """Release a hold; one that was released already stays so."""
        seen, country = await self._find_own(call, hold)
        facts = seen.hold
        if facts.live(country.now):
            answer = await self._change(seen, HoldReleased(shelter=seen.shelter, hold=hold))
            if not facts.accepted and await self.pending.mark_finished(hold):
                await self.alerts.given_back(call.caller)
            return answer
        if facts.status != "released":
            raise hold_over(facts, country.now)
        return self.documents.answer(country, seen)

    async def extend(self, call: Call[None], hold: str) -> HoldAnswer:
        """Extend a hold, once (R11), and not before its last ten minutes: earlier it would be used up for nothing."""
        seen, country = await self._find_own(call, hold)
        refusal = why_not_extended(seen.hold, country.now)
        if refusal:
            raise refusal
        return await self._change(seen, HoldExtended(shelter=seen.shelter, hold=hold, ttl_seconds=TTL_S))

    async def take_over(self, call: Call[None], hold: str) -> HoldAnswer:
        """Make a colleague's live hold the caller's own; one that is so already stays so."""
        seen = await self._find(call, hold)
        if seen is None:
            raise ProblemError("hold-undecided")
        await call.record(*_objects([seen]))
        country, own = await self.mirror.country(), seen._replace(mine=True)
        if not seen.hold.live(country.now):
            raise hold_over(seen.hold, country.now)
        # The first worker may never have read that it was granted
        if not await self._is_kept(own, country.now):
            raise ProblemError("hold-undecided")
        if not seen.mine:
            if not await self.ownership.take(call.caller, seen):
                raise ProblemError("colleague-has-it")
            await self.alerts.taken_over(call.caller)
        return self.documents.answer(country, own)

    async def confirm(self, hold: str, now: int) -> bool:
        """Take the step `confirm` before a decision is answered: else it could be given up after that. False when it can't be taken."""
        with suppress(PendingHoldsUnavailableError):
            return await self.pending.confirm(hold, now)
        return False

    async def release_if_over_limit(self, seen: VisibleHold, now: int) -> bool:
        """Release a hold that was granted beside two others, requested at the same instant; return whether it was."""
        hold = seen.hold
        over = is_over_limit(hold, (facts for _, facts in self.index.asked_by(hold.asked_by)), now)
        if over:
            await self.log.publish(HoldReleased(shelter=seen.shelter, hold=hold.hold))
        return over

    async def _find_own(self, call: Call[None], hold: str) -> tuple[VisibleHold, CountrySnapshot]:
        """Find a hold of the caller that was decided, and record that it is changed; ProblemError 403 or 409."""
        seen = await self._find(call, hold)
        if seen is None:
            raise ProblemError("hold-undecided")
        await call.record(*_objects([seen]))
        if not seen.mine:
            raise ProblemError("colleague-has-it")
        return seen, await self.mirror.country()

    async def _change(self, seen: VisibleHold, change: HoldReleased | HoldExtended) -> HoldAnswer:
        """Log a change of a live hold, and return what the hold is then: it may have been over before this was logged."""
        visible = await self.log.publish(change)
        decided = await self.log.decision(seen.shelter, change.hold) if visible else None
        if decided is None:
            return pending_answer(change.hold)
        country = await self.mirror.country()
        if not (decided.status == "released" if isinstance(change, HoldReleased) else decided.live(country.now)):
            raise hold_over(decided, country.now)
        return self.documents.answer(country, seen._replace(hold=decided))

    async def _is_kept(self, seen: VisibleHold, now: int) -> bool:
        """Take the step `confirm` of a live hold of the worker's own; False when it was given up. Without Redis it is kept."""
        if seen.mine and is_unanswered(seen.hold, now):
            with suppress(PendingHoldsUnavailableError):
                return await self.pending.confirm(seen.hold.hold, now)
        return True

    async def _find(self, call: Call[None], hold: str) -> VisibleHold | None:
        """Find a hold that the caller sees; None when it waits for a decision. ProblemError 403 when there is none."""
        if not _ID.fullmatch(hold):
            await call.refuse()
        country = await self.mirror.country()
        try:
            request = await self.pending.get(hold)
        except PendingHoldsUnavailableError as away:
            raise ProblemError("data-unavailable") from away
        own = request if request and request.asked_by == self.ownership.person(call.caller) else None
        if own and own.waits:
            return await self._find_waiting(own, country.now)
        return await self.ownership.find(call.caller, hold, country.now) or await self._find_unmirrored(call, hold, own)

    async def _find_waiting(self, request: PendingHold, now: int) -> VisibleHold | None:
        """Return what was decided on the caller's own request; None where that is not known, or not to be answered any more."""
        decided = await self.log.decision(request.shelter, request.hold)
        if decided is None:
            if request.can("read", now):
                await self.pending.save(request.after("read", now))
            return None
        seen = VisibleHold(request.shelter, decided, mine=True)
        if request.given_up:
            return None if decided.live(now) else seen
        if not await self.confirm(request.hold, now):
            return None
        await self.mirror.follow()
        return None if await self.release_if_over_limit(seen, now) else seen

    async def _find_unmirrored(self, call: Call[None], hold: str, request: PendingHold | None) -> VisibleHold | None:
        """Find an own hold that was over before the mirror saw it: refused, or released at once."""
        if request is None:
            await call.refuse()
        if self.index.of(hold):  # seen meanwhile; or a colleague has it
            return await self.ownership.find(call.caller, hold, self.reading.now()) or await call.refuse()
        decided = await self.log.decision(request.shelter, hold)
        return VisibleHold(request.shelter, decided, mine=True) if decided else None


def why_not_extended(hold: HoldFacts, now: int) -> ProblemError | None:
    """Return why a hold can't be extended at `now` (ms): it is over, was extended (R11), or is not in its last ten minutes (D5)."""
    if not hold.live(now):
        return hold_over(hold, now)
    if hold.extended:
        return ProblemError("extended-already", until=show_ms(hold.until))
    if hold.until - now > EXTENDABLE_MS:
        members: dict[str, Any] = {"from": show_ms(extendable_from(hold))}
        return ProblemError("extend-early", **members)
    return None


def is_over_limit(hold: HoldFacts, requested: Iterable[HoldFacts], now: int) -> bool:
    """Return whether a hold is one too many among those its person requested: two that no shelter has answered were requested before."""
    unanswered = sorted((each for each in requested if is_unanswered(each, now)), key=lambda each: (each.requested_at, each.hold))
    return hold.hold in [each.hold for each in unanswered[MOST:]]


def _objects(seen: Collection[VisibleHold]) -> tuple[Object, ...]:
    """Return what an audit entry names: the shelters and the holds."""
    return (*shelters(each.shelter for each in seen), *(("hold", each.hold.hold) for each in seen))
