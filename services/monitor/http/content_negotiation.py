"""The form of an answer: JSON, CSV or Parquet, chosen by the Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeVar

from fastapi import Request, Response

from services.adapters.problem_details import ErrorItem, ProblemError
from services.monitor.figures.serialization import COLUMNS, Column, to_csv, to_excel, to_parquet

T = TypeVar("T")
Form = Literal["application/json", "text/csv", "excel", "application/vnd.apache.parquet"]
"""The media type of an answer; `excel`: CSV as a Dutch Excel opens it, which has no type of its own and is asked for by a parameter."""
FORMS: Final[tuple[Form, ...]] = ("application/json", "text/csv", "application/vnd.apache.parquet")
_CSV: Final = "text/csv; charset=utf-8; header=present"
FOR: Final[dict[str, Any]] = {
    "name": "for",
    "in": "query",
    "required": False,
    "description": "The form whatever the Accept header, for a link: `csv`, `parquet`, or `excel`, as a Dutch Excel opens it: semicolons,"
    " decimal commas, times of the Dutch clock",
    "schema": {"type": "string", "enum": ["excel", "csv", "parquet"]},
}
"""The parameter that states the form in the address."""
_STATED: Final[dict[str, Form]] = {"excel": "excel", "csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def negotiate(accept: str | None) -> Form | None:
    """Choose the form that a caller prefers, JSON without a preference; None when none of them is accepted."""
    ranges = [_media_range(text) for text in (accept or "*/*").split(",") if text.strip()]
    best = max(FORMS, key=lambda form: _quality(form, ranges))
    return best if _quality(best, ranges) > 0 else None


def _media_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return name, min(1.0, max(0.0, float(quality)))
    except ValueError:
        return name, 0.0


def _quality(form: Form, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the quality of the most precise media range that fits a form; -1 when none does."""
    for name in (form, f"{form.partition('/')[0]}/*", "*/*"):
        if qualities := [quality for media_range, quality in ranges if media_range == name]:
            return max(qualities)
    return -1.0


def requested_form(request: Request) -> Form:
    """Return the form of the answer; ProblemError 406, and 400 for a reader that is not known."""
    meant_for = request.query_params.getlist("for")
    if meant_for:
        stated = _STATED.get(meant_for[0]) if len(meant_for) == 1 else None
        if stated is None:
            raise ProblemError("invalid", errors=[ErrorItem(None, "for", "unknown_value", "excel, csv or parquet, once")])
        return stated
    form = negotiate(request.headers.get("accept"))
    if form is None:
        raise ProblemError("not-acceptable")
    return form


def respond(
    form: Form, json: T, rows: Callable[[], Sequence[Sequence[Any]]], columns: Sequence[Column] = COLUMNS, *, name: str
) -> T | Response:
    """Return the answer in a form: what FastAPI writes as JSON, or a file of the rows with that name."""
    match form:
        case "application/json":
            return json
        case "text/csv":
            return _file(to_csv(rows(), columns), _CSV, f"{name}.csv")
        case "excel":
            return _file(to_excel(rows(), columns), _CSV, f"{name}.csv")
        case "application/vnd.apache.parquet":
            return _file(to_parquet(rows(), columns), form, f"{name}.parquet")


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def documented_forms() -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI shows beside the JSON of an answer in three forms."""
    text, binary = {"type": "string"}, {"type": "string", "format": "binary"}
    content = {_CSV: {"schema": text}, "application/vnd.apache.parquet": {"schema": binary}}
    return {200: {"content": content, "description": "As JSON, CSV or Parquet, by the Accept header"}}
