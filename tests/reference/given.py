"""Short words for the events of the hand-written cases: one shelter `s`, instants in seconds and minutes after one midnight."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count as counting
from typing import Any, Final

from tests.reference.log import Record

Json = dict[str, Any]

START: Final = datetime(2026, 3, 2, tzinfo=UTC)
BEGIN: Final = round(START.timestamp() * 1_000)
HOUR: Final = 3_600
DAY: Final = 24 * HOUR
DESK: Final = "urn:plek:shelter:s:desk-1"
ELSEWHERE: Final = "urn:plek:coordinator"
STAY: Final = "a43dede7-a5c8-45c5-81c7-5baba4879201"
OTHER: Final = "b43dede7-a5c8-45c5-81c7-5baba4879202"
HOLD: Final = "c43dede7-a5c8-45c5-81c7-5baba4879203"
SECOND: Final = "d43dede7-a5c8-45c5-81c7-5baba4879204"
KEY: Final = "e43dede7-a5c8-45c5-81c7-5baba4879205"

_ids = counting(1)


def ms(seconds: float) -> int:
    """Turn seconds after midnight into the broker's milliseconds."""
    return BEGIN + round(seconds * 1_000)


def when(minutes: float) -> str:
    """Write minutes after midnight as a time."""
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event(kind: str, data: Json, **meta: Any) -> Json:
    """Make an event; `id`, `src`, `t` and `o` (minutes of `time` and `occurred_at`) may be given, other words are its attributes."""
    made = {
        "specversion": "1.0",
        "id": meta.pop("id", f"n{next(_ids):04}"),
        "source": meta.pop("src", DESK),
        "type": f"nl.plek.{kind}.v1",
        "subject": meta.pop("subject", data.get("shelter", data.get("region", "R01"))),
        "time": when(meta.pop("t", 0)),
        "data": data,
    }
    if "o" in meta:
        data["occurred_at"] = when(meta.pop("o"))
    return made | meta


def record(value: Any, key: str | bytes | None = "s", at: float = 0, partition: int = 0) -> Record:
    """Log a value (JSON, text or bytes as they are, None for a tombstone) at so many seconds."""
    raw = value if value is None or isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return Record(key.encode() if isinstance(key, str) else key, raw, ms(at), partition)


def said(kind: str, data: Json, meta: Json) -> Record:
    """Log an event of the shelter that `shelter` names, else of `s`."""
    shelter = meta.pop("shelter", "s")
    at, partition = meta.pop("at", 0), meta.pop("partition", 0)
    return record(event(kind, {"shelter": shelter, **data}, **meta), shelter, at, partition)


def registered(region: str = "R01", **meta: Any) -> Record:
    """Log a registration."""
    data: Json = {"name": "Berk", "organisation": "org-1", "region": region, "security": "open", "audience": [], "max_son_age": None}
    return said("shelter-registered", data | {"languages": [], "services": [], "intake_phone": "0"}, meta)


def declared(unit: str = "u1", adults: int = 2, children: int = 2, *, overflow: bool = False, kind: str = "crisis", **meta: Any) -> Record:
    """Log a declaration."""
    room = {"max_adults": adults, "max_children": children, "beds": 4, "features": meta.pop("features", [])}
    return said("unit-declared", {"unit": unit, "kind": kind, "overflow": overflow} | room, meta)


def withdrawn(unit: str = "u1", **meta: Any) -> Record:
    """Log a withdrawal."""
    return said("unit-withdrawn", {"unit": unit}, meta)


def closed(unit: str = "u1", **meta: Any) -> Record:
    """Log a closing; `until` promises a reopening."""
    until = {"expected_until": when(meta.pop("until"))} if "until" in meta else {}
    return said("unit-closed", {"unit": unit, "reason": "maintenance"} | until, meta)


def reopened(unit: str = "u1", **meta: Any) -> Record:
    """Log a reopening."""
    return said("unit-reopened", {"unit": unit}, meta)


def admitted(unit: str = "u1", stay: str = STAY, **meta: Any) -> Record:
    """Log an admission; `hold` names one."""
    hold = {"hold": meta.pop("hold")} if "hold" in meta else {}
    return said("admission", {"unit": unit, "stay": stay, "adults": 1, "children": 0} | hold, meta)


def moved(unit: str, stay: str = STAY, **meta: Any) -> Record:
    """Log a transfer."""
    return said("transfer", {"stay": stay, "to_unit": unit}, meta)


def left(stay: str = STAY, *, ready: bool | None = None, **meta: Any) -> Record:
    """Log a discharge."""
    return said("discharge", {"stay": stay, "destination": "home"} | ({} if ready is None else {"unit_ready": ready}), meta)


def paused(**meta: Any) -> Record:
    """Log a pause."""
    return said("intake-paused", {"reason": "staffing"}, meta)


def resumed(**meta: Any) -> Record:
    """Log a resumption."""
    return said("intake-resumed", {}, meta)


def counted(free: int | None = None, **meta: Any) -> Record:
    """Log a confirmed count."""
    return said("count-confirmed", {} if free is None else {"free": free}, meta)


def fixed(name: str, **meta: Any) -> Record:
    """Log a correction of the event with that id, from the desk unless `of` gives another source."""
    return said("correction", {"corrects": {"source": meta.pop("of", DESK), "id": name}, "reason": "mistake"}, meta)


def asked(hold: str = HOLD, ttl: int = 3_600, adults: int = 1, children: int = 0, **meta: Any) -> Record:
    """Log a request of a hold."""
    wanted = {"kinds": meta.pop("kinds", []), "features": meta.pop("features", []), "ttl_seconds": ttl}
    who = {"desk": "org-1", "asked_by": "0123456789abcdef"}
    return said("hold-requested", {"hold": hold, "adults": adults, "children": children} | wanted | who, meta)


def answered(how: str, hold: str = HOLD, **meta: Any) -> Record:
    """Log that a hold is accepted, released, declined, or extended by `ttl` seconds."""
    more: Json = {"ttl_seconds": meta.pop("ttl")} if "ttl" in meta else {"reason": "safety"} if how == "declined" else {}
    return said(f"hold-{how}", {"hold": hold} | more, meta)
