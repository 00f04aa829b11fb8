"""Writes and reads cases of demand (searches, fallbacks, waiting-list entries) as JSON documents of the view; equal cases, equal bytes."""

from dataclasses import dataclass
from typing import Any, cast

import orjson

from services.adapters import rfc3339
from services.adapters.codec.event_codec import plain
from services.domain.beds.last_write_wins import Statement
from services.domain.demand.case_fold import Case, CaseName, Kind
from services.domain.events.catalog import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The start or the end of a case that counts: its name (R1), its instants (ns) and its data as in the contract."""

    source: str
    id: str
    time: int
    occurred_at: int
    data: dict[str, Any]

    @property
    def happened(self) -> tuple[int, int, str, str]:
        """The order in which events happened (R3): `(occurred_at, time, id, source)`."""
        return self.occurred_at, self.time, self.id, self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseShown:
    """A search, fallback or waiting-list entry as a reader of the view sees it."""

    kind: Kind
    key: str
    start: Stated | None
    end: Stated | None

    @property
    def region(self) -> str | None:
        """The region of the caller; None when only the end of the case is known."""
        return cast("str", self.start.data["region"]) if self.start else None

    @property
    def open(self) -> bool:
        """Whether it has started and not ended."""
        return self.start is not None and self.end is None

    def ended_before(self, event: Event) -> bool:
        """Return whether it has an end that counts rather than this event (D3); the same event sent again is that end."""
        if self.end is None or (event.source, event.id) == (self.end.source, self.end.id):
            return False
        return self.end.happened < (event.occurred_at, event.time, event.id, event.source)


def written(name: CaseName) -> str:
    """Write the name of a case as the field of a hash."""
    return "/".join(name)


def case_document(case: Case) -> bytes:
    """Write a case."""
    return orjson.dumps({"start": _stated(case.start), "end": _stated(case.end)}, option=orjson.OPT_SORT_KEYS)


def read_case(name: str, document: bytes) -> CaseShown:
    """Read a case."""
    kind, _, key = name.partition("/")
    case = orjson.loads(document)
    return CaseShown(kind=cast("Kind", kind), key=key, start=_read(case["start"]), end=_read(case["end"]))


def _stated(statement: Statement[object] | None) -> dict[str, Any] | None:
    if statement is None:
        return None
    event = statement.event
    times = {"time": rfc3339.show(event.time), "occurred_at": rfc3339.show(event.occurred_at)}
    return {"source": event.source, "id": event.id, "data": plain(event.data), **times}


def _read(stated: dict[str, Any] | None) -> Stated | None:
    if stated is None:
        return None
    times = {name: rfc3339.parse(stated[name]) for name in ("time", "occurred_at")}
    return Stated(source=stated["source"], id=stated["id"], data=stated["data"], **times)
