"""`GET /v1/asyncapi.json`: the topics and their events, as `make schemas` writes them into this package."""

from importlib.resources import files
from typing import Final

from fastapi import FastAPI

from services.adapters.http.published_document import add_document
from services.adapters.http.route_policy import RoutePolicy

_ASYNCAPI: Final = files(__package__).joinpath("asyncapi.json")
_CONTRACT: Final = RoutePolicy(public="it is the contract", not_audited="it is the same for everybody", errors=("not-found",))


def add_documents(app: FastAPI) -> None:
    """Add the route."""
    add_document(app, "/v1/asyncapi.json", "The topics and their events (AsyncAPI 3)", _CONTRACT, _read)


def _read() -> bytes | None:
    return _ASYNCAPI.read_bytes() if _ASYNCAPI.is_file() else None
