"""`GET /v1/operator/state`: the whole state in the form of the tapes' expected results, told also when old or half."""

from typing import Final

from fastapi import FastAPI, Request, Response

from services.adapters.access import BEARER
from services.adapters.audit.gate import noted
from services.adapters.problems import documented
from services.adapters.web import answer
from services.api.reading import AT_LEAST, Read, Reading
from services.api.shapes import StateAnswer
from services.api.standing import shown
from services.domain.result import state_document

_DOCUMENTED: Final = documented("invalid", "unauthenticated", "not-yours", "issuer-away", "phone")


def add_operator(app: FastAPI, reading: Reading) -> None:
    """Add the route."""

    @app.get(
        "/v1/operator/state",
        tags=["operator"],
        summary="The whole state",
        response_model=None,
        responses={200: {"model": StateAnswer}, **_DOCUMENTED},
        openapi_extra={**BEARER, "parameters": [AT_LEAST], **noted("state-shown")},
    )
    async def get_state(request: Request) -> Response:
        caller = await reading.caller(request, "operator")
        read = await reading.read(request)
        await reading.audit.note(request, caller, "state-shown")
        return _state(reading, read)


def _state(reading: Reading, read: Read) -> Response:
    looks = read.looks
    told = {} if read.at_least is None else {"at_least_reached": read.at_least}
    return answer(
        {
            **reading.named(read.now),
            **told,
            **state_document((look.part for look in looks), read.now, reading.limits),
            "as_of": shown(read.standing.as_of) if read.standing.as_of else None,
            "degraded": read.standing.degraded(read.now, reading.patience),
            "rebuilding": read.standing.rebuilding,
            "positions": {str(look.partition): look.position.offset if look.position else None for look in looks},
            "halted": {str(look.partition): look.halted for look in looks if look.halted},
        }
    )
