"""The body of a request: CloudEvents over HTTP, one or a batch in structured mode, or one in binary mode.

The content type alone says which: beside a structured event, `ce-*` headers are not looked at.
"""

from typing import Any, Final

from fastapi import Request

from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.codec.validation import explain
from services.adapters.http.request_body import media_type_of, read_body
from services.adapters.problem_details import ErrorItem, ProblemError
from services.adapters.schemas.components import Components
from services.adapters.schemas.event_components import add_event, shown_event
from services.domain.events import catalog as e
from services.gateway.binary_mode import ATTRIBUTES, JSON, is_binary_request, read_request

ONE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
LARGEST_BYTES: Final = 1_048_576
MOST_EVENTS: Final = 1_000
# Shown in the document: a household moves in, and leaves
_SHOWN: Final = (e.Admission, e.Discharge)
_DATA: Final = {"type": "object", "description": "The `data` of one event in binary mode: the other members are `ce-*` headers"}
CE_HEADERS: Final = tuple(
    {
        "name": f"ce-{name}",
        "in": "header",
        "required": False,
        "description": f"In binary mode: `{name}` of the event, percent-encoded",
        "schema": {"type": "string", "maxLength": 256},
    }
    for name in ATTRIBUTES
)
"""The headers of binary mode, as OpenAPI describes them."""


class CloudEventsBody:
    """A body of one event, its data, or a batch: JSON values, none of them checked yet."""

    async def read(self, request: Request, _: frozenset[str]) -> tuple[list[Any], Any]:
        """Return the values that were sent, one or many, and the JSON they were; ProblemError 400, 408, 413 or 415."""
        if is_binary_request(request.headers.raw, media_type_of(request)):
            envelope = await _read_binary(request)
            return [envelope], envelope
        media_type, sent = await read_body(request, (ONE, BATCH), LARGEST_BYTES, events=[])
        if media_type == ONE:
            return [sent], sent
        if type(sent) is not list:
            raise _invalid("wrong_type", "a batch is a JSON array")
        if len(sent) > MOST_EVENTS:
            raise _invalid("too_many", f"a batch holds at most {MOST_EVENTS} events")
        return sent, sent

    def document(self, regions: frozenset[str], components: Components) -> dict[str, Any]:
        """Return the `requestBody` of OpenAPI."""
        schema = add_event(regions, components)
        batch = {"type": "array", "maxItems": MOST_EVENTS, "items": schema}
        events = {e.SHORT_NAMES[shape]: shown_event(shape) for shape in _SHOWN}
        content = {
            ONE: {"schema": schema, "examples": {name: {"summary": f"An event `{name}`", "value": each} for name, each in events.items()}},
            BATCH: {"schema": batch, "example": list(events.values())},
            JSON: {"schema": _DATA, "example": next(iter(events.values()))["data"]},
        }
        return {"required": True, "content": content}


async def _read_binary(request: Request) -> dict[str, Any]:
    """Return the envelope of a request in binary mode; ProblemError 400, 408, 413 or 415."""
    _, data = await read_body(request, (JSON,), LARGEST_BYTES, events=[])
    envelope = read_request(request.headers.raw, data)
    if isinstance(envelope, RefusedEvent):
        errors = [ErrorItem(0, problem.pointer, problem.code, explain(problem)) for problem in envelope.problems]
        raise ProblemError("invalid", errors=errors, events=[{"index": 0, "status": "refused", "code": envelope.reason}])
    return envelope


def _invalid(code: str, detail: str) -> ProblemError:
    return ProblemError("invalid", errors=[ErrorItem(None, "", code, detail)], events=[])
