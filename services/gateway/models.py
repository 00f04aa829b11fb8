"""What is answered about events: where each stands in the log, or all that is wrong with it. No value that was sent is repeated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.codec.validation import explain
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.ports import LogPosition
from services.adapters.labels.code_labels import label_of
from services.adapters.problem_details import ErrorItem
from services.adapters.roles import Role
from services.domain.beds.fact_warnings import WarningCode
from services.domain.events.catalog import Event
from services.gateway.proposals.rules import needs
from services.gateway.proposals.shelter_changes import NotAppended

Checked = Sequence[Event | RefusedEvent | NotAppended]
"""The events of a request in their order, each as it was read, refused, or kept from the log."""
Warnings = tuple[WarningCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of the values of a request: each read or refused, and of the accepted ones position, visibility and warnings."""

    checked: Checked
    positions: Sequence[LogPosition]
    visible: Sequence[bool]
    warnings: Sequence[Warnings]


class FactWarning(TypedDict):
    """What looks wrong about an event that was accepted: a code, and a sentence for a person."""

    code: str
    nl: str
    en: str


class EventOutcome(TypedDict):
    """What became of one event. A dict, for a request has up to a thousand."""

    index: Annotated[int, Field(description="Which event of the request, from 0")]
    status: Annotated[
        Literal["accepted", "refused", "proposed", "unchanged"],
        Field(
            description="`proposed`: it is in force once a second person confirms `proposal`; `unchanged`: it says what is shown already"
        ),
    ]
    code: NotRequired[Annotated[str, Field(description="Of a refused event: the first of its errors")]]
    proposal: NotRequired[str]
    needs: NotRequired[Annotated[str, Field(description="Who has to confirm it")]]
    at_least: NotRequired[
        Annotated[str, Field(description="Where it stands in the log, acknowledged: a read with this as `atLeast` waits for it")]
    ]
    partition: NotRequired[Annotated[int, Field(description="The same in numbers, for an operator")]]
    offset: NotRequired[int]
    visible: NotRequired[Annotated[bool, Field(description="A read shows it already")]]
    warnings: NotRequired[
        Annotated[list[FactWarning], Field(description="What looks wrong beside what is shown of the shelter, if anything")]
    ]


class EventsAnswer(TypedDict):
    """What became of each event of a request. Of a refused request it stands among the members of the problem."""

    events: list[EventOutcome]


Accept = Callable[[int, LogPosition, bool], EventOutcome]
"""Returns the outcome of an accepted event, from its index, its position and whether a read shows it already."""


def outcomes(published: Published, accept: Accept) -> list[EventOutcome]:
    """Return what became of each event of a request, in order."""
    accepted = iter(zip(published.positions, published.visible, published.warnings, strict=True))
    return [
        _accepted(accept, index, *next(accepted)) if isinstance(event, Event) else _other(index, event)
        for index, event in enumerate(published.checked)
    ]


def _accepted(accept: Accept, index: int, position: LogPosition, visible: bool, warnings: Warnings) -> EventOutcome:  # noqa: FBT001 - a member
    outcome = accept(index, position, visible)
    return {**outcome, "warnings": in_words(warnings)} if warnings else outcome


def in_words(warnings: Warnings) -> list[FactWarning]:
    """Return warnings with their words."""
    return [{"code": code, "nl": words.nl, "en": words.en} for code in warnings for words in (label_of("warnings", code),)]


def _other(index: int, event: RefusedEvent | NotAppended) -> EventOutcome:
    """Return the outcome of an event that is not in the log; a refused one has its first code: its errors may be among those left out."""
    if isinstance(event, RefusedEvent):
        return {"index": index, "status": "refused", "code": event.reason}
    if event.proposal is None:
        return {"index": index, "status": "unchanged"}
    return {"index": index, "status": "proposed", "proposal": event.proposal.proposal, "needs": needs(event.proposal)}


def answer_of(event: Event | RefusedEvent | NotAppended) -> str:
    """Return what became of an event as a metric counts it."""
    if isinstance(event, NotAppended):
        return "proposed" if event.proposal else "unchanged"
    return "accepted" if isinstance(event, Event) else "refused"


def errors(checked: Checked) -> list[ErrorItem]:
    """List all that is wrong with the events of a request."""
    return [
        ErrorItem(index, problem.pointer, problem.code, explain(problem))
        for index, event in enumerate(checked)
        if isinstance(event, RefusedEvent)
        for problem in event.problems
    ]


def accepted_for(role: Role, positions: SealedPositions) -> Accept:
    """Return how a role is shown an accepted event: with a token, and an operator also in numbers: those say when another shelter moved."""

    def with_token(index: int, position: LogPosition, visible: bool) -> EventOutcome:  # noqa: FBT001 - a member of the outcome
        at_least = positions.token(position.partition, position.offset)
        return {"index": index, "status": "accepted", "at_least": at_least, "visible": visible}

    def with_numbers(index: int, position: LogPosition, visible: bool) -> EventOutcome:  # noqa: FBT001 - the same
        partition, offset = position.partition, position.offset
        at_least = f"{partition}:{offset}"
        return {"index": index, "status": "accepted", "at_least": at_least, "partition": partition, "offset": offset, "visible": visible}

    return with_numbers if role == "operator" else with_token
