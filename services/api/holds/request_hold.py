"""`POST /v1/holds`: an offer is to be held, and the log decides who gets it (R10). Granted, or taken with what else there is.

A hold names a shelter, and is charged for that: once, however often and however close together the same request comes, and not when
nothing could be requested. Requests are the same by their Idempotency-Key, or else by their offer. The shelter's answer gives the charge
back. No decision within two seconds: 202, and where to look. A worker has one live hold a search, and two that wait for the shelter's
answer: checked before the request, and again when it is decided, because two requests at one instant on two machines do not see each other.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from services.adapters.auth.pseudonyms import Attempt
from services.adapters.clock import Stopwatch
from services.adapters.http.call import Call
from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.kafka.ports import LogPosition
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.api.holds.hold_documents import HoldDocuments, VisibleHold, hold_over, pending_answer
from services.api.holds.hold_log import HoldLog
from services.api.holds.manage_holds import MOST, TTL_S, Holds
from services.api.holds.models import HoldAnswer, HoldForm
from services.api.holds.pending_requests import PendingHolds, PendingHoldsUnavailableError
from services.api.holds.request_life import PendingHold, is_charged, requested
from services.api.holds.visibility import Ownership
from services.api.limits.abuse_alerts import Alerts
from services.api.limits.request_quota import RequestQuota
from services.api.publishing.durable_publisher import DurablePublisher
from services.api.publishing.event_publisher import WORKER, EventPublisher
from services.api.read_model.country_cache import CountryCache, CountrySnapshot
from services.api.read_model.data_age import AgeLimits
from services.api.read_model.hold_index import HoldIndex
from services.api.searches.handlers import Searches
from services.api.searches.sealed_offers import Offer, open_offer
from services.domain.events.catalog import HoldRequested


class _Request(NamedTuple):
    """A request for a hold, and what is known when it comes."""

    call: Call[HoldForm]
    offer: Offer
    attempt: Attempt
    new: PendingHold
    """The request as it is stored if it is made now."""
    stored: PendingHold | None
    """The same request, if it was made before."""
    taken: set[str]
    """The holds that its person took over within a day."""
    country: CountrySnapshot

    @property
    def search(self) -> str:
        """Return the search that the offer is of."""
        made = self.offer.of
        return made.search


@dataclass(slots=True, kw_only=True)
class HoldRequests:
    """Makes holds of offers."""

    holds: Holds
    log: HoldLog
    pending: PendingHolds
    ownership: Ownership
    documents: HoldDocuments
    mirror: CountryCache
    index: HoldIndex
    age_limits: AgeLimits
    sending: EventPublisher
    durable: DurablePublisher
    searches: Searches
    seals: SealedTokens
    quota: RequestQuota
    alerts: Alerts
    metrics: Metrics
    seconds: Stopwatch
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    async def request(self, call: Call[HoldForm]) -> HoldAnswer:
        """Request a hold, and return what was decided; ProblemError where it was not granted."""
        request = await self._read(call)
        repeated = self._mirrored(request)
        if repeated:
            return await self._repeat(request, repeated)
        if request.country.now >= request.offer.until:
            raise ProblemError("offer-over")
        if self.durable.away:  # nothing is promised, and nothing charged
            raise ProblemError("kafka-away")
        data = hold_requested(request.offer, call.caller.desk, request.new.hold)
        await self._require_few(request, set())
        charged = is_charged(request.stored)
        if not charged:
            await self._charge(request)
        try:
            await self._begin(request)
            started = self.seconds()
            [position] = await self.sending.send(self.sending.event(request.attempt, WORKER, data.shelter, data))
        except ProblemError:
            await self.pending.withdraw(request.new)
            if not charged:
                await self._refund(request.new)
            raise
        return await self._answer(request, position, started)

    async def _read(self, call: Call[HoldForm]) -> _Request:
        """Read which request a call is, and what is known of it; ProblemError 410 when its offer is none of the caller's."""
        sealed, person = call.body.offer, self.ownership.person(call.caller)
        # The same request with a reason to pass the limit is still the same
        attempt = await self.sending.attempt(call, {"offer": sealed}, sealed)
        offer = open_offer(self.seals, sealed, person)
        if offer is None:
            await call.refuse(kind="offer-over")
        hold = attempt.id("hold")
        country, _, stored, taken = await asyncio.gather(
            self.mirror.country(),
            call.record(("shelter", offer.shelter), ("hold", hold)),
            self._stored(hold),
            self.ownership.taken_by(person),
        )
        return _Request(call, offer, attempt, requested(hold, offer.shelter, person, country.now), stored, taken, country)

    def _mirrored(self, request: _Request) -> VisibleHold | None:
        """Find the hold of a request that the log has decided before."""
        new = request.new
        decided = [(shelter, hold) for shelter, hold in self.index.of(new.hold) if hold.asked_by == new.asked_by]
        return VisibleHold(*decided[0], mine=True) if decided else None

    async def _repeat(self, request: _Request, seen: VisibleHold) -> HoldAnswer:
        """Answer a request that is sent again: it is charged once, but fresh offers are an answer like that of a search."""
        refused = seen.hold.status == "refused"
        if refused or (request.stored and not request.stored.paid):
            await self._charge(request)
        if refused:
            await self.alerts.searched(request.call.caller)
        return await self._decide(request, seen, request.country, again=True)

    async def _charge(self, request: _Request) -> None:
        """Take a hold from the caller's limit: once, however often and at whichever instant it is requested."""
        form = request.call.body
        await self.quota.take_hold(request.call, attempt=request.new.hold, break_glass=form.break_glass)

    async def _refund(self, request: PendingHold) -> None:
        """Give the charge back: nothing was requested, as far as is known; requested again, or granted all the same, it is charged."""
        await self.quota.give_back_hold(request.asked_by, request.hold)
        await self.pending.mark_refunded(request)

    async def _require_few(self, request: _Request, begun: set[str]) -> None:
        """Raise a ProblemError when as many others as may be wait for an answer, those among them that were `begun` and are undecided."""
        new = request.new
        if len(await self.ownership.unanswered(new.asked_by, request.taken, begun, request.country.now) - {new.hold}) >= MOST:
            raise ProblemError("too-many-holds", most=MOST)

    async def _begin(self, request: _Request) -> None:
        """Write that a request waits, and who has its hold: of two copies at once the first. ProblemError when it is one too many."""
        new, search = request.new, request.search
        begun, hold_of_search, _ = await asyncio.gather(
            self.pending.begin(new, request.country.now),
            self.pending.claim_search(search, new.hold),
            self.ownership.begin(request.call.caller, new.hold),
        )
        if request.stored:
            await self.pending.save(new)
        try:
            if hold_of_search != new.hold:
                await self._replace_hold(request, hold_of_search)
            await self._require_few(request, begun)
        except ProblemError:  # the log never has it, so it does not wait
            with suppress(PendingHoldsUnavailableError):
                await self.pending.remove(new.hold)
            raise

    async def _replace_hold(self, request: _Request, before: str) -> None:
        """Give the search this hold in place of one before; ProblemError when that is live, or not decided yet."""
        new, now = request.new, request.country.now
        waits = await self._is_pending(before)
        await self.mirror.follow()  # what was decided since it was confirmed is in here
        held = waits or any(hold.live(now) for _, hold in self.index.of(before) if hold.asked_by == new.asked_by)
        # In place of the very hold that was read: of two requests at once the second is refused
        if held or not await self.pending.reassign_search(request.search, new.hold, before):
            raise ProblemError("search-held")

    async def _stored(self, hold: str) -> PendingHold | None:
        with suppress(PendingHoldsUnavailableError):
            return await self.pending.get(hold)
        return None

    async def _is_pending(self, hold: str) -> bool:
        stored = await self._stored(hold)
        return stored is not None and stored.waits and not stored.given_up

    async def _answer(self, request: _Request, position: LogPosition, started: float) -> HoldAnswer:
        """Wait for the decision on a request that was logged, and return it, or that it is pending."""
        decided = await self.log.decided(request.offer.shelter, request.new.hold, position)
        if decided is None:
            self.metrics.count("plek_holds_asked_total", answer="undecided")
            return pending_answer(request.new.hold)
        seen, country = decided
        self.metrics.count("plek_holds_asked_total", answer=seen.hold.reason or "granted")
        self.metrics.observe("plek_decision_seconds", self.seconds() - started)
        return await self._decide(request, seen, country)

    async def _decide(self, request: _Request, seen: VisibleHold, country: CountrySnapshot, *, again: bool = False) -> HoldAnswer:
        """Return the decision: granted; ProblemError where it is taken (with what else there is), over, or one too many."""
        hold, caller = seen.hold, request.call.caller
        country.age.require_fresh(country.now, self.age_limits)
        if not await self.holds.confirm(hold.hold, country.now):
            return pending_answer(hold.hold)
        if hold.status == "refused":
            fresh = await self.searches.refresh_offers(country, request.offer)
            members = fresh.model_dump(mode="json", by_alias=True, exclude_unset=True)
            raise ProblemError("taken", hold=hold.hold, reason=hold.reason, **members)
        if not hold.live(country.now):
            raise hold_over(hold, country.now)
        if await self.holds.release_if_over_limit(seen, country.now):
            raise ProblemError("too-many-holds", most=MOST)
        self._end_search(request, again=again)
        taken_over = await self.ownership.find(caller, hold.hold, country.now) if again else None
        return self.documents.answer(country, taken_over or seen)

    def _end_search(self, request: _Request, *, again: bool) -> None:
        """Log that the search ended with a hold, and reset the count of searches, while the caller is answered; the log counts it once."""
        task = asyncio.create_task(self._ended(request, again=again))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _ended(self, request: _Request, *, again: bool) -> None:
        if not again:  # else one live hold, requested again now and then, would keep the alert at searches without a hold silent
            await self.alerts.held(request.call.caller)
        with suppress(ProblemError):  # the outcome of this search stays unknown then
            await self.searches.log_end(request.offer.of, "held")


def hold_requested(offer: Offer, desk: str | None, hold: str) -> HoldRequested:
    """Return the event that requests a hold of an offer for a desk; ProblemError 403 where there is none that a shelter could call back."""
    if desk is None:
        raise ProblemError("no-desk")
    ask = offer.ask
    return HoldRequested(
        shelter=offer.shelter,
        hold=hold,
        adults=ask.adults,
        children=ask.children,
        kinds=ask.need.kinds,
        features=ask.need.features,
        ttl_seconds=TTL_S,
        desk=desk,
        asked_by=offer.of.asked_by,
    )
