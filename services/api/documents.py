"""`GET /v1/asyncapi.json`: the topics and their events, as `make schemas` puts them into this package."""

from importlib.resources import files
from typing import Final

from fastapi import FastAPI, Response

from services.adapters.access import open_to_anybody
from services.adapters.audit.gate import unnoted
from services.adapters.problems import ProblemError, documented

_ASYNCAPI: Final = files(__package__).joinpath("asyncapi.json")


def add_documents(app: FastAPI) -> None:
    """Add the route."""

    @app.get(
        "/v1/asyncapi.json",
        tags=["documents"],
        summary="The topics and their events (AsyncAPI 3)",
        responses=documented("not-found"),
        openapi_extra=open_to_anybody("it is the contract") | unnoted("it is the same for everybody"),
    )
    async def get_asyncapi() -> Response:
        if not _ASYNCAPI.is_file():
            raise ProblemError("not-found")
        return Response(_ASYNCAPI.read_bytes(), media_type="application/json")
