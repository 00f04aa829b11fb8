"""The routes of searches."""

from typing import Annotated, Final

from fastapi import Depends, FastAPI, Response, status

from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import RoutePolicy
from services.api.searches.handlers import Searches
from services.api.searches.models import EndAnswer, EndForm, SearchAnswer, SearchForm

_SEARCH: Final = RoutePolicy(
    roles=("worker",),
    audit="search-made",
    body=JsonBody(SearchForm),
    idempotency_key=True,
    errors=("data-unavailable", "rebuilding", "not-accepted", "hard-limit"),
)
_END: Final = RoutePolicy(roles=("worker",), audit="search-ended", body=JsonBody(EndForm), errors=("data-unavailable", "not-accepted"))


def add_searches(app: FastAPI, searches: Searches) -> None:
    """Add the routes."""

    @app.post("/v1/searches", tags=["searches"], summary="Ask where a household can go")
    async def search_places(call: Annotated[Call[SearchForm], Depends(_SEARCH)]) -> SearchAnswer:
        return await searches.search(call)

    @app.post(
        "/v1/searches/{search}/end",
        tags=["searches"],
        summary="Say how a search ended",
        responses={202: {"model": EndAnswer, "description": "Queued on disk until Kafka answers"}},
    )
    async def end_search(call: Annotated[Call[EndForm], Depends(_END)], search: str, response: Response) -> EndAnswer:
        answer = await searches.end(call, search)
        response.status_code = status.HTTP_202_ACCEPTED if answer.status == "queued" else status.HTTP_200_OK
        return answer
