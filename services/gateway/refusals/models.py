"""What is answered about refusals. No value that was sent is repeated."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict


class RefusalError(TypedDict):
    """One thing that was wrong with a record."""

    pointer: Annotated[str, Field(description="JSON pointer into the event; empty for the record as a whole")]
    code: str
    detail: str


class RefusalShown(TypedDict):
    """A record that was refused: where it stands, and why."""

    organisation: Annotated[str, Field(description="The organisation of the topic that it was written to")]
    reason: Annotated[str, Field(description="The first code of `errors`")]
    errors: list[RefusalError]
    topic: str
    partition: int
    offset: Annotated[int, Field(description="With `topic` and `partition`, the position of the record that was refused")]
    time: Annotated[str, Field(description="When Kafka took that record")]
    event: NotRequired[Annotated[str, Field(description="The id of its event, where that is of an allowed form")]]


class RefusalsAnswer(TypedDict):
    """The refusals of the last 14 days, the newest first."""

    refusals: list[RefusalShown]
    complete: Annotated[bool, Field(description="False where there are older ones that are not listed")]
