"""`GET /v1/codes`: every code of the contract and of the answers, with its words in Dutch and in English."""

from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.labels.code_labels import Label, code_lists
from services.adapters.roles import ROLES
from services.api.read_model.answer_models import AnswerModel

_CODES: Final = RoutePolicy(roles=ROLES, not_audited="it is the same for everybody")


class CodeListed(AnswerModel):
    """A code, and what it is called."""

    code: str
    nl: str
    en: str


class CodesAnswer(AnswerModel):
    """Every list of codes by its name, each in the order in which it is shown."""

    codes: dict[str, list[CodeListed]]


def add_codes(app: FastAPI) -> None:
    """Add the route."""
    answer = CodesAnswer(codes={name: [_listed(code, label) for code, label in each.items()] for name, each in code_lists().items()})

    @app.get("/v1/codes", tags=["me"], summary="Every code of the contract, with its words in Dutch and in English")
    async def list_codes(_: Annotated[Call[None], Depends(_CODES)]) -> CodesAnswer:
        return answer


def _listed(code: str, label: Label) -> CodeListed:
    return CodeListed(code=code, nl=label.nl, en=label.en)
