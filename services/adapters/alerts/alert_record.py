"""An alert as a record of `plek.alarms`. Its id is the key: what happens again takes the place of what was there. It names no person.

Two records with the same id are one alert: the one with the higher count is the later one, in whatever order they arrive.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import orjson

from services.domain.durations import DAY_MS

KEPT_MS: Final = 90 * DAY_MS
"""How long an alert is kept, in the topic and in memory."""
AlertKind = Literal["searches", "holds", "glass", "desk", "fallbacks", "number", "events", "call_lists", "take_overs", "phone"]
_KINDS: Final = frozenset(get_args(AlertKind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What happened when (ms), at which desk, in which regions, at which count, and for which coded reason if one was stated."""

    id: str
    at: int
    what: AlertKind
    count: int
    desk: str | None = None
    regions: tuple[str, ...] = ()
    reason: str | None = None

    def concerns(self, regions: frozenset[str] | None) -> bool:
        """Return whether it is of one of these regions; None is all regions."""
        return regions is None or not regions.isdisjoint(self.regions)


def encode_alert(alert: Alert) -> bytes:
    """Encode an alert as the value of its record."""
    return orjson.dumps(alert)


def decode_alert(value: bytes | None) -> Alert | None:
    """Read the value of a record; None where it is no alert that this version knows."""
    try:
        read: Any = orjson.loads(value or b"")
        alert = Alert(**read | {"regions": tuple(read["regions"])})
    except (ValueError, TypeError, KeyError):
        return None
    return alert if alert.what in _KINDS and type(alert.at) is type(alert.count) is int else None
