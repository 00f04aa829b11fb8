"""`GET /v1/shelters` and `/v1/shelters/{id}`: a shelter sees its own, a coordinator those of the own regions, an operator all.

A shelter of another caller and one that does not exist have the same answer.
"""

from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI

from services.adapters.audit.records import shelters
from services.adapters.auth.authentication import Caller
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import ProblemError
from services.adapters.view.ports import PartitionSnapshot
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.data_age import seen_at
from services.api.read_model.view_reader import Read, ViewReader
from services.api.shelters.models import PositionShape, ShelterAnswer, SheltersAnswer, ShelterShape
from services.api.shelters.shelter_answers import may_see, shelter_answer
from services.domain.beds.shelter_snapshot import ShelterSnapshot

_SHELTERS: Final = RoutePolicy(
    roles=("shelter", "coordinator", "operator"), audit="shelters-shown", at_least=True, errors=("data-unavailable", "rebuilding")
)


def add_shelters(app: FastAPI, reading: ViewReader, mirror: CountryCache) -> None:
    """Add the routes."""

    @app.get("/v1/shelters", tags=["shelters"], summary="The shelters of the caller, with their units")
    async def read_shelters(call: Annotated[Call[None], Depends(_SHELTERS)]) -> SheltersAnswer:
        own = [reading.partition(shelter) for shelter in call.caller.shelters] if call.caller.role == "shelter" else None
        answer = list_shelters(reading, call.caller, await mirror.read(call, own))
        call.describe(*shelters(shelter.shelter for shelter in answer.shelters))
        return answer

    @app.get("/v1/shelters/{shelter}", tags=["shelters"], summary="One shelter, with its units")
    async def read_shelter(call: Annotated[Call[None], Depends(_SHELTERS)], shelter: str) -> ShelterAnswer:
        if call.caller.role == "shelter" and shelter not in call.caller.shelters:
            await call.refuse()
        read = await mirror.read(call, [reading.partition(shelter)])
        known = any(shelter in snapshot.shelters for snapshot in read.snapshots)
        # The id is recorded only where there is such a shelter: otherwise it is whatever was typed
        objects = shelters([shelter] if known else [])
        answer = find_shelter(reading, call.caller, read, shelter)
        if answer is None:
            await call.refuse(*objects)
        call.describe(*objects)
        return answer


def list_shelters(reading: ViewReader, caller: Caller, read: Read) -> SheltersAnswer:
    """Return the shelters that a caller may see, in the order of their ids; ProblemError 503 when the view is too old."""
    visible = [(snapshot, shelter) for snapshot in read.snapshots for shelter in snapshot.shelters.values() if may_see(caller, shelter)]
    shown = sorted((pair for pair in visible if not pair[0].halted), key=lambda pair: pair[1].shelter)
    return SheltersAnswer(
        **_head(reading, read),
        shelters=[_shelter(reading, caller, read, *pair) for pair in shown],
        hidden_shelters=len(visible) - len(shown),
    )


def find_shelter(reading: ViewReader, caller: Caller, read: Read, name: str) -> ShelterAnswer | None:
    """Return a shelter; None where it does not exist or the caller may not see it; ProblemError 503 where that can't be known."""
    [snapshot] = read.snapshots
    shelter = snapshot.shelters.get(name)
    visible = shelter is not None and may_see(caller, shelter)
    if snapshot.halted and (shelter is None or visible):
        raise ProblemError("data-unavailable")
    if shelter is None or not visible:
        read.age.require_fresh(read.now, reading.age_limits)  # from a half view it can't be known that there is nothing
        return None
    return ShelterAnswer(**_head(reading, read), shelter=_shelter(reading, caller, read, snapshot, shelter))


def _head(reading: ViewReader, read: Read) -> dict[str, Any]:
    if read.snapshots:
        read.age.require_fresh(read.now, reading.age_limits)
    reached = {} if read.at_least is None else {"at_least_reached": read.at_least}
    return reading.dataset_head(read.now) | read.age.head(read.now, reading.age_limits) | reached


def _shelter(reading: ViewReader, caller: Caller, read: Read, snapshot: PartitionSnapshot, shelter: ShelterSnapshot) -> ShelterShape:
    answer = shelter_answer(snapshot, shelter, seen_at(snapshot, read.now), reading.limits, households=caller.role == "shelter")
    if answer.registration and (before := reading.phones.members(shelter.registration)):
        answer.registration = answer.registration.model_copy(update=before)
    answer.position = _position(reading, caller, snapshot)
    return answer


def _position(reading: ViewReader, caller: Caller, snapshot: PartitionSnapshot) -> PositionShape | None:
    """Return where the partition stood when it was read: in numbers for an operator, who may see every shelter."""
    if snapshot.position is None:
        return None
    numbers = {"partition": snapshot.partition, "offset": snapshot.position.offset} if caller.role == "operator" else {}
    return PositionShape(at_least=reading.positions.token(snapshot.partition, snapshot.position.offset), **numbers)
