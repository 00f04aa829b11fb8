"""The body of a request: JSON of a stated media type, of a size and in a time that are bounded before it is read.

A model is a frozen dataclass with the rules of the contract at its fields; all that is wrong is reported at once, and no value is repeated.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from fastapi import Request

from services.adapters.codec.json_reader import read_json
from services.adapters.codec.validation import MEANING, Check, Code, FieldProblem, explain, members
from services.adapters.problem_details import ErrorItem, ProblemError
from services.adapters.schemas.body_example import body_example
from services.adapters.schemas.components import Components
from services.adapters.schemas.json_schema import Printer

# A megabyte over a mobile phone on a bad day; who takes longer holds up a place for others.
_ARRIVES_S: Final = 20.0
_JSON: Final = "application/json"
# The largest model is a search with all there is in it: less than a tenth of this.
_LARGEST_BYTES: Final = 65_536

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class JsonBody(Generic[T_co]):
    """A JSON object with exactly the members of a dataclass; its method `broken_rules`, if any, lists what is wrong between them."""

    model: type[T_co]
    example: Mapping[str, Any] = field(default_factory=dict)
    """Members of the example in the document, beside those that are required; a test reads each example."""
    _checks: dict[frozenset[str], Check] = field(default_factory=dict)
    """The checks of the model, by the region codes they are made for."""

    async def read(self, request: Request, regions: frozenset[str]) -> tuple[T_co, Any]:
        """Read the body of a request, and the JSON it was; ProblemError with all that is wrong, 400, 408, 413 or 415."""
        _, value = await read_body(request, (_JSON,), _LARGEST_BYTES)
        problems: list[FieldProblem] = []
        if regions not in self._checks:
            self._checks[regions] = members(self.model, regions, "")
        body: T_co = self._checks[regions](value, problems)
        if body is not None and (broken_rules := getattr(body, "broken_rules", None)):
            problems += broken_rules()
        if problems:
            raise ProblemError("invalid", errors=[_item(problem) for problem in problems])
        return body, value

    def document(self, regions: frozenset[str], components: Components) -> dict[str, Any]:
        """Return the `requestBody` of OpenAPI."""
        printer = Printer(sorted(regions), clients=True)
        schema = components.add(self.model.__name__, printer.members(self.model) | {"$defs": printer.definitions})
        example = body_example(self.model, sorted(regions)) | dict(self.example)
        return {"required": True, "content": {_JSON: {"schema": schema, "example": example}}}


def wrong(pointer: str, code: Code) -> ErrorItem:
    """Return the error of a member of the body."""
    return ErrorItem(None, pointer, code, MEANING[code])


def _item(problem: FieldProblem) -> ErrorItem:
    return ErrorItem(None, problem.pointer, problem.code, explain(problem))


async def read_body(request: Request, accepted: Sequence[str], largest: int, **members: Any) -> tuple[str, Any]:
    """Read a body of one of these media types: which, and the JSON value. ProblemError 400 (with these members), 408, 413 or 415."""
    media_type = _media_type(request, accepted)
    raw = await _bytes(request, largest)
    try:
        return media_type, read_json(raw)
    except (ValueError, RecursionError) as unreadable:
        raise ProblemError("invalid", errors=[ErrorItem(None, "", "unreadable", MEANING["unreadable"])], **members) from unreadable


def media_type_of(request: Request) -> str:
    """Return the media type that a request states, without its parameters; empty when it states none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _media_type(request: Request, accepted: Sequence[str]) -> str:
    stated, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    utf8 = all(parameter.replace('"', "") in {"", "charset=utf-8"} for parameter in parameters if parameter.startswith("charset"))
    encoded = request.headers.get("content-encoding", "identity").lower() != "identity"
    if stated not in accepted or not utf8 or encoded:
        raise ProblemError("media-type", headers={"Accept": ", ".join(accepted)})
    return stated


async def _bytes(request: Request, largest: int) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > largest:
        raise ProblemError("too-large")
    read = bytearray()
    try:
        async with asyncio.timeout(_ARRIVES_S):
            async for part in request.stream():
                read += part
                if len(read) > largest:
                    raise ProblemError("too-large")
    except TimeoutError as slow:
        raise ProblemError("request-timeout") from slow
    return bytes(read)
