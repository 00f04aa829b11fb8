"""What was acknowledged, answered and stored while the faults ran: plain values, filled by the actors and readers, read by the checker.

It knows nothing of the services: times are milliseconds since 1970 by the clock of this machine, documents are JSON as it came.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

BEDS, DEMAND = "beds", "demand"


class Logged(NamedTuple):
    """A record of a truth topic as it stands in the log."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class Acknowledged(NamedTuple):
    """An event that was promised at an instant; `partition` and `offset` are None where the promise does not say where it stands."""

    key: str
    source: str
    id: str
    partition: int | None = None
    offset: int | None = None
    at: int = 0
    topic: str = BEDS


class ShelterSeen(NamedTuple):
    """An answer about one shelter, with the position that it claims; counts by state, `as_of` in milliseconds."""

    sent: int
    received: int
    shelter: str
    partition: int
    offset: int
    as_of: int
    degraded: bool
    counts: dict[str, int]
    overflow: dict[str, int]


class SearchSeen(NamedTuple):
    """An answered search: the household, and how many places were offered."""

    sent: int
    received: int
    adults: int
    children: int
    offers: int
    as_of: int
    degraded: bool


class AreaSeen(NamedTuple):
    """What an answer says of one area: its regions, its value, and the bucket of free units (None where it is unknown)."""

    sent: int
    received: int
    as_of: int
    degraded: bool
    age_seconds: int
    regions: tuple[str, ...]
    value: str
    free: str | None


class HoldSeen(NamedTuple):
    """What was answered about a hold, and as what the audit log must have noted the question."""

    sent: int
    received: int
    hold: str
    status: str
    noted_as: str = "holds-shown"


class CaseSeen(NamedTuple):
    """A fallback that was acknowledged for a request with this idempotency key."""

    request: str
    case: str


class Moment(NamedTuple):
    """A partition of the view as it stood in Redis at one instant; `documents` are the holds of beds, or the open cases of demand."""

    topic: str
    partition: int
    offset: int
    swept_at: int
    dead_letters: int
    counts: dict[str, int]
    documents: dict[str, Any]


@dataclass(slots=True)
class History:
    """All of a run. `log` has of each topic the records of each partition in order, `audit` the documents of the audit log."""

    log: dict[str, dict[int, list[Logged]]] = field(default_factory=lambda: {BEDS: {}, DEMAND: {}})
    acknowledged: list[Acknowledged] = field(default_factory=list)
    shelters: list[ShelterSeen] = field(default_factory=list)
    searches: list[SearchSeen] = field(default_factory=list)
    areas: list[AreaSeen] = field(default_factory=list)
    holds: list[HoldSeen] = field(default_factory=list)
    cases: list[CaseSeen] = field(default_factory=list)
    requested: set[str] = field(default_factory=set)
    """The idempotency keys with which a fallback was asked for, answered or not."""
    moments: list[Moment] = field(default_factory=list)
    dead_letters: set[tuple[str, int, int]] = field(default_factory=set)
    """Topic, partition and offset of every record that stands in the dead letters."""
    audit: list[dict[str, Any]] = field(default_factory=list)
