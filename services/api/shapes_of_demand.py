"""The shapes of what is answered about fallbacks and waiting lists, for OpenAPI alone."""

from typing import Literal

from pydantic import Field

from services.api.shapes import Aged, Shape


class Taken(Shape):
    """Where what was said stands: `logged` with its place, or `queued` on disk until Kafka answers.

    `unchanged`: it had ended before, and that end counts (D3).
    """

    status: Literal["logged", "queued", "unchanged"]
    partition: int | None = None
    offset: int | None = None
    visible: bool = Field(description="Whoever reads sees it already")


class FallbackAnswer(Taken):
    """A fallback that was started, ended or taken back."""

    fallback: str
    evidence: Literal["complete", "unavailable"] | None = Field(default=None, description="What the server knew of free places then")


class EntryAnswer(Taken):
    """An entry of a waiting list that was joined or left."""

    entry: str


class OpenFallback(Shape):
    """A household that is put up now."""

    fallback: str
    region: str
    accommodation: str
    adults: int
    children: int
    reason: str
    occurred_at: str


class FallbacksAnswer(Aged):
    """What is open, the earliest first."""

    fallbacks: list[OpenFallback]


class OpenEntry(Shape):
    """A household that waits; `position` is 1 for the first of its region and kind."""

    entry: str
    region: str
    kind: str
    adults: int
    children: int
    occurred_at: str
    position: int


class EntriesAnswer(Aged):
    """Who waits, the earliest first."""

    entries: list[OpenEntry]
