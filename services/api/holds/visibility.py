"""Which holds a worker sees: own ones, live ones of colleagues, which can be taken over, and what became of those that were taken over.

Guarantees: a colleague is of the same desk and shares a region with the worker who requested the hold. To all others a hold does not exist.
The worker who requested a hold sees for a day what became of it, also where a colleague took it over, as long as both are of one desk.
"""

from dataclasses import dataclass

from services.adapters.auth.authentication import Caller
from services.adapters.auth.pseudonyms import Pseudonyms
from services.api.holds.hold_documents import VisibleHold, is_recent
from services.api.holds.owner_store import Handover, HoldOwners, Owner
from services.api.read_model.hold_index import HoldIndex, Kept
from services.domain.beds.holds import HoldFacts


@dataclass(frozen=True, slots=True)
class Ownership:
    """Finds the holds a worker sees, by who has each of them now."""

    index: HoldIndex
    owners: HoldOwners
    pseudonyms: Pseudonyms

    def person(self, caller: Caller) -> str:
        """Return the pseudonym under which a worker requests holds."""
        return self.pseudonyms.asked_by(caller.sub)

    async def begin(self, caller: Caller, hold: str) -> None:
        """Write who requests a hold, and for which regions."""
        await self.owners.begin(hold, Owner(person=self.person(caller), regions=tuple(sorted(caller.regions))))

    async def taken_by(self, person: str) -> set[str]:
        """Read the ids of the holds that a person took over within a day; others may have taken them since."""
        return await self.owners.taken_by(person)

    async def list_seen(self, caller: Caller, now: int) -> list[VisibleHold]:
        """List the holds that a worker sees, the last requested first."""
        person = self.person(caller)
        taken = await self.owners.taken_by(person)
        own = [*self.index.asked_by(person), *await self._still_taken(person, taken)]
        of_desk = self.index.of_desk(caller.desk, now) if caller.desk else []
        holds = {(shelter, hold.hold): hold for shelter, hold in own if is_recent(hold, now)}
        holds |= {(shelter, hold.hold): hold for shelter, hold in of_desk}
        owners = await self.owners.of({hold for _, hold in holds})
        seen = [visible(caller, person, (shelter, hold), owners.get(hold.hold), now) for (shelter, _), hold in holds.items()]
        return sorted(filter(None, seen), key=lambda each: (-each.hold.requested_at, each.hold.hold))

    async def find(self, caller: Caller, hold: str, now: int) -> VisibleHold | None:
        """Find a hold that a worker sees."""
        candidates = self.index.of(hold)
        owner = (await self.owners.of([hold])).get(hold) if candidates else None
        person = self.person(caller)
        return next(filter(None, (visible(caller, person, candidate, owner, now) for candidate in candidates)), None)

    async def unanswered(self, person: str, taken: set[str], begun: set[str], now: int) -> set[str]:
        """Return the holds of a person that no shelter has answered: own ones, those still `taken` over, and of `begun` the undecided."""
        own = [*self.index.asked_by(person), *await self._still_taken(person, taken)]
        return {hold.hold for _, hold in own if is_unanswered(hold, now)} | {hold for hold in begun if not self.index.of(hold)}

    async def take(self, caller: Caller, seen: VisibleHold) -> bool:
        """Make a colleague's hold the worker's own; return False when another colleague was faster."""
        owner = (await self.owners.of([seen.hold.hold])).get(seen.hold.hold)
        if owner is None:
            return False
        after = self.person(caller)
        return await self.owners.take(Handover(hold=seen.hold.hold, shelter=seen.shelter, before=owner.person, after=after), owner)

    async def _still_taken(self, person: str, taken: set[str]) -> list[Kept]:
        """List those of some holds that a person took over and still has."""
        owners = await self.owners.of(taken)
        mine = [hold for hold in taken if hold in owners and owners[hold].person == person]
        return [candidate for hold in mine for candidate in self.index.of(hold)]


def is_unanswered(hold: HoldFacts, now: int) -> bool:
    """Return whether a hold waits for its shelter's answer at `now` (ms)."""
    return hold.live(now) and not hold.accepted


def visible(caller: Caller, person: str, candidate: Kept, owner: Owner | None, now: int) -> VisibleHold | None:
    """Return a hold (and its shelter) as a caller with a pseudonym sees it at `now` (ms); None where it does not exist to the caller."""
    shelter, hold = candidate
    if (owner.person if owner else hold.asked_by) == person:
        return VisibleHold(shelter, hold, mine=True)
    if owner is None or hold.desk != caller.desk:
        return None
    of_colleague = hold.live(now) and not caller.regions.isdisjoint(owner.regions)
    return VisibleHold(shelter, hold, mine=False) if of_colleague or hold.asked_by == person else None
