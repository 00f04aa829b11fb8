"""`GET /v1/asyncapi.json`: the topics and their events, as they are generated into `schemas/`."""

from pathlib import Path
from typing import Final

import yaml
from fastapi import FastAPI, Response

import services
from services.adapters.problems import ProblemError, documented
from services.adapters.web import answer

_ASYNCAPI: Final = Path(services.__path__[0]).parent / "schemas" / "asyncapi.yaml"


def add_documents(app: FastAPI) -> None:
    """Add the route."""

    @app.get("/v1/asyncapi.json", tags=["documents"], summary="The topics and their events (AsyncAPI 3)", responses=documented("not-found"))
    async def get_asyncapi() -> Response:
        if not _ASYNCAPI.is_file():
            raise ProblemError("not-found")
        return answer(yaml.safe_load(_ASYNCAPI.read_text("utf-8")))
