"""Who looked at what, for an auditor: the records of the audit log, a page at a time."""

from typing import Any, Final

from starlette.responses import Response

from services.web.pages.visit import Visit

_PAGE: Final = 100


async def records(visit: Visit) -> Response:
    """Show a page of the audit log, and those of its records that were asked for."""
    query = visit.request.query_params
    start = int(query["from"]) if query.get("from", "").isdigit() else await _newest(visit)
    answer = await visit.get("/v1/audit", **{"from": str(start), "limit": str(_PAGE)})
    if not answer.ok:
        return visit.problem(answer, back="/")
    wanted = {name: query[name] for name in ("event", "user", "object") if query.get(name)}
    shown = [each for each in reversed(answer.body["records"]) if _wanted(each["record"] or {}, wanted)]
    return visit.render("oversight/audit.html", records=shown, start=start, following=answer.body["next"], page=_PAGE, wanted=wanted)


async def _newest(visit: Visit) -> int:
    """Return where the newest page of the log begins."""
    answer = await visit.get("/v1/audit", **{"from": "0", "limit": "1"})
    return max(int(answer.body.get("end", 0)) - _PAGE, 0)


def _wanted(record: dict[str, Any], wanted: dict[str, str]) -> bool:
    objects = {text for each in record.get("objects", ()) for text in each.values()}
    fits = {"event": record.get("event"), "user": record.get("user")}
    return all(text in objects if name == "object" else text == fits[name] for name, text in wanted.items())
