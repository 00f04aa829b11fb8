"""Bring in a spreadsheet: choose a file, see line by line what would be sent and what is left out, and then send it.

Guarantees: nothing is sent before the person has seen the plan; the same file twice changes nothing, for the ids are made of its rows. The
file is kept nowhere: the page holds it between the plan and the sending.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import orjson
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.adapters.bring_in.import_events import PlannedEvent
from services.adapters.bring_in.import_plan import ImportPlan, Surroundings, plan_file
from services.adapters.bring_in.known_shelters import read_known_shelters
from services.adapters.codec.event_codec import encode
from services.adapters.spreadsheets.cells import UnreadableFileError
from services.adapters.spreadsheets.empty_spreadsheets import xlsx_template
from services.adapters.spreadsheets.file_reader import read_file
from services.adapters.spreadsheets.sheet_tables import Choices
from services.domain.durations import NS_PER_MS
from services.domain.events import catalog as e
from services.web.pages.visit import Visit
from services.web.shelter.today import own_path

LARGEST_BYTES: Final = 700_000
"""Ten thousand stays; a larger file is for the command. With the page's own form it stays below what a form may hold."""
_AT_ONCE: Final = 500
_LETTERS: Final = 2


async def choose_file(visit: Visit) -> Response:
    """Show what a file must have, an empty one to fill in, and the choice of a file."""
    return visit.render("shelter/bring_in.html", at=own_path(visit), problem="")


async def template(visit: Visit) -> Response:
    """Give an empty spreadsheet with the columns that Plek reads."""
    kind: Any = "occupancy" if visit.request.path_params["kind"] == "occupancy" else "stays"
    headers = {"Content-Disposition": f'attachment; filename="plek-{kind}.xlsx"'}
    return Response(xlsx_template(kind), headers=headers, media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


async def preview(visit: Visit) -> Response:
    """Show the plan of a file; nothing is sent."""
    data = await _uploaded(visit)
    plan = await _plan(visit, data)
    if isinstance(plan, Response):
        return plan
    return visit.render(
        "shelter/bring_in_plan.html", at=own_path(visit), plan=plan, rows=_rows(plan.facts), file=base64.b64encode(data).decode()
    )


async def send(visit: Visit) -> Response:
    """Send the plan of a file that was shown."""
    try:
        data = base64.b64decode(visit.text("file"), validate=True)
    except binascii.Error:
        data = b""
    plan = await _plan(visit, data)
    if isinstance(plan, Response):
        return plan
    accepted, refused = 0, Counter[str]()
    for start in range(0, len(plan.facts), _AT_ONCE):
        answer = await visit.site.client.send_events(
            visit.token, [orjson.loads(encode(each.event)) for each in plan.facts[start : start + _AT_ONCE]]
        )
        if "events" not in answer.body:
            return visit.problem(answer, back=f"{own_path(visit)}/bring-in")
        accepted += sum(outcome["status"] == "accepted" for outcome in answer.body["events"])
        refused.update(outcome.get("code", "") for outcome in answer.body["events"] if outcome["status"] == "refused")
    return visit.render("shelter/brought_in.html", at=own_path(visit), accepted=accepted, refused=dict(refused))


async def _uploaded(visit: Visit) -> bytes:
    file = visit.form.get("sheet")
    return await file.read(LARGEST_BYTES + 1) if isinstance(file, UploadFile) else b""


async def _plan(visit: Visit, data: bytes) -> ImportPlan | Response:
    """Return the plan of a file for the shelters of the person, or the page that says why there is none."""
    if not data or len(data) > LARGEST_BYTES:
        return _refused(visit, visit.say("Kies een bestand van ten hoogste 700 kB."))
    try:
        sheets = read_file(data)
    except UnreadableFileError:
        return _refused(visit, visit.say("Dit bestand is niet te lezen. Bewaar het als Excel (.xlsx) of CSV, zonder wachtwoord."))
    shown, keys = await visit.get("/v1/shelters"), dict[str, bytes]()
    for shelter in visit.session.shelters if visit.session else ():
        answer = await visit.get(f"/v1/shelters/{shelter}/import-key")
        if answer.ok:
            keys[shelter] = bytes.fromhex(answer.body["key"])
    if not shown.ok or not keys:
        return visit.problem(shown, back=own_path(visit))
    known = read_known_shelters([each for each in shown.body["shelters"] if each["shelter"] in keys])
    beside = Surroundings(
        known=known,
        key=keys.__getitem__,
        region={row.centre.lower(): code for code, row in visit.site.regions.items()}.get,
        language=lambda text: text.lower() if len(text) == _LETTERS else None,
        now=visit.site.now() * NS_PER_MS,
        in_force="nothing",
    )
    return plan_file(sheets, Choices(), beside)


def _refused(visit: Visit, problem: str) -> Response:
    return visit.render("shelter/bring_in.html", 400, at=own_path(visit), problem=problem)


def _rows(facts: Sequence[PlannedEvent]) -> list[dict[str, Any]]:
    """Return what will be sent, a row of the file each: its line, the unit, the household, from when until when (ns)."""
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for planned in facts:
        row = rows.setdefault((planned.sheet, planned.line), {"line": planned.line, "sheet": planned.sheet})
        match planned.event.data:
            case e.Admission(unit=unit, adults=adults, children=children):
                row |= {"unit": unit, "adults": adults, "children": children, "since": planned.event.occurred_at}
            case e.Discharge():
                row["until"] = planned.event.occurred_at
            case e.DischargePlanned(expected_at=expected):
                row["until"] = expected
            case e.UnitClosed(unit=unit):
                row |= {"unit": unit, "closed": True}
            case _:
                pass
    return list(rows.values())
