"""The gate: what ought to be noted and was not does not go out."""

import httpx
from fastapi import Request, Response

from services.adapters.access import open_to_anybody
from services.adapters.audit.gate import noted, unnoted
from services.adapters.clock import seconds
from services.adapters.identity import Caller
from services.adapters.metrics import Metrics
from services.adapters.web import answer, keeping, new_app
from tests.audited import Audited

CALLER = Caller("k.jansen", "worker", desk="crisis-oost")


async def test_a_route_that_forgets_to_note_answers_with_a_fault() -> None:
    """The answer it had made stays in the house; one that notes, and one that need not, go out."""
    app, audited, extra = new_app("A service", "", Metrics(), seconds), Audited(), open_to_anybody("it is a test")

    @app.get("/forgets", openapi_extra=extra | noted("shelters-shown"))
    async def forgets() -> Response:
        return answer({"secret": 1})

    @app.get("/notes", openapi_extra=extra | noted("shelters-shown"))
    async def notes(request: Request) -> Response:
        await audited.audit.note(request, CALLER, "shelters-shown")
        return answer({"secret": 2})

    @app.get("/open", openapi_extra=extra | unnoted("nothing is shown"))
    async def shows_nothing() -> Response:
        return answer({})

    transport = httpx.ASGITransport(app)
    async with keeping(audited.writer.keep), httpx.AsyncClient(transport=transport, base_url="http://plek") as client:
        answers = [await client.get(path) for path in ("/forgets", "/notes", "/open")]
        audited.log.away = True
        answers.append(await client.get("/notes"))
    assert [each.status_code for each in answers] == [500, 200, 200, 503]
    assert not any("secret" in answers[index].text for index in (0, 3))


async def test_a_person_stands_in_the_log_under_a_pseudonym_of_its_own() -> None:
    """Neither her name nor the one under which she asks for holds: the two logs don't add up by themselves."""
    audited = Audited()
    entry = audited.audit.entry(CALLER, "shelters-shown").document()
    assert (entry["role"], entry["on_behalf_of"], entry["purpose"]) == ("worker", ("desk:crisis-oost",), "placement")
    assert entry["user"] not in (CALLER.sub, audited.pseudonyms.asked_by(CALLER.sub))
    assert entry["user"] == audited.audit.entry(CALLER, "audit-shown").document()["user"]
