"""What a call without an envelope answers: the event that it made, what looks wrong about it, and what to undo it by."""

from typing import Annotated, Any, Final, NotRequired, get_args

import orjson
from pydantic import Field
from typing_extensions import TypedDict

from services.adapters.codec.event_codec import RefusedEvent, encode
from services.adapters.codec.validation import explain
from services.adapters.problem_details import ErrorItem, ProblemError
from services.domain.events.catalog import SHORT_NAMES, Event, KeptFact, StayFact
from services.gateway.models import Accept, FactWarning, Published, in_words
from services.gateway.proposals.shelter_changes import NotAppended

_DATA: Final = "/data"
_STAY_FACTS: Final = get_args(StayFact)
_UNDOABLE: Final = frozenset(SHORT_NAMES[shape] for shape in get_args(KeptFact))


class FactAnswer(TypedDict):
    """The event that was made."""

    event: Annotated[str, Field(description="Its handle: lists of events name it by the same")]
    type: Annotated[str, Field(description="Its name in the contract")]
    stay: NotRequired[Annotated[str, Field(description="The stay that it is about")]]
    at_least: Annotated[str, Field(description="Where it stands in the log: a read with this as `atLeast` waits for it")]
    visible: Annotated[bool, Field(description="A read shows it already")]
    warnings: Annotated[list[FactWarning], Field(description="What looks wrong beside what is shown of the shelter")]
    undo: NotRequired[Annotated[str, Field(description="Where to POST to undo it")]]


def document_of(event: Event) -> dict[str, Any]:
    """Return an event as a client would send it whole."""
    document: dict[str, Any] = orjson.loads(encode(event))
    return document


def refuse_invalid(checked: Event | RefusedEvent | NotAppended) -> None:
    """Raise ProblemError 400 for an event that was refused, with pointers into the body that it was made from."""
    if isinstance(checked, RefusedEvent):
        items = [ErrorItem(None, problem.pointer.removeprefix(_DATA), problem.code, explain(problem)) for problem in checked.problems]
        raise ProblemError("invalid", errors=items)


def answer_for(event: Event, published: Published, accept: Accept, handle: str) -> FactAnswer:
    """Return the answer about an event that was published alone; a correction has nothing to undo it by (R12)."""
    outcome = accept(0, published.positions[0], published.visible[0])
    answer: FactAnswer = {
        "event": handle,
        "type": SHORT_NAMES[type(event.data)],
        "at_least": outcome["at_least"],
        "visible": outcome["visible"],
        "warnings": in_words(published.warnings[0]),
    }
    if isinstance(event.data, _STAY_FACTS):
        answer["stay"] = event.data.stay
    if is_undoable(answer["type"]):
        answer["undo"] = f"/v1/shelters/{event.subject}/events/{handle}/undo"
    return answer


def is_undoable(event_type: str) -> bool:
    """Return whether a correction of an event of this short type has an effect: not of a correction, a hold event (R12) or a count (R8)."""
    return event_type in _UNDOABLE
