"""`GET /v1/operator/state`: the whole state in the form of the tapes' expected results, also when it is old or half."""

from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.api.operator.models import StateAnswer
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.data_age import format_ms
from services.api.read_model.view_reader import Read, ViewReader
from services.domain.beds.state_document import state_document

_STATE: Final = RoutePolicy(roles=("operator",), audit="state-shown", at_least=True, errors=("data-unavailable",))


def add_operator(app: FastAPI, reading: ViewReader, mirror: CountryCache) -> None:
    """Add the route."""

    @app.get("/v1/operator/state", tags=["operator"], summary="The whole state")
    async def read_state(call: Annotated[Call[None], Depends(_STATE)]) -> StateAnswer:
        return state_answer(reading, await mirror.read(call))


def state_answer(reading: ViewReader, read: Read) -> StateAnswer:
    """Compute the state of what was read, partitions that stand still included."""
    snapshots, age = read.snapshots, reading.age_of(read.snapshots, read.now, halted=True)
    reached = {} if read.at_least is None else {"at_least_reached": read.at_least}
    document = {
        **reading.dataset_head(read.now),
        **reached,
        **state_document((snapshot.part for snapshot in snapshots), read.now, reading.limits),
        **age.head(read.now, reading.age_limits),
        "as_of": format_ms(age.as_of) if age.as_of else None,
        "rebuilding": age.rebuilding,
        "positions": {str(snapshot.partition): snapshot.position.offset if snapshot.position else None for snapshot in snapshots},
        "halted": {str(snapshot.partition): snapshot.halted for snapshot in snapshots if snapshot.halted},
    }
    return StateAnswer.model_validate(document)
