"""The answers of the routes of proposals. No person stands in one: who proposed or decided is a role."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from services.adapters.codec.event_codec import plain
from services.adapters.proposals.proposal_records import Proposal, Status, What
from services.adapters.proposals.table import TrackedProposal
from services.adapters.rfc3339 import show_ms
from services.gateway.proposals.rules import needs

Choice = Literal["confirm", "reject", "withdraw"]


class ChangeAnswer(BaseModel):
    """What became of a change of a shelter."""

    proposal: str | None = Field(default=None, description="Where a second person confirms it, or one who may do so alone has made it")
    status: Status | Literal["unchanged"] = Field(description="`proposed`, `in-force`, or `unchanged`: it says what is shown already")
    what: What
    changes: list[str] = Field(default=[], description="The members that change, or `units`")
    needs: str | None = Field(default=None, description="Who has to confirm it")
    at_least: str | None = Field(default=None, description="Where it stands in the log: a read with this as `atLeast` waits for it")
    visible: bool | None = Field(default=None, description="A read shows it already")


class DecisionAnswer(BaseModel):
    """A proposal after a decision."""

    proposal: str
    status: Status
    at_least: str | None = Field(default=None, description="Where its events stand in the log: a read with this as `atLeast` waits for it")
    visible: bool | None = Field(default=None, description="A read shows it already")


class ProposalShape(BaseModel):
    """A proposal, as those see it who may decide on it or have made it."""

    proposal: str
    shelter: str
    what: What
    status: Status
    changes: list[str]
    before: dict[str, Any] = Field(description="The members that change, as they were when it was proposed")
    after: dict[str, Any] = Field(description="The same as they are to be")
    units: list[dict[str, Any]] = Field(description="The units as they are to be declared")
    withdrawn: list[str] = Field(description="The units that are to be withdrawn")
    regions: list[str] = Field(description="The regions that it concerns")
    proposed_by: Literal["shelter", "coordinator", "operator", "system"]
    own: bool = Field(description="Whether the caller has made it")
    organisation: str | None = Field(description="Of a system: its organisation")
    proposed_at: str
    lapses_at: str
    needs: str | None
    you_may: list[Choice]
    decided_at: str | None
    decided_by: str | None = Field(description="The role of who decided")
    reason: str | None = Field(description="Of a rejection")


class ProposalsAnswer(BaseModel):
    """What waits, and what was decided in the last 14 days."""

    proposals: list[ProposalShape]


def proposal_shape(tracked: TrackedProposal, now: int, own: bool, may: list[Choice]) -> ProposalShape:  # noqa: FBT001 - a member
    """Return a proposal as it is shown at `now` (ms)."""
    proposal, decision = tracked.proposal, tracked.decision
    members = [name for name in proposal.changes if name != "units"]
    return ProposalShape(
        proposal=proposal.proposal,
        shelter=proposal.shelter,
        what=proposal.what,
        status=tracked.status(now),
        changes=list(proposal.changes),
        before=_members(proposal.before, members),
        after=_members(proposal.registration, members),
        units=[plain(each) for each in proposal.declared],
        withdrawn=list(proposal.withdrawn),
        regions=list(proposal.seen_in),
        proposed_by=proposal.proposer,
        own=own,
        organisation=proposal.organisation,
        proposed_at=show_ms(proposal.at),
        lapses_at=show_ms(proposal.lapses_at),
        needs=needs(proposal) if tracked.is_open(now) else None,
        you_may=may,
        decided_at=show_ms(decision.at) if decision else None,
        decided_by=decision.role if decision else None,
        reason=decision.reason if decision else None,
    )


def _members(registration: Any, names: list[str]) -> dict[str, Any]:
    stated = plain(registration) if registration else {}
    return {name: stated[name] for name in names if name in stated}


def change_answer(proposal: Proposal, status: Status, at_least: str | None = None, *, visible: bool | None = None) -> ChangeAnswer:
    """Return what became of a change that is a proposal."""
    stated: dict[str, Any] = {"proposal": proposal.proposal, "status": status, "what": proposal.what, "changes": list(proposal.changes)}
    waits = {"needs": needs(proposal)} if status == "proposed" else {}
    placed = {"at_least": at_least, "visible": visible} if at_least else {}
    return ChangeAnswer.model_validate(stated | waits | placed)
