"""Problems as RFC 9457 has them: what went wrong in words of ours. No input value ever stands in one.

Every kind of answer that is not the one asked for is a row of `KINDS`; its `type` is `urn:plek:problem:<kind>`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NamedTuple

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
# A person mends no more at once; without an end a small request has a large answer.
MOST_ERRORS: Final = 250

Kind = Literal[
    "invalid",
    "unauthenticated",
    "forbidden",
    "no-desk",
    "not-live",
    "not-found",
    "method-not-allowed",
    "not-acceptable",
    "request-timeout",
    "key-reused",
    "taken",
    "hold-over",
    "hold-undecided",
    "extended-already",
    "extend-early",
    "colleague-has-it",
    "too-many-holds",
    "search-held",
    "nothing-to-undo",
    "held",
    "which-stay",
    "not-undoable",
    "own-proposal",
    "proposal-decided",
    "proposal-outdated",
    "offer-over",
    "too-large",
    "media-type",
    "too-many",
    "hard-limit",
    "internal-error",
    "kafka-away",
    "not-accepted",
    "issuer-away",
    "view-away",
    "data-unavailable",
    "rebuilding",
    "not-yet",
    "duty-away",
]


DUTY_LIST: Final = "/v1/duty-list"
"""Where the telephone numbers are. Law: an answer that says *phone* or *call* carries it as its member `duty_list`."""
_PHONE: Final = f"Phone: {DUTY_LIST} has the numbers, also offline"
# Of a kind that others meet as well, who need no place for anybody
_OR_PHONE: Final = f"If a place is needed now, phone: {DUTY_LIST} has the numbers, also offline"


class ProblemKind(NamedTuple):
    """One kind of problem: its status, its title (the fact), its detail (what to do), and after how many seconds to try again."""

    status: int
    title: str
    detail: str
    retry_after: int | None = None

    @property
    def says_phone(self) -> bool:
        """Return whether the words of this kind send the caller to the telephone."""
        return _CALLS.search(f"{self.title} {self.detail}") is not None


# Of both words every form; "recalled" and "microphone" are neither
_CALLS: Final = re.compile(r"\b(?:phone|call)(?:s|d|ed|ing)?\b", re.IGNORECASE)

KINDS: Final[Mapping[Kind, ProblemKind]] = {
    "invalid": ProblemKind(400, "Something in the request breaks a rule", "Correct what `errors` lists: it has all of it"),
    "unauthenticated": ProblemKind(401, "A valid bearer token is needed", "Log in again, and send the new token"),
    "forbidden": ProblemKind(403, "Not yours, or it does not exist", "Check the id, and for whom the token speaks"),
    "not-live": ProblemKind(
        403, "This is not the real country: nothing can be sent to it", "Look at it only, or send this to the real one"
    ),
    "no-desk": ProblemKind(403, "The token names no desk that a shelter could ring back", "Log in as a worker of a desk"),
    "not-found": ProblemKind(404, "There is nothing here", "Check the path: /v1/openapi.json lists all of them"),
    "method-not-allowed": ProblemKind(405, "This method is not known here", "Use one that /v1/openapi.json lists for this path"),
    "not-acceptable": ProblemKind(
        406, "This is given in none of the forms that are accepted", "Ask for a form that /v1/openapi.json lists"
    ),
    "request-timeout": ProblemKind(408, "The body did not arrive in time", "Send it again"),
    "key-reused": ProblemKind(409, "This Idempotency-Key was used with another body", "Take a new key for a new thing"),
    "taken": ProblemKind(409, "The place went to another household, or is no longer free", "Choose one of `offers`, or search again"),
    "hold-over": ProblemKind(409, "This hold is over", "Read in `hold_status` how it ended, and search again"),
    "hold-undecided": ProblemKind(409, "The log has not decided this hold yet", "Ask again in a moment", 1),
    "extended-already": ProblemKind(409, "A hold is extended once", "Read in `until` how long it is kept"),
    "extend-early": ProblemKind(409, "A hold is extended in its last ten minutes, so that it gains by it", "Try again at `from`"),
    "colleague-has-it": ProblemKind(409, "A colleague of the desk has this hold", "Take it over first"),
    "too-many-holds": ProblemKind(
        409, "At most two holds wait for the shelter's answer at a time", "Wait for an answer, or release one first"
    ),
    "search-held": ProblemKind(409, "This search has a live hold already", "Release that hold first"),
    "own-proposal": ProblemKind(
        403, "A second person confirms: never the one who proposed", "Let a colleague with this region, or an operator, confirm it"
    ),
    "proposal-decided": ProblemKind(409, "This proposal waits for no decision any more", "Read in `proposal_status` how it ended"),
    "proposal-outdated": ProblemKind(
        409, "What this proposal changes is no longer as it was", "Look at `changed`, reject it, and let it be proposed anew"
    ),
    "nothing-to-undo": ProblemKind(409, "There is no such start or end to take back", "Check whether it was taken back before"),
    "held": ProblemKind(
        409,
        "The unit is held for a household of this size",
        "Send it again with `hold`: the id from `holds` if this is that household, null if it is another",
    ),
    "which-stay": ProblemKind(
        409, "There is not exactly one household in this unit", "Send `stay` in place of `unit`: `stays` lists those that are in it"
    ),
    "not-undoable": ProblemKind(
        409,
        "This can't be undone: it was undone before, or it is a correction, a count or an answer to a hold",
        "Send what is true now",
    ),
    "offer-over": ProblemKind(410, "This offer is over, or not yours", "Search again"),
    "too-large": ProblemKind(413, "The body is larger than is accepted", "Send less at a time"),
    "media-type": ProblemKind(415, "This media type is not accepted", "Send one that /v1/openapi.json lists"),
    "too-many": ProblemKind(
        429,
        "A rate limit is reached",
        f"Wait until `again_at`, or send the same with a reason of `break_glass`: it is answered at once. {_OR_PHONE}",
    ),
    "hard-limit": ProblemKind(429, "The limit of requests an hour is reached", f"Wait until `again_at`. {_OR_PHONE}"),
    "internal-error": ProblemKind(500, "The fault is ours; it has been logged", f"Send it once more. {_OR_PHONE}"),
    "kafka-away": ProblemKind(503, "The log can't be reached: nothing is promised", f"Send the same again, it counts once. {_OR_PHONE}", 2),
    "not-accepted": ProblemKind(503, "Neither the log nor the disk takes it", "Write it down, and send it again with the same key", 5),
    "issuer-away": ProblemKind(503, "The issuer of tokens can't be reached, so no token can be checked", f"Try again. {_OR_PHONE}", 2),
    "view-away": ProblemKind(
        503, "What is shown of the shelter can't be read right now, so nothing was done", "Send it again in a moment", 2
    ),
    "data-unavailable": ProblemKind(503, "What is free can't be said right now", _PHONE, 5),
    "not-yet": ProblemKind(503, "The log is still being worked out: there are no figures yet", "Ask again in a minute", 10),
    "rebuilding": ProblemKind(503, "The counts are being worked out again from the log", f"Try again in a moment. {_PHONE}", 2),
    "duty-away": ProblemKind(503, "The duty list can't be changed right now: what it says stands", "Send the same again in a moment", 5),
}


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One thing that is wrong: where, and which rule (code and sentence)."""

    index: Annotated[int | None, Field(description="Which event of the request, from 0; null for the request as a whole")]
    pointer: Annotated[str, Field(description="JSON pointer into that event, or the name of a parameter")]
    code: str
    detail: str


class ProblemError(Exception):
    """An answer that is not the one asked for."""

    def __init__(self, kind: Kind, *, headers: Mapping[str, str] | None = None, errors: Iterable[ErrorItem] = (), **members: Any) -> None:
        super().__init__(kind)
        self.kind, self.headers, self.errors, self.members = kind, headers or {}, list(errors), members


_OF_A_ROLE: Final = {
    "title": "This is not for the role of this token",
    "detail": "Use a token of a role that may: `GET /v1/me` says which role this one has",
    "because": "role",
}


def problem(error: ProblemError) -> Response:
    """Write a problem as its answer."""
    described = KINDS[error.kind]
    body: dict[str, Any] = {
        "type": f"urn:plek:problem:{error.kind}",
        "title": described.title,
        "status": described.status,
        "detail": described.detail,
    }
    if error.kind == "forbidden":
        body |= _OF_A_ROLE if error.members.get("because") == "role" else {"because": "scope"}
    if described.says_phone:
        body["duty_list"] = DUTY_LIST
    if error.errors:
        body["errors"] = error.errors[:MOST_ERRORS]
    if len(error.errors) > MOST_ERRORS:
        body["errors_left_out"] = len(error.errors) - MOST_ERRORS
        body["detail"] = f"Correct the first {MOST_ERRORS} that `errors` lists, and send it again for the rest"
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
    headers = dict(getattr(error, "headers", None) or {})
    if "GET" in headers.get("Allow", ""):
        headers["Allow"] += ", HEAD"  # wherever GET is
    kind = next((kind for kind, described in KINDS.items() if described.status == status), None)
    return problem(ProblemError(kind or ("invalid" if status < 500 else "internal-error"), headers=headers))


async def _of_a_parameter(_: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    items = [ErrorItem(None, f"/{item['loc'][0]}", "bad_format", "not of the form that is documented") for item in found]
    return problem(ProblemError("invalid", errors=items))


class ProblemDetails(BaseModel):
    """What went wrong (RFC 9457). Members of a kind's own stand beside these."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(json_schema_extra={"format": "uri"})
    title: str
    status: int
    detail: str = Field(description="What to do")
    because: Literal["role", "scope"] = Field(
        default="scope", description="Of a 403: `role` when no one of this role may do it, `scope` when it is another's or does not exist"
    )
    duty_list: Literal["/v1/duty-list"] = Field(
        default=DUTY_LIST, description="Where the numbers are, with every answer that says to phone"
    )
    errors: list[ErrorItem] = Field(default=[], max_length=MOST_ERRORS)
    errors_left_out: int = Field(default=0, description=f"How many errors there are beside the first {MOST_ERRORS}")


SCHEMA_REF: Final = "#/components/schemas/{model}"
PROBLEM_CONTENT: Final[Mapping[str, Any]] = {MEDIA_TYPE: {"schema": {"$ref": SCHEMA_REF.format(model="ProblemDetails")}}}


def problem_schemas() -> dict[str, Any]:
    """Return the schemas that `problem_responses` refers to, by name: components of an OpenAPI document."""
    schema = ProblemDetails.model_json_schema(ref_template=SCHEMA_REF, mode="serialization")
    referred: dict[str, Any] = schema.pop("$defs")
    return referred | {"ProblemDetails": schema}


def problem_responses(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of OpenAPI for kinds of problems: one a status, with the sentence of each kind."""
    sentences: dict[int | str, list[str]] = {}
    for kind in kinds:
        sentences.setdefault(KINDS[kind].status, []).append(f"`{kind}`: {KINDS[kind].title}")
    return {status: {"description": ". ".join(listed), "content": dict(PROBLEM_CONTENT)} for status, listed in sentences.items()}
