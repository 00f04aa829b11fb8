"""Takes a change of a shelter that is sent without an envelope: it is in force at once, changes nothing, or waits for a second person.

Guarantees: the rules are those of `POST /v1/events`. A change that one person may make alone, though others need a second one for it,
leaves a record as if it had been proposed and confirmed: a changed phone is shown beside the old one in any case.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from services.adapters.audit.records import shelters
from services.adapters.auth.idempotency_keys import IdempotencyKeys
from services.adapters.auth.pseudonyms import Attempt
from services.adapters.codec.event_codec import RefusedEvent, encode
from services.adapters.codec.json_reader import read_json
from services.adapters.codec.validation import explain
from services.adapters.http.call import Call
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.ports import LogPosition
from services.adapters.problem_details import ErrorItem, ProblemError
from services.adapters.proposals.proposal_records import changed_members
from services.adapters.roles import Role
from services.domain.durations import NS_PER_MS
from services.domain.events.catalog import TYPE_NAMES, Event, ShelterRegistered, UnitDeclared, UnitWithdrawn
from services.gateway.authorization import ForbiddenError, NamedScope, Permissions
from services.gateway.event_log import EventLog
from services.gateway.event_validator import EventValidator
from services.gateway.ownership import OwnershipLookup
from services.gateway.proposals.decide import ProposalDecisions, objects_of
from services.gateway.proposals.models import ChangeAnswer, change_answer
from services.gateway.proposals.rules import SECOND_PERSON
from services.gateway.proposals.shelter_changes import ShelterChanges, SortedChanges
from services.gateway.unavailable import unavailable_as_problem

Change = ShelterRegistered | UnitDeclared | UnitWithdrawn
_SOURCES: Final[dict[Role, str]] = {"coordinator": "urn:plek:coordinator", "operator": "urn:plek:operator"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeChanges:
    """Takes changes of callers."""

    validator: EventValidator
    log: EventLog
    changes: ShelterChanges
    decisions: ProposalDecisions
    positions: SealedPositions
    keys: IdempotencyKeys

    async def registered(self, call: Call[ShelterRegistered]) -> ChangeAnswer:
        """Take the registration of a shelter; ProblemError 400, 403, 409, 503."""
        lookup = await self._allowed(call, call.body.shelter, ShelterRegistered, call.body.region)
        return await self._take(call, call.body.shelter, [call.body], lookup)

    async def changed(self, call: Call[Any], shelter: str) -> ChangeAnswer:
        """Take some members of a registration; ProblemError 400, 403, 409, 503."""
        lookup = await self._allowed(call, shelter, ShelterRegistered, None)
        before = await _registration(lookup, shelter)
        if before is None:
            await call.refuse()
        stated = {name: getattr(call.body, name) for name in call.json}
        return await self._take(call, shelter, [replace(before, **stated)], lookup)

    async def units(self, call: Call[Any], shelter: str, units: Sequence[UnitDeclared | UnitWithdrawn]) -> ChangeAnswer:
        """Take declarations and withdrawals of units; ProblemError 400, 403, 409, 503."""
        lookup = await self._allowed(call, shelter, type(units[0]), None)
        return await self._take(call, shelter, units, lookup)

    async def _allowed(self, call: Call[Any], shelter: str, shape: type, region: str | None) -> OwnershipLookup:
        """Return a lookup of the owners of shelters, where the caller may send this about a shelter; ProblemError 403, 503."""
        lookup = self.decisions.states.lookup()
        permissions = Permissions(call.caller, lookup, claimed=self.changes.claimed_regions)
        scope = NamedScope(TYPE_NAMES[shape], frozenset({shelter}), frozenset({region} if region else ()))
        with unavailable_as_problem():
            try:
                await permissions.check(scope)
            except ForbiddenError as refused:
                await call.refuse(because=refused.because)
        return lookup

    async def _take(self, call: Call[Any], shelter: str, changes: Sequence[Change], lookup: OwnershipLookup) -> ChangeAnswer:
        attempt = self.changes.pseudonyms.attempt(call.caller.sub, call.operation, call.idempotency_key)
        events = [self._event(call, shelter, change, attempt, number) for number, change in enumerate(changes)]
        _raise_if_wrong([self._problems(event) for event in events])
        # An event of a key that was used counts for nothing (R1), and would be answered as if it were in force
        if call.idempotency_key is not None and await self.keys.differs(attempt, call.json):
            raise ProblemError("key-reused")
        before = await _registration(lookup, shelter)
        with unavailable_as_problem():
            found = await self.changes.sort(self.changes.sender(call.caller), events, lookup)
        _raise_if_wrong([found.refused.get(index) for index in range(len(events))])
        if found.is_reused:
            raise ProblemError("key-reused")
        if found.proposals:
            return await self._propose(call, found)
        await call.record(*shelters([shelter]), what=("in-force" if found.append else "unchanged",))
        if not found.append:
            return ChangeAnswer(status="unchanged", what=_what(events, before), changes=[])
        if isinstance(first := events[0].data, ShelterRegistered) and not SECOND_PERSON.isdisjoint(changed_members(before, first)):
            return await self._confirm_alone(call, events)
        return await self._append(call, found.append, before)

    def _event(self, call: Call[Any], shelter: str, change: Change, attempt: Attempt, number: int) -> Event:
        source = _SOURCES.get(call.caller.role, f"urn:plek:shelter:{shelter}:desk")
        return Event(id=attempt.id(f"change/{number}"), source=source, time=self.changes.now() * NS_PER_MS, subject=shelter, data=change)

    def _problems(self, event: Event) -> RefusedEvent | None:
        """Return what is wrong with an event by the contract: what stands in a path was not checked before."""
        checked = self.validator.validate(read_json(encode(event)), self.changes.now())
        return checked if isinstance(checked, RefusedEvent) else None

    async def _propose(self, call: Call[Any], found: SortedChanges) -> ChangeAnswer:
        """Record proposals in the audit log, then in their topic."""
        await call.record(*objects_of(found.proposals), what=("proposed",))
        with unavailable_as_problem():
            await self.decisions.proposals.append(*found.records)
        [proposal] = found.proposals
        tracked = self.decisions.proposals.table.get(proposal.proposal)
        return change_answer(proposal, tracked.status(self.changes.now()) if tracked else "proposed")

    async def _confirm_alone(self, call: Call[Any], events: Sequence[Event]) -> ChangeAnswer:
        """Propose and confirm at once what the caller may decide alone; the audit entry is written."""
        proposal = await self.changes.draft(self.changes.sender(call.caller), events, self.decisions.states.lookup())
        decision = self.decisions.decision(call, proposal.proposal, "confirmed")
        with unavailable_as_problem():
            await self.decisions.proposals.append(proposal, decision)
        tracked = self.decisions.proposals.table.get(proposal.proposal)
        assert tracked is not None  # noqa: S101 - appended and read
        carried = await self.decisions.put_in_force(tracked)
        return change_answer(proposal, "in-force", self.at_least(call, carried.position), visible=carried.visible)

    async def _append(self, call: Call[Any], events: Sequence[Event], before: ShelterRegistered | None) -> ChangeAnswer:
        positions = await self.log.append(events)
        visible = await self.log.visible(events, positions)
        first = events[0].data
        changed = changed_members(before, first) if isinstance(first, ShelterRegistered) else ("units",)
        return ChangeAnswer(
            status="in-force",
            what=_what(events, before),
            changes=list(changed),
            at_least=self.at_least(call, positions[-1]),
            visible=all(visible),
        )

    def at_least(self, call: Call[Any], position: LogPosition | None) -> str | None:
        """Return where events stand in the log, as the caller may see it."""
        if position is None:
            return None
        partition, offset = position
        return f"{partition}:{offset}" if call.caller.role == "operator" else self.positions.token(partition, offset)


async def _registration(lookup: OwnershipLookup, shelter: str) -> ShelterRegistered | None:
    with unavailable_as_problem():
        return await lookup.registration(shelter)


def _what(events: Sequence[Event], before: ShelterRegistered | None) -> Any:
    if not isinstance(events[0].data, ShelterRegistered):
        return "units"
    return "changed-shelter" if before else "new-shelter"


def _raise_if_wrong(refused: Sequence[RefusedEvent | None]) -> None:
    """Raise ProblemError 400 with all that is wrong; pointers are those of the body."""
    errors = [
        ErrorItem(None, problem.pointer.removeprefix("/data"), problem.code, explain(problem))
        for each in refused
        if each
        for problem in each.problems
    ]
    if errors:
        raise ProblemError("invalid", errors=errors)
