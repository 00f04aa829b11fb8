"""Problems as RFC 9457 has them: what went wrong in words of ours. No input value ever stands in one.

Every kind of answer that is not the one asked for is a row of `KINDS`; its `type` is `urn:plek:problem:<kind>`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"

Kind = Literal[
    "invalid",
    "unauthenticated",
    "not-yours",
    "no-desk",
    "not-live",
    "not-found",
    "method-not-allowed",
    "not-acceptable",
    "too-slow",
    "key-reused",
    "taken",
    "hold-over",
    "hold-undecided",
    "extended-already",
    "too-many-holds",
    "search-held",
    "nothing-to-undo",
    "offer-over",
    "too-large",
    "media-type",
    "too-many",
    "fault",
    "kafka-away",
    "not-taken",
    "issuer-away",
    "view-away",
    "phone",
    "rebuilding",
    "not-yet",
]


class Described(NamedTuple):
    """The status and the one sentence of a kind of problem, and how long to wait before trying again (seconds)."""

    status: int
    title: str
    retry_after: int | None = None


KINDS: Final[Mapping[Kind, Described]] = {
    "invalid": Described(400, "Something in the request breaks a rule; `errors` has all of it"),
    "unauthenticated": Described(401, "A valid bearer token is needed"),
    "not-yours": Described(403, "Not yours, or it does not exist"),
    "not-live": Described(403, "This is not the real country: it can be looked at, and nothing can be sent to it"),
    "no-desk": Described(403, "The token names no desk that a shelter could call back"),
    "not-found": Described(404, "There is nothing here"),
    "method-not-allowed": Described(405, "This method is not known here"),
    "not-acceptable": Described(406, "This is given in none of the forms that are accepted"),
    "too-slow": Described(408, "The body did not arrive in time"),
    "key-reused": Described(409, "This Idempotency-Key was used with another body: take a new one"),
    "taken": Described(409, "Somebody was faster, or it is no longer free; `offers` has what else there is"),
    "hold-over": Described(409, "This hold is over; `hold_status` says how"),
    "hold-undecided": Described(409, "The log has not decided this hold yet: ask again", 1),
    "extended-already": Described(409, "A hold is extended once; `until` says how long it is kept"),
    "too-many-holds": Described(409, "At most two holds at a time: release one first"),
    "search-held": Described(409, "This search has a live hold already: release it first"),
    "nothing-to-undo": Described(409, "There is no such start or end to take back"),
    "offer-over": Described(410, "This offer is over, or not yours: search again"),
    "too-large": Described(413, "The body is larger than is accepted"),
    "media-type": Described(415, "This media type is not accepted"),
    "too-many": Described(429, "Too many requests of yours in a short time: wait"),
    "fault": Described(500, "The fault is ours; it has been logged"),
    "kafka-away": Described(503, "The log can't be reached: nothing is promised. Send the same again, it counts once", 2),
    "not-taken": Described(503, "Neither the log nor the disk takes it: write it down, and send it again with the same key", 5),
    "issuer-away": Described(503, "The issuer of tokens can't be reached, so nobody can be let in", 2),
    "view-away": Described(503, "Whose this is can't be looked up right now, so nothing was done", 2),
    "phone": Described(503, "What is free can't be told right now: phone", 5),
    "not-yet": Described(503, "The log is still being worked out: there are no figures yet", 10),
    "rebuilding": Described(503, "The counts are being worked out again from the log: phone, or try again in a moment", 2),
}


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One thing that is wrong: in which event of the request, where (a JSON pointer), which rule (code and sentence)."""

    index: int | None
    pointer: str
    code: str
    detail: str


class ProblemError(Exception):
    """An answer that is not the one asked for."""

    def __init__(self, kind: Kind, *, headers: Mapping[str, str] | None = None, errors: Iterable[ErrorItem] = (), **members: Any) -> None:
        super().__init__(kind)
        self.kind, self.headers, self.errors, self.members = kind, headers or {}, list(errors), members


def problem(error: ProblemError) -> Response:
    """Write a problem as its answer."""
    described = KINDS[error.kind]
    body: dict[str, Any] = {"type": f"urn:plek:problem:{error.kind}", "title": described.title, "status": described.status}
    if error.errors:
        body["errors"] = error.errors
    headers = dict(error.headers)
    if described.retry_after is not None:
        headers["Retry-After"] = str(described.retry_after)
    return Response(orjson.dumps(body | error.members), described.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every error of an app a problem, also those that the framework finds."""
    app.add_exception_handler(ProblemError, _ours)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(RequestValidationError, _of_a_parameter)


async def _ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - what it was installed for
    return problem(error)


async def _of_the_framework(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = getattr(error, "headers", None)
    kind = next((kind for kind, described in KINDS.items() if described.status == status), None)
    return problem(ProblemError(kind or ("invalid" if status < 500 else "fault"), headers=headers))


async def _of_a_parameter(_: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    items = [ErrorItem(None, f"/{item['loc'][0]}", "bad_format", "not of the form that is documented") for item in found]
    return problem(ProblemError("invalid", errors=items))


_ERROR_SCHEMA: Final = {
    "type": "object",
    "required": ["index", "pointer", "code", "detail"],
    "properties": {
        "index": {"type": ["integer", "null"], "description": "Which event of the request, from 0; null for the request as a whole"},
        "pointer": {"type": "string", "description": "JSON pointer into that event, or the name of a parameter"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": _ERROR_SCHEMA},
    },
}


def documented(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """Describe answers for OpenAPI, one a status, each sentence in it."""
    answers: dict[int | str, dict[str, Any]] = {}
    # Whoever is known may ask too often
    for kind in (*kinds, *(("too-many",) if "unauthenticated" in kinds else ())):
        described = KINDS[kind]
        before = answers.get(described.status)
        sentence = f"`{kind}`: {described.title}"
        answers[described.status] = {
            "description": f"{before['description']}. {sentence}" if before else sentence,
            "content": {MEDIA_TYPE: {"schema": _SCHEMA}},
        }
    return answers
