"""The events that a confirmed proposal makes; their names are a keyed hash of it: however often they are made, they count once (R1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.adapters.auth.pseudonyms import Attempt, Pseudonyms
from services.adapters.proposals.proposal_records import Proposal, ProposalDecision
from services.domain.durations import NS_PER_MS
from services.domain.events.catalog import Event, ShelterRegistered, UnitDeclared, UnitWithdrawn

# The same for every confirmation: two confirmations at once make one event
_SOURCE: Final = "urn:plek:proposal"


@dataclass(frozen=True, slots=True)
class ProposalEvents:
    """Makes the events of proposals."""

    pseudonyms: Pseudonyms

    def make(self, proposal: Proposal, decision: ProposalDecision) -> list[Event]:
        """Return the events of a proposal, recorded when it was confirmed."""
        attempt = self._attempt(proposal)
        return [
            Event(id=attempt.id(noun), source=_SOURCE, time=decision.at * NS_PER_MS, subject=proposal.shelter, data=data)
            for noun, data in _statements(proposal)
        ]

    def names(self, proposal: Proposal) -> frozenset[tuple[str, str]]:
        """Return source and id of each event that a proposal makes."""
        attempt = self._attempt(proposal)
        return frozenset((_SOURCE, attempt.id(noun)) for noun, _ in _statements(proposal))

    def _attempt(self, proposal: Proposal) -> Attempt:
        return self.pseudonyms.attempt(proposal.by, "confirmed-proposal", proposal.proposal)


def _statements(proposal: Proposal) -> Iterator[tuple[str, ShelterRegistered | UnitDeclared | UnitWithdrawn]]:
    if proposal.registration is not None:
        yield "registration", proposal.registration
    for declared in proposal.declared:
        yield f"unit/{declared.unit}", declared
    for unit in proposal.withdrawn:
        yield f"unit/{unit}", UnitWithdrawn(shelter=proposal.shelter, unit=unit)
