"""What becomes of a request, event by event: where each stands in the log, or all that is wrong with it. No value is repeated."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import Response

from services.adapters.checks import MEANING
from services.adapters.log_port import Place
from services.adapters.problems import ErrorItem, ProblemError, problem
from services.adapters.web import answer
from services.adapters.wire import Refused
from services.domain.events import Event

Checked = Sequence[Event | Refused]


def written(checked: Checked, places: Sequence[Place], visible: Sequence[bool]) -> Response:
    """Answer 200 when all were accepted, else 400 with every error, and what was accepted beside them."""
    stands = iter(zip(places, visible, strict=True))
    events = [_accepted(index, *next(stands)) if isinstance(each, Event) else _refused(index) for index, each in enumerate(checked)]
    errors = [item for index, each in enumerate(checked) if isinstance(each, Refused) for item in _errors(index, each)]
    return problem(ProblemError("invalid", errors=errors, events=events)) if errors else answer({"events": events})


def _accepted(index: int, place: Place, visible: bool) -> dict[str, Any]:  # noqa: FBT001 - one of the three things that are told
    return {"index": index, "status": "accepted", "partition": place.partition, "offset": place.offset, "visible": visible}


def _refused(index: int) -> dict[str, Any]:
    return {"index": index, "status": "refused"}


def _errors(index: int, refused: Refused) -> list[ErrorItem]:
    return [ErrorItem(index, found.pointer, found.code, MEANING[found.code]) for found in refused.problems]


SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["events"],
    "properties": {
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "status"],
                "properties": {
                    "index": {"type": "integer", "description": "Which event of the request, from 0"},
                    "status": {"enum": ["accepted", "refused"]},
                    "partition": {"type": "integer"},
                    "offset": {
                        "type": "integer",
                        "description": "Where it stands in the log, acknowledged; with `at_least` a read waits for it",
                    },
                    "visible": {"type": "boolean", "description": "Whoever reads sees it already"},
                },
            },
        }
    },
}
