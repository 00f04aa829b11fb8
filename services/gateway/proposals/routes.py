"""The routes of proposals: what is changed of a shelter, what waits for a second person, and the decisions on it."""

from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI

from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import Kind
from services.adapters.proposals.table import TrackedProposal
from services.adapters.roles import Role
from services.domain.durations import DAY_MS
from services.domain.events.catalog import ShelterRegistered, UnitWithdrawn
from services.gateway.proposals.decide import Carried, ProposalDecisions, objects_of
from services.gateway.proposals.models import ChangeAnswer, Choice, DecisionAnswer, ProposalsAnswer, proposal_shape
from services.gateway.proposals.propose import ProposeChanges
from services.gateway.proposals.request_forms import RegistrationChange, RejectionForm, UnitsForm
from services.gateway.proposals.rules import may_confirm, may_reject

_ROLES: Final[tuple[Role, ...]] = ("shelter", "coordinator", "operator")
_SHOWN_MS: Final = 14 * DAY_MS
_AWAY: Final[tuple[Kind, ...]] = ("kafka-away", "view-away")
_DECIDED: Final[tuple[Kind, ...]] = ("proposal-decided", *_AWAY)


def _changes(body: JsonBody[Any] | None) -> RoutePolicy:
    return RoutePolicy(roles=_ROLES, audit="proposal-made", body=body, idempotency_key=True, errors=_AWAY)


_REGISTER: Final = _changes(JsonBody(ShelterRegistered))
_CHANGE: Final = _changes(JsonBody(RegistrationChange))
_ONE_UNIT: Final = {"kind": "crisis", "max_adults": 1, "max_children": 2, "beds": 3}
_UNITS: Final = _changes(JsonBody(UnitsForm, example=_ONE_UNIT))
_WITHDRAW_UNIT: Final = _changes(None)
_LIST: Final = RoutePolicy(roles=_ROLES, audit="proposals-shown", errors=("kafka-away",))
_CONFIRM: Final = RoutePolicy(
    roles=("coordinator", "operator"), audit="proposal-decided", errors=("own-proposal", "proposal-outdated", *_DECIDED)
)
_REJECT: Final = RoutePolicy(roles=("coordinator", "operator"), audit="proposal-decided", body=JsonBody(RejectionForm), errors=_DECIDED)
_WITHDRAW: Final = RoutePolicy(roles=_ROLES, audit="proposal-decided", errors=_DECIDED)


def add_proposals(app: FastAPI, propose: ProposeChanges, decisions: ProposalDecisions) -> None:
    """Add the routes."""
    _add_changes(app, propose)
    _add_decisions(app, propose, decisions)


def _add_changes(app: FastAPI, propose: ProposeChanges) -> None:
    @app.post("/v1/shelters", tags=["proposals"], status_code=201, summary="Register a shelter")
    async def register_shelter(call: Annotated[Call[ShelterRegistered], Depends(_REGISTER)]) -> ChangeAnswer:
        return await propose.registered(call)

    @app.patch("/v1/shelters/{shelter}/registration", tags=["proposals"], status_code=201, summary="Change who a shelter is for")
    async def change_registration(call: Annotated[Call[RegistrationChange], Depends(_CHANGE)], shelter: str) -> ChangeAnswer:
        return await propose.changed(call, shelter)

    @app.post("/v1/shelters/{shelter}/units", tags=["proposals"], status_code=201, summary="Declare one unit or several")
    async def declare_units(call: Annotated[Call[UnitsForm], Depends(_UNITS)], shelter: str) -> ChangeAnswer:
        return await propose.units(call, shelter, call.body.declared(shelter))

    @app.post("/v1/shelters/{shelter}/units/{unit}/withdrawal", tags=["proposals"], status_code=201, summary="Withdraw a unit")
    async def withdraw_unit(call: Annotated[Call[None], Depends(_WITHDRAW_UNIT)], shelter: str, unit: str) -> ChangeAnswer:
        return await propose.units(call, shelter, [UnitWithdrawn(shelter=shelter, unit=unit)])


def _add_decisions(app: FastAPI, propose: ProposeChanges, decisions: ProposalDecisions) -> None:
    @app.get("/v1/proposals", tags=["proposals"], summary="What waits for a second person, and what was decided in the last 14 days")
    async def list_proposals(call: Annotated[Call[None], Depends(_LIST)]) -> ProposalsAnswer:
        return _listed(call, decisions)

    @app.post("/v1/proposals/{proposal}/confirm", tags=["proposals"], summary="Confirm a proposal: it is in force then")
    async def confirm_proposal(call: Annotated[Call[None], Depends(_CONFIRM)], proposal: str) -> DecisionAnswer:
        carried = await decisions.confirm(call, proposal)
        return _decided(call, propose, decisions, carried)

    @app.post("/v1/proposals/{proposal}/reject", tags=["proposals"], summary="Reject a proposal, with a reason")
    async def reject_proposal(call: Annotated[Call[RejectionForm], Depends(_REJECT)], proposal: str) -> DecisionAnswer:
        return _decided(call, propose, decisions, Carried(tracked=await decisions.reject(call, proposal, call.body.reason)))

    @app.post("/v1/proposals/{proposal}/withdraw", tags=["proposals"], summary="Withdraw a proposal of one's own")
    async def withdraw_proposal(call: Annotated[Call[None], Depends(_WITHDRAW)], proposal: str) -> DecisionAnswer:
        return _decided(call, propose, decisions, Carried(tracked=await decisions.withdraw(call, proposal)))


def _listed(call: Call[None], decisions: ProposalDecisions) -> ProposalsAnswer:
    """Return what the caller may see: what waits, then what was decided lately, each the newest first."""
    now = decisions.now()
    found = [each for each in decisions.visible_to(call) if each.is_open(now) or now - _ended_at(each) < _SHOWN_MS]
    found.sort(key=lambda each: (not each.is_open(now), -each.proposal.at))
    call.describe(*objects_of([each.proposal for each in found]))
    person = decisions.pseudonyms.asked_by(call.caller.sub)
    return ProposalsAnswer(
        proposals=[proposal_shape(each, now, each.proposal.by == person, _choices(call, each, person, now)) for each in found]
    )


def _ended_at(tracked: TrackedProposal) -> int:
    return tracked.decision.at if tracked.decision else tracked.proposal.lapses_at


def _choices(call: Call[None], tracked: TrackedProposal, person: str, now: int) -> list[Choice]:
    if not tracked.is_open(now):
        return []
    proposal, caller = tracked.proposal, call.caller
    may: dict[Choice, bool] = {
        "confirm": may_confirm(proposal, caller, person),
        "reject": may_reject(proposal, caller, person),
        "withdraw": proposal.by == person,
    }
    return [choice for choice, is_allowed in may.items() if is_allowed]


def _decided(call: Call[Any], propose: ProposeChanges, decisions: ProposalDecisions, carried: Carried) -> DecisionAnswer:
    at_least = propose.at_least(call, carried.position)
    placed = {"at_least": at_least, "visible": carried.visible} if at_least else {}
    stated = {"proposal": carried.tracked.proposal.proposal, "status": carried.tracked.status(decisions.now())}
    return DecisionAnswer.model_validate(stated | placed)
