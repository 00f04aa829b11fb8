"""`/v1/holds` of a worker: what she has, what became of it, give back, extend. What is told here is what the log has decided (R10, R11).

A request without a decision waits (`asking.py`); one that nobody asks after for a minute is given up: whoever was told nothing has gone
elsewhere. Not hers and not existing are one answer.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import Request, Response

from services.adapters.audit.records import Happening, shelters
from services.adapters.identity import Caller
from services.adapters.log_port import Place
from services.adapters.notes import Note, Notes, NotesAwayError
from services.adapters.problems import ProblemError
from services.adapters.view.port import ViewUnavailableError
from services.adapters.web import answer
from services.api.alarms import Alarms
from services.api.mirror import Country, Kept, Mirror
from services.api.reading import Reading
from services.api.sending import WORKER, Sending
from services.api.standing import shown
from services.domain.events import HoldExtended, HoldReleased
from services.domain.freshness import HOUR_MS
from services.domain.holds import Hold

# As long as it takes to phone, be called back, and say yes (design, section 1).
TTL_S: Final = 1_800
MOST: Final = 2
# Decisions take milliseconds; after this something is down, and a worker with a household beside her is told so.
_DECIDED_S: Final = 2.0
# Whoever has not asked by then is on the phone with somebody else.
ASKED_MS: Final = 60_000
# Clocks of two machines differ by a little: so close to its end a request is neither promised nor given up.
_NEAR_MS: Final = 2_000
# She should see what became of a hold, also the next morning.
_SHOWN_MS: Final = 24 * HOUR_MS
_LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """All that holding takes."""

    reading: Reading
    mirror: Mirror
    sending: Sending
    notes: Notes
    alarms: Alarms
    patience_s: float = _DECIDED_S

    async def listed(self, request: Request) -> Response:
        """List her holds."""
        caller = await self.reading.caller(request, "worker")
        country = await self.mirror.country()
        recent = [kept for kept in self.mirror.asked_by(self.person(caller)) if _recent(kept[1], country.now)]
        await self._noted(request, caller, "holds-shown", recent)
        recent.sort(key=lambda kept: (-kept[1].requested_at, kept[1].hold))
        return answer(
            {
                **self.reading.named(country.now),
                "as_of": shown(country.standing.as_of),
                "degraded": country.standing.degraded(country.now, self.reading.patience),
                "holds": [document(country, *kept) for kept in recent],
            }
        )

    async def get(self, request: Request, hold: str) -> Response:
        """Tell of one hold, and note that it was asked after."""
        caller = await self.reading.caller(request, "worker")
        kept = await self._hers(request, caller, hold)
        await self._noted(request, caller, "holds-shown", [kept] if kept else [])
        return answer(document(await self.mirror.country(), *kept)) if kept else pending(hold)

    async def release(self, request: Request, hold: str) -> Response:
        """Give a hold back; one that is given back already stays so."""
        caller = await self.reading.caller(request, "worker")
        shelter, found, country = await self._known(request, caller, hold)
        if found.live(country.now):
            answered = await self._changed(shelter, HoldReleased(shelter=shelter, hold=hold))
            if not found.accepted and await self.notes.first(hold):
                await self.alarms.given_back(request, caller)
            return answered
        if found.status != "released":
            raise ProblemError("hold-over", hold_status=found.status_at(country.now))
        return answer(document(country, shelter, found))

    async def extend(self, request: Request, hold: str) -> Response:
        """Extend a hold, once (R11)."""
        caller = await self.reading.caller(request, "worker")
        shelter, found, country = await self._known(request, caller, hold)
        if not found.live(country.now):
            raise ProblemError("hold-over", hold_status=found.status_at(country.now))
        if found.extended:
            raise ProblemError("extended-already", until=shown(found.until))
        return await self._changed(shelter, HoldExtended(shelter=shelter, hold=hold, ttl_seconds=TTL_S))

    async def _known(self, request: Request, caller: Caller, hold: str) -> tuple[str, Hold, Country]:
        kept = await self._hers(request, caller, hold)
        if kept is None:
            raise ProblemError("hold-undecided")
        await self._noted(request, caller, "hold-changed", [kept])
        return *kept, await self.mirror.country()

    async def _changed(self, shelter: str, said: HoldReleased | HoldExtended) -> Response:
        """Say something of a live hold, and tell what it is then: it may have been over before this was logged."""
        visible = await self.say(shelter, said)
        decided = await self.decision(shelter, said.hold) if visible else None
        if decided is None:
            return pending(said.hold)
        country = await self.mirror.country()
        wanted = decided.status == "released" if isinstance(said, HoldReleased) else decided.live(country.now)
        if not wanted:
            raise ProblemError("hold-over", hold_status=decided.status_at(country.now))
        return answer(document(country, shelter, decided))

    async def _noted(self, request: Request, caller: Caller, happening: Happening, kept: list[Kept]) -> None:
        """Have it written down of which holds and shelters she is told, or decides."""
        objects = (*shelters(shelter for shelter, _ in kept), *(("hold", hold.hold) for _, hold in kept))
        await self.reading.audit.note(request, caller, happening, objects=objects)

    async def say(self, shelter: str, said: HoldReleased | HoldExtended) -> bool:
        """Append what a worker says of a hold; sent again it is the same event. Say whether the view shows it."""
        attempt = self.sending.pseudonyms.attempt(shelter, type(said).__name__, said.hold)
        event = self.sending.event(attempt, WORKER, shelter, said)
        return await self.sending.shown([event], await self.sending.send(event), self.patience_s)

    async def decision(self, shelter: str, hold: str) -> Hold | None:
        """Read a hold; None when it is not decided, or nobody can tell."""
        try:
            return await self.reading.view.hold(self.reading.partition(shelter), shelter, hold)
        except ViewUnavailableError:
            return None

    async def decided(self, shelter: str, hold: str, place: Place) -> tuple[Hold, Country] | None:
        """Wait until the view shows a request, and tell what was decided beside all that was so then; None as `decision`."""
        if not await self.reading.moves.reached({place.partition: place.offset}, self.patience_s):
            return None
        with suppress(ProblemError):
            country = await self.mirror.follow()
            found = next((found for where, found in self.mirror.holds(hold) if where == shelter), None)
            # Of a partition that is being rebuilt the mirror has nothing, and from a processor of an older version not all
            if found or (found := await self.decision(shelter, hold)):
                return found, country
        return None

    def person(self, caller: Caller) -> str:
        """Tell under which pseudonym a worker asks."""
        return self.sending.pseudonyms.asked_by(caller.sub)

    def live(self, person: str, now: int) -> list[Hold]:
        """List the live holds of a person, the first asked for first."""
        found = [hold for _, hold in self.mirror.asked_by(person) if hold.live(now)]
        return sorted(found, key=lambda hold: (hold.requested_at, hold.hold))

    async def one_too_many(self, shelter: str, hold: Hold, now: int) -> bool:
        """Give a hold back that was granted beside too many others, asked for at the same instant; say whether it was."""
        if hold.hold in [each.hold for each in self.live(hold.asked_by, now)[MOST:]]:
            await self.say(shelter, HoldReleased(shelter=shelter, hold=hold.hold))
            return True
        return False

    async def promised(self, hold: str, now: int) -> bool:
        """Forget that a request waits, before its decision is told: else it could be given up after that. False when it can't be told."""
        try:
            return await self.notes.told(hold, now + _NEAR_MS)
        except NotesAwayError:
            return False

    async def _hers(self, request: Request, caller: Caller, hold: str) -> Kept | None:
        """Find a hold of hers; None when it waits for a decision. ProblemError 403 when it is not hers, or none."""
        country, person = await self.mirror.country(), self.person(caller)
        note = await self._note(self.notes.find(hold))
        if note is None or note.asked_by != person:
            mine = [(shelter, found) for shelter, found in self.mirror.holds(hold) if found.asked_by == person]
            return mine[0] if mine else await self._asked_before(request, caller, hold)
        decided = await self.decision(note.shelter, hold)
        if note.given_up:
            return (note.shelter, decided) if decided and not decided.live(country.now) else None
        if decided is None and note.due >= country.now + _NEAR_MS:
            await self.notes.wait_for(replace(note, due=country.now + ASKED_MS))
        if decided is None or not await self.promised(hold, country.now):
            return None
        await self.mirror.follow()
        return None if await self.one_too_many(note.shelter, decided, country.now) else (note.shelter, decided)

    async def _asked_before(self, request: Request, caller: Caller, hold: str) -> Kept | None:
        """Find a hold that was over before the mirror saw it: refused, or released at once."""
        note = await self._note(self.notes.was(hold))
        if note is None or note.asked_by != self.person(caller):
            await self.reading.audit.refused(request, caller)
            raise ProblemError("not-yours")
        decided = await self.decision(note.shelter, hold)
        return (note.shelter, decided) if decided else None

    async def _note(self, found: Awaitable[Note | None]) -> Note | None:
        try:
            return await found
        except NotesAwayError as away:
            raise ProblemError("phone") from away

    async def keep(self) -> None:
        """Give up what nobody asks after, until cancelled."""
        while True:
            await self.give_up()
            await asyncio.sleep(_LOOK_S)

    async def give_up(self) -> None:
        """Release every request that nobody has asked after in time. That stands behind the request in the log, decided or not."""
        now = self.reading.now()
        for note in await self.notes.all():
            if note.due <= now:
                with suppress(ProblemError, NotesAwayError):  # the log or the notes are away: the next time
                    await (self.notes.done(note.hold) if note.given_up else self._give_up(note, now))

    async def _give_up(self, note: Note, now: int) -> None:
        await self.say(note.shelter, HoldReleased(shelter=note.shelter, hold=note.hold))
        await self.notes.wait_for(replace(note, due=now + _SHOWN_MS, given_up=True))
        self.reading.metrics.count("plek_holds_given_up_total")


def document(country: Country, shelter: str, hold: Hold) -> dict[str, Any]:
    """Tell a worker of a hold of hers; where to call, for as long as it is live."""
    told: dict[str, Any] = {"hold": hold.hold, "status": hold.status_at(country.now), "requested_at": shown(hold.requested_at)}
    told |= {"accepted": hold.accepted, "extended": hold.extended}
    if hold.live(country.now):
        picture = country.shelter(shelter)
        there = picture.registration if picture else None
        unit = picture.units.get(hold.unit or "") if picture else None
        told |= {"until": shown(hold.until), "kind": unit.kind if unit else None}
        told |= {"region": there.region if there else None, "intake_phone": there.intake_phone if there else None}
    return told | {"reason": hold.reason, "declined_because": hold.declined_because}


def _recent(hold: Hold, now: int) -> bool:
    return hold.live(now) or (hold.status != "refused" and now - max(hold.requested_at, hold.until) < _SHOWN_MS)


def pending(hold: str) -> Response:
    """Say that there is no decision yet, and where to look."""
    told = answer({"hold": hold, "status": "pending"}, 202)
    told.headers["Location"] = f"/v1/holds/{hold}"
    told.headers["Retry-After"] = "1"
    return told
