"""`GET /v1/shelters/{id}/import-key`: the key of the ids that a spreadsheet of a shelter gives.

Guarantees: who may not bring in facts of a shelter gets no key of it, so an id in the log does not lead back to a date or a household. A
new shelter has no key for a coordinator before it is registered; an operator may bring in any.
"""

from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.audit.records import shelters
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.view_reader import ViewReader
from services.api.shelters.models import ImportKeyAnswer
from services.api.shelters.routes import find_shelter

_KEY: Final = RoutePolicy(roles=("shelter", "coordinator", "operator"), audit="import-begun", errors=("data-unavailable", "rebuilding"))


def add_import_key(app: FastAPI, reading: ViewReader, mirror: CountryCache, pseudonyms: Pseudonyms) -> None:
    """Add the route."""

    @app.get("/v1/shelters/{shelter}/import-key", tags=["shelters"], summary="The key of the ids of what is brought in for a shelter")
    async def read_import_key(call: Annotated[Call[None], Depends(_KEY)], shelter: str) -> ImportKeyAnswer:
        if call.caller.role == "shelter" and shelter not in call.caller.shelters:
            await call.refuse()
        if call.caller.role == "coordinator":
            read = await mirror.read(call, [reading.partition(shelter)])
            if find_shelter(reading, call.caller, read, shelter) is None:
                await call.refuse()
        # An operator types the id of a shelter that need not exist: it is recorded only where its own token names it
        call.describe(*shelters([shelter] if call.caller.role != "operator" else []))
        return ImportKeyAnswer(key=pseudonyms.import_key(shelter).hex())
