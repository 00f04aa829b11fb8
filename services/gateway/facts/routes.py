"""`POST /v1/shelters/{shelter}/admissions` and its sisters: one call for each thing that a shelter says."""

from enum import Enum
from typing import Annotated, Final, TypeVar

from fastapi import Depends, FastAPI

from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import Kind
from services.gateway.facts import forms
from services.gateway.facts.models import FactAnswer
from services.gateway.facts.record_fact import FactCalls

T = TypeVar("T")


def _policy(form: type[T], *errors: Kind) -> RoutePolicy:
    return RoutePolicy(
        roles=("shelter", "operator"),
        audit="events-sent",
        body=JsonBody(form),
        idempotency_key=True,
        errors=(*errors, "kafka-away", "view-away"),
    )


_ADMISSION: Final = _policy(forms.AdmissionForm, "held")
_DISCHARGE: Final = _policy(forms.DischargeForm, "which-stay")
_TRANSFER: Final = _policy(forms.TransferForm, "which-stay")
_STAY_CHANGE: Final = _policy(forms.StayChangeForm, "which-stay")
_PLANNED: Final = _policy(forms.PlannedDischargeForm, "which-stay")
_CLOSURE: Final = _policy(forms.ClosureForm)
_REOPENING: Final = _policy(forms.ReopeningForm)
_COUNT: Final = _policy(forms.CountForm)
_PAUSE: Final = _policy(forms.PauseForm)
_RESUMPTION: Final = _policy(forms.ResumptionForm)
_OF: Final = "/v1/shelters/{shelter}"
_TAGS: Final[list[str | Enum]] = ["facts"]


def add_facts(app: FastAPI, facts: FactCalls) -> None:
    """Add the routes."""
    _add_stays(app, facts)
    _add_units(app, facts)
    _add_intake(app, facts)


def _add_stays(app: FastAPI, facts: FactCalls) -> None:
    @app.post(
        f"{_OF}/admissions",
        tags=_TAGS,
        status_code=201,
        summary="A household moves in",
        description="The gateway makes the stay unless you send one. A unit that is held for a household of this size is answered with 409"
        " `held` first; send `hold` with the id of the hold, or null for another household.",
    )
    async def admit(call: Annotated[Call[forms.AdmissionForm], Depends(_ADMISSION)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)

    @app.post(
        f"{_OF}/discharges",
        tags=_TAGS,
        status_code=201,
        summary="A household leaves",
        description="Name the `stay`, or the `unit` where exactly one household is in it. With `unit_ready` false the unit is closed for"
        " cleaning.",
    )
    async def discharge(call: Annotated[Call[forms.DischargeForm], Depends(_DISCHARGE)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)

    @app.post(f"{_OF}/transfers", tags=_TAGS, status_code=201, summary="A household moves to another unit of the shelter")
    async def transfer(call: Annotated[Call[forms.TransferForm], Depends(_TRANSFER)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)

    @app.post(f"{_OF}/stay-changes", tags=_TAGS, status_code=201, summary="A household grows or shrinks")
    async def change_stay(call: Annotated[Call[forms.StayChangeForm], Depends(_STAY_CHANGE)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)

    @app.post(f"{_OF}/planned-discharges", tags=_TAGS, status_code=201, summary="When a household is expected to leave")
    async def plan_discharge(call: Annotated[Call[forms.PlannedDischargeForm], Depends(_PLANNED)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)


def _add_units(app: FastAPI, facts: FactCalls) -> None:
    @app.post(f"{_OF}/closures", tags=_TAGS, status_code=201, summary="A unit can't be used for now")
    async def close_unit(call: Annotated[Call[forms.ClosureForm], Depends(_CLOSURE)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)

    @app.post(f"{_OF}/reopenings", tags=_TAGS, status_code=201, summary="A closed unit can be used again")
    async def reopen_unit(call: Annotated[Call[forms.ReopeningForm], Depends(_REOPENING)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)


def _add_intake(app: FastAPI, facts: FactCalls) -> None:
    @app.post(f"{_OF}/counts", tags=_TAGS, status_code=201, summary="What is shown is right, with the free units counted by hand")
    async def confirm_count(call: Annotated[Call[forms.CountForm], Depends(_COUNT)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)

    @app.post(f"{_OF}/pauses", tags=_TAGS, status_code=201, summary="The shelter takes no households in for now")
    async def pause_intake(call: Annotated[Call[forms.PauseForm], Depends(_PAUSE)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)

    @app.post(f"{_OF}/resumptions", tags=_TAGS, status_code=201, summary="The shelter takes households in again")
    async def resume_intake(call: Annotated[Call[forms.ResumptionForm], Depends(_RESUMPTION)], shelter: str) -> FactAnswer:
        return await facts.record(call, shelter)
