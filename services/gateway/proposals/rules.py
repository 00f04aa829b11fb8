"""Which changes of a shelter need a second person, and who may confirm them (design, section 5; security, F2).

Pure functions. The law: no one alone sends households to another door, or workers to another number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from services.adapters.auth.authentication import Caller
from services.adapters.proposals.proposal_records import Proposal, Proposer, changed_members
from services.domain.events.catalog import ShelterRegistered, UnitDeclared

SECOND_PERSON: Final = frozenset({"region", "organisation", "intake_phone", "security", "audience"})
"""The members of a registration that decide where a household goes, and which number it is called from."""

Treatment = Literal["append", "unchanged", "propose"]
"""What becomes of a change: it goes to the log, it changes nothing, or it waits for a second person.

An identical registration is not written: it would be the last statement of its shelter (R5), and could undo what is being confirmed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSender:
    """Who sends a change. `by` is a pseudonym; `alone` is whether a coordinator needs no second person here."""

    proposer: Proposer
    by: str
    regions: frozenset[str] = frozenset()
    organisation: str | None = None
    alone: bool = False

    def decides_in(self, regions: Iterable[str]) -> bool:
        """Return whether the word of this sender is enough in these regions."""
        return self.proposer == "operator" or (self.proposer == "coordinator" and self.alone and self.regions.issuperset(regions))


def treat_registration(sender: ChangeSender, before: ShelterRegistered | None, after: ShelterRegistered) -> Treatment:
    """Return what becomes of a registration."""
    if not changed_members(before, after):
        return "unchanged"
    if not moves_households(before, after):
        return "append"
    return "append" if sender.decides_in(regions_of(before, after)) else "propose"


def moves_households(before: ShelterRegistered | None, after: ShelterRegistered) -> bool:
    """Return whether a registration changes what needs a second person; a new one does."""
    return before is None or not SECOND_PERSON.isdisjoint(changed_members(before, after))


def treat_unit(sender: ChangeSender, region: str | None, before: UnitDeclared | None, after: UnitDeclared | None) -> Treatment:
    """Return what becomes of a unit that is declared, or with None withdrawn, in a shelter of a region; None: it is not registered."""
    if _alike(before, after):
        return "unchanged"
    one_is_enough = sender.proposer == "coordinator" and region is not None and region in sender.regions
    return "append" if one_is_enough or sender.proposer == "operator" else "propose"


def regions_of(before: ShelterRegistered | None, after: ShelterRegistered) -> tuple[str, ...]:
    """Return the regions that a registration concerns: the one it is in, and the one it is to be in."""
    return tuple(sorted({after.region, *([before.region] if before else [])}))


def confirming_regions(sender: ChangeSender, before: ShelterRegistered | None, after: ShelterRegistered) -> tuple[str, ...]:
    """Return the regions of which the one who confirms must be a coordinator: the new one, and the old one unless its own proposed it."""
    agreed = before is not None and sender.proposer == "coordinator" and before.region in sender.regions
    return (after.region,) if agreed else regions_of(before, after)


def may_see(proposal: Proposal, caller: Caller, person: str) -> bool:
    """Return whether a caller may see a proposal: its proposer, the coordinators of its regions, the shelter if it is registered."""
    if caller.role == "operator" or proposal.by == person:
        return True
    if caller.role == "coordinator":
        return not caller.regions.isdisjoint(proposal.seen_in)
    # A shelter that is not registered may be claimed by several: none sees what another claims
    return caller.role == "shelter" and proposal.before is not None and proposal.shelter in caller.shelters


def may_confirm(proposal: Proposal, caller: Caller, person: str) -> bool:
    """Return whether a caller counts as the second person: never the proposer, in whichever role."""
    return proposal.by != person and _is_over(proposal, caller)


def _is_over(proposal: Proposal, caller: Caller) -> bool:
    return caller.role == "operator" or (caller.role == "coordinator" and caller.regions.issuperset(proposal.regions))


def may_reject(proposal: Proposal, caller: Caller, person: str) -> bool:
    """Return whether a caller may reject a proposal: a coordinator of any region that it concerns; the proposer withdraws."""
    concerned = caller.role == "coordinator" and not caller.regions.isdisjoint(proposal.seen_in)
    return proposal.by != person and (caller.role == "operator" or concerned)


def needs(proposal: Proposal) -> str:
    """Return in words who has to confirm a proposal."""
    who = "a second coordinator" if proposal.proposer == "coordinator" else "a coordinator"
    return f"{who} of {' and '.join(proposal.regions)}, or an operator"


def _alike(before: UnitDeclared | None, after: UnitDeclared | None) -> bool:
    if before is None or after is None:
        return before is after
    return _comparable(before) == _comparable(after)


def _comparable(unit: UnitDeclared) -> tuple[object, ...]:
    return unit.kind, unit.overflow, unit.max_adults, unit.max_children, unit.beds, frozenset(unit.features)
