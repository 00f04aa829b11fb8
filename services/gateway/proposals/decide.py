"""Confirms, rejects and withdraws proposals.

Guarantees: a decision is in the audit log, and in the topic of proposals, before its events are in the log; of several decisions at once
the first in the topic counts, for each of those who decided; what has changed since it was proposed is not overwritten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.adapters.audit.records import Object
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import Clock
from services.adapters.http.call import Call
from services.adapters.kafka.ports import LogPosition
from services.adapters.problem_details import ProblemError
from services.adapters.proposals.proposal_records import Proposal, ProposalDecision, Verdict, changed_members
from services.adapters.proposals.table import TrackedProposal
from services.domain.beds.shelter_snapshot import ShelterSnapshot
from services.gateway.proposals.carry_out import ProposalExecutor
from services.gateway.proposals.proposal_log import ProposalLog
from services.gateway.proposals.rules import may_confirm, may_reject, may_see
from services.gateway.proposals.shelter_changes import declaration
from services.gateway.shelters.shelter_states import ShelterStates
from services.gateway.unavailable import unavailable_as_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A proposal after a decision, the position of the last of its events, and whether the view shows them."""

    tracked: TrackedProposal
    position: LogPosition | None = None
    visible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecisions:
    """Takes the decisions of callers."""

    proposals: ProposalLog
    executor: ProposalExecutor
    states: ShelterStates
    pseudonyms: Pseudonyms
    now: Clock

    async def confirm(self, call: Call[Any], name: str) -> Carried:
        """Confirm a proposal, and put it in force; ProblemError 403, 409, 503."""
        tracked = await self._find(call, name)
        proposal, person = tracked.proposal, self._person(call)
        if proposal.by == person:
            await call.refuse(("proposal", name), kind="own-proposal")
        if not may_confirm(proposal, call.caller, person):
            await call.refuse(("proposal", name))
        if tracked.decision is None or tracked.decision.verdict != "confirmed":
            self._require_open(tracked)
            await self._require_unchanged(proposal)
            tracked = await self._decide(call, tracked, "confirmed")
        return await self.put_in_force(tracked)

    async def put_in_force(self, tracked: TrackedProposal) -> Carried:
        """Append the events of a confirmed proposal, and wait a moment for the view; ProblemError 503: the gateways do it later."""
        with unavailable_as_problem():
            events, positions = await self.executor.carry_out(tracked)
        visible = await self.executor.log.visible(events, positions)
        current = self.proposals.table.get(tracked.proposal.proposal) or tracked
        return Carried(tracked=current, position=positions[-1], visible=all(visible))

    async def reject(self, call: Call[Any], name: str, reason: str) -> TrackedProposal:
        """Reject a proposal with a coded reason; ProblemError 403, 409, 503."""
        tracked = await self._find(call, name)
        if not may_reject(tracked.proposal, call.caller, self._person(call)):
            await call.refuse(("proposal", name))
        self._require_open(tracked)
        return await self._decide(call, tracked, "rejected", reason)

    async def withdraw(self, call: Call[Any], name: str) -> TrackedProposal:
        """Withdraw a proposal of one's own; ProblemError 403, 409, 503."""
        tracked = await self._find(call, name)
        if tracked.proposal.by != self._person(call):
            await call.refuse(("proposal", name))
        self._require_open(tracked)
        return await self._decide(call, tracked, "withdrawn")

    def visible_to(self, call: Call[Any]) -> list[TrackedProposal]:
        """List the proposals that a caller may see; ProblemError 503 while they are not all known."""
        self._require_ready()
        person = self._person(call)
        return [each for each in self.proposals.table.all() if may_see(each.proposal, call.caller, person)]

    def decision(self, call: Call[Any], proposal: str, verdict: Verdict, reason: str | None = None) -> ProposalDecision:
        """Make the decision of a caller."""
        return ProposalDecision(
            decides=proposal, verdict=verdict, by=self._person(call), role=call.caller.role, at=self.now(), reason=reason
        )

    def _person(self, call: Call[Any]) -> str:
        return self.pseudonyms.asked_by(call.caller.sub)

    def _require_ready(self) -> None:
        if not self.proposals.table.ready:
            raise ProblemError("kafka-away")

    async def _find(self, call: Call[Any], name: str) -> TrackedProposal:
        """Return a proposal that the caller may see; another's and one that does not exist are answered alike."""
        self._require_ready()
        tracked = self.proposals.table.get(name)
        if tracked is None or not may_see(tracked.proposal, call.caller, self._person(call)):
            await call.refuse()
        return tracked

    def _require_open(self, tracked: TrackedProposal) -> None:
        if not tracked.is_open(self.now()):
            raise ProblemError("proposal-decided", proposal_status=tracked.status(self.now()))

    async def _require_unchanged(self, proposal: Proposal) -> None:
        with unavailable_as_problem():
            shown, _ = await self.states.lookup().state(proposal.shelter)
        if changed := outdated(proposal, shown) or overtaken(proposal, self.proposals.table.of_shelter(proposal.shelter)):
            raise ProblemError("proposal-outdated", changed=list(changed))

    async def _decide(self, call: Call[Any], tracked: TrackedProposal, verdict: Verdict, reason: str | None = None) -> TrackedProposal:
        """Record a decision in the audit log, then in the topic; ProblemError 409 when another decision came first."""
        name = tracked.proposal.proposal
        await call.record(*objects_of([tracked.proposal]), what=(verdict,))
        with unavailable_as_problem():
            await self.proposals.append(self.decision(call, name, verdict, reason))
        current = self.proposals.table.get(name) or tracked
        if current.decision is None or current.decision.verdict != verdict:
            raise ProblemError("proposal-decided", proposal_status=current.status(self.now()))
        return current


def objects_of(proposals: Sequence[Proposal]) -> tuple[Object, ...]:
    """Return what an audit entry about proposals is about: each proposal and its shelter."""
    found: set[Object] = {("proposal", each.proposal) for each in proposals} | {("shelter", each.shelter) for each in proposals}
    return tuple(sorted(found))


def outdated(proposal: Proposal, shown: ShelterSnapshot | None) -> tuple[str, ...]:
    """List what of a shelter is no longer as it was when a change of it was proposed: members of the registration, units."""
    now = shown.registration if shown else None
    if proposal.registration is None and (
        now is None or now.region not in proposal.regions or proposal.organisation not in {None, now.organisation}
    ):
        return ("shelter",)  # its units wait for its own registration
    changed = () if proposal.registration is None or now == proposal.before else _differences(proposal, now)
    before = {each.unit: each for each in proposal.units_before}
    units = (unit for unit in proposal.units if declaration(proposal.shelter, shown, unit) != before.get(unit))
    return (*changed, *(f"unit {unit}" for unit in units))


def overtaken(proposal: Proposal, others: Iterable[TrackedProposal]) -> tuple[str, ...]:
    """List what of a shelter was confirmed after a change of it was proposed: the view may not show that yet."""
    confirmed = [
        each.proposal for each in others if each.decision and each.decision.verdict == "confirmed" and each.decision.at >= proposal.at
    ]
    found: dict[str, None] = {}
    for other in confirmed:
        if proposal.registration and other.registration:
            found |= dict.fromkeys(_differences(proposal, other.registration))
        found |= {f"unit {unit}": None for unit in other.units if unit in proposal.units}
    return tuple(found)


def _differences(proposal: Proposal, now: object) -> tuple[str, ...]:
    if proposal.before is None or now is None:
        return ("shelter",)
    return changed_members(proposal.before, now)  # type: ignore[arg-type]  # a registration
