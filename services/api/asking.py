"""`POST /v1/holds`: an offer is asked to be held, and the log decides who gets it (R10). Granted, or taken with what else there is.

A hold names a shelter, and takes a turn for that: once, however often the same request comes, and none when nothing could be asked. The
shelter's answer gives it back: what names shelters and comes to nothing is what an insider does.
No decision within two seconds: 202, and where to look. At most two live holds a worker, one a search: looked at before she asks, and
again when it is decided, for two requests at the same instant on two machines see nothing of each other.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace

from fastapi import Request, Response

from services.adapters.clock import Stopwatch
from services.adapters.identity import Caller
from services.adapters.notes import Note, NotesAwayError
from services.adapters.problems import ProblemError
from services.adapters.pseudonym import Attempt
from services.adapters.web import answer
from services.api.forms import Form, HoldForm
from services.api.holds import ASKED_MS, MOST, TTL_S, Holding, document, pending
from services.api.mirror import Country, Kept
from services.api.offers import Offer, open_offer
from services.api.searches import Searching
from services.api.sending import WORKER
from services.domain.events import HoldRequested
from services.domain.holds import Hold


@dataclass(slots=True, kw_only=True)
class Asking:
    """All that asking for a hold takes."""

    holding: Holding
    searching: Searching
    seconds: Stopwatch
    form: Form[HoldForm] = field(init=False)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.form = Form(HoldForm, frozenset(self.searching.regions))

    async def ask(self, request: Request) -> Response:
        """Handle a request for a hold."""
        caller = await self.holding.reading.caller(request, "worker")
        form, body = await self.form.read(request)
        attempt = await self.holding.sending.attempt(request, caller, body)
        person = self.holding.person(caller)
        offer = open_offer(self.searching.seals, form.offer, person)
        if offer is None:
            await self.holding.reading.audit.refused(request, caller)
            raise ProblemError("offer-over")
        objects = (("shelter", offer.shelter), ("hold", attempt.id("hold")))
        noted = self.holding.reading.audit.note(request, caller, "hold-asked", objects=objects)
        country, _, note = await asyncio.gather(self.holding.mirror.country(), noted, self._note_of(attempt.id("hold")))
        before = [kept for kept in self.holding.mirror.holds(attempt.id("hold")) if kept[1].asked_by == person]
        if before:  # the same request again: nothing is asked for twice, but fresh offers are new, and so is what came after all
            if before[0][1].status == "refused" or (note and not note.paid):
                await self.holding.reading.identity.turn(caller, "name", person)
            return await self._told(caller, offer, before[0], country)
        if country.now >= offer.until:
            raise ProblemError("offer-over")
        paid = note is not None and note.paid and not note.given_up
        return await self._asked(caller, offer, attempt, country.now, paid=paid)

    async def _asked(self, caller: Caller, offer: Offer, attempt: Attempt, now: int, *, paid: bool) -> Response:
        event = _requested(offer, caller, attempt.id("hold"))
        if len(self.holding.live(event.asked_by, now)) >= MOST:
            raise ProblemError("too-many-holds", most=MOST)
        note = Note(hold=event.hold, shelter=offer.shelter, asked_by=event.asked_by, due=now + ASKED_MS)
        if not paid:
            await self.holding.reading.identity.turn(caller, "name", event.asked_by)
        _, has = await asyncio.gather(self.holding.notes.wait_for(note), self.holding.notes.hold_of(offer.of.search, event.hold))
        started, sending = self.seconds(), self.holding.sending
        try:
            await self._one_a_search(offer, event.hold, has, now)
            [place] = await sending.send(sending.event(attempt, WORKER, offer.shelter, event))
        except ProblemError:
            if not paid:
                await self._unpaid(note)
            raise
        decided = await self.holding.decided(offer.shelter, event.hold, place)
        self._note(decided[0] if decided else None, self.seconds() - started)
        return await self._told(caller, offer, (offer.shelter, decided[0]), decided[1]) if decided else pending(event.hold)

    def _note(self, decided: Hold | None, took: float) -> None:
        metrics = self.holding.reading.metrics
        metrics.count("plek_holds_asked_total", answer=decided.reason or "granted" if decided else "undecided")
        if decided:
            metrics.observe("plek_decision_seconds", took)

    async def _one_a_search(self, offer: Offer, hold: str, has: str, now: int) -> None:
        """Raise a ProblemError when another hold of this search (the one it has) is live, or not decided yet."""
        notes, mirror, person = self.holding.notes, self.holding.mirror, offer.of.asked_by
        if has == hold:
            return
        waits = await self._waits(has)
        await mirror.follow()  # what was decided since its note went is in here
        if waits or any(found.live(now) for _, found in mirror.holds(has) if found.asked_by == person):
            with suppress(NotesAwayError):
                await notes.done(hold)
            raise ProblemError("search-held")
        await notes.give(offer.of.search, hold)

    async def _note_of(self, hold: str) -> Note | None:
        """Find what was noted of this very request, which has had its turn."""
        with suppress(NotesAwayError):
            return await self.holding.notes.was(hold)
        return None

    async def _unpaid(self, note: Note) -> None:
        """Give her turn back: nothing was asked, as far as anybody knows; asked again, or granted all the same, it takes a turn."""
        await self.holding.reading.identity.give_back(note.asked_by, "name")
        await self.holding.notes.amend(replace(note, paid=False))

    async def _waits(self, hold: str) -> bool:
        with suppress(NotesAwayError):
            note = await self.holding.notes.find(hold)
            return note is not None and not note.given_up
        return False

    async def _told(self, caller: Caller, offer: Offer, kept: Kept, country: Country) -> Response:
        """Tell the decision: hers, or taken, with what else there is."""
        shelter, hold = kept
        country.standing.insist(country.now, self.holding.reading.patience)
        if not await self.holding.promised(hold.hold, country.now):
            return pending(hold.hold)
        if hold.status == "refused":
            raise ProblemError("taken", hold=hold.hold, reason=hold.reason, **self.searching.again(country, offer))
        if not hold.live(country.now):
            raise ProblemError("hold-over", hold_status=hold.status_at(country.now))
        if await self.holding.one_too_many(shelter, hold, country.now):
            raise ProblemError("too-many-holds", most=MOST)
        self._end_search(caller, offer)
        return answer(document(country, shelter, hold), 201)

    def _end_search(self, caller: Caller, offer: Offer) -> None:
        """Log that the search ended with a hold, and count her searches anew, without making her wait for it; the log counts it once."""
        task = asyncio.create_task(self._ended(caller, offer))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _ended(self, caller: Caller, offer: Offer) -> None:
        await self.searching.alarms.held(caller)
        with suppress(ProblemError):  # a search that nobody ended is one whose outcome is unknown
            await self.searching.ended(offer.of, "held")


def _requested(offer: Offer, caller: Caller, hold: str) -> HoldRequested:
    if caller.desk is None:
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
        desk=caller.desk,
        asked_by=offer.of.asked_by,
    )
