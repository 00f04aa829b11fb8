"""Cases of demand (searches, fallbacks, waiting-list entries) as the JSON documents of the view, and back. Equal state, equal bytes."""

from dataclasses import dataclass
from typing import Any, cast

import orjson

from services.adapters import instants
from services.adapters.wire import plain
from services.domain.demand import Case, CaseName, Kind
from services.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The start or the end that counts: its name, its instants (ns), and what it says, in the words of the contract."""

    source: str
    id: str
    time: int
    occurred_at: int
    data: dict[str, Any]

    @property
    def happened(self) -> tuple[int, int, str, str]:
        """The order of what happens in the world: `(occurred_at, time, id, source)`."""
        return self.occurred_at, self.time, self.id, self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseShown:
    """One search, fallback or entry as a reader sees it."""

    kind: Kind
    key: str
    start: Stated | None
    end: Stated | None

    @property
    def region(self) -> str | None:
        """The region of whoever asked; None when only its end is known."""
        return cast("str", self.start.data["region"]) if self.start else None

    @property
    def open(self) -> bool:
        """Started and not ended."""
        return self.start is not None and self.end is None

    def ended_before(self, event: Event) -> bool:
        """Say whether it has an end that counts rather than this event (contract, D3); the same event sent again is that end."""
        if self.end is None or (event.source, event.id) == (self.end.source, self.end.id):
            return False
        return self.end.happened < (event.occurred_at, event.time, event.id, event.source)


def written(name: CaseName) -> str:
    """Write the name of a case."""
    return "/".join(name)


def case_document(case: Case) -> bytes:
    """Write a case."""
    return orjson.dumps({"start": _stated(case.start), "end": _stated(case.end)}, option=orjson.OPT_SORT_KEYS)


def read_case(name: str, document: bytes) -> CaseShown:
    """Read a case."""
    kind, _, key = name.partition("/")
    read = orjson.loads(document)
    return CaseShown(kind=cast("Kind", kind), key=key, start=_read(read["start"]), end=_read(read["end"]))


def _stated(event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    times = {"time": instants.show(event.time), "occurred_at": instants.show(event.occurred_at)}
    return {"source": event.source, "id": event.id, "data": plain(event.data), **times}


def _read(stated: dict[str, Any] | None) -> Stated | None:
    if stated is None:
        return None
    times = {name: instants.parse(stated[name]) for name in ("time", "occurred_at")}
    return Stated(source=stated["source"], id=stated["id"], data=stated["data"], **times)
