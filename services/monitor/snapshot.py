"""Law: a snapshot follows from its instant and the log. Taken on time, years later or twice, it has the same bytes.

It is the country as it was known at that instant (contract R14, `at` and `known_at` both), and what happened in the day before. So a
correction that comes later is in the figures, and in no snapshot that was taken before.
"""

from collections.abc import Collection
from hashlib import blake2b
from typing import Any, Final

import orjson

from services.adapters.view.port import FOLD_VERSION
from services.monitor.answer import Ask
from services.monitor.days import four_o_clock, night_before, nights
from services.monitor.definitions import DEFINITIONS
from services.monitor.question import By, Period, Question
from services.monitor.shown import document, time

_NOW: Final = tuple(each.id for each in DEFINITIONS.values() if each.when == "either" and not each.needs_household)
_DAY: Final = ("share-full", "hotel-nights", "hotel-households", "searches", "unmet-need", "stays-ended", "holds")
_BY_KIND: Final = tuple(name for name in _NOW if DEFINITIONS[name].kinds)
_BYTES: Final = 4


def version() -> str:
    """Tell by which definitions and which fold a snapshot is made: another one is another snapshot, beside the one that is out."""
    used = "\n".join(f"{name} {DEFINITIONS[name].version}" for name in (*_NOW, *_DAY))
    return f"{FOLD_VERSION}-{blake2b(used.encode(), digest_size=_BYTES).hexdigest()}"


def key(at: int) -> str:
    """Name the snapshot of an instant: its period and its definitions (contract, section 2)."""
    return f"snapshot/{time(at)}/{version()}"


def taken(ask: Ask, at: int) -> bytes:
    """Take the snapshot of an instant (ms). Whoever asks makes sure that the log up to it is in the archive."""
    period = Period(night_before(at), at)
    told: dict[str, Any] = {
        "snapshot": time(at),
        "version": version(),
        "now": _asked(ask, _NOW, at, None),
        "by_province": _asked(ask, _NOW, at, None, "province"),
        "by_kind": _asked(ask, _BY_KIND, at, None, "kind"),
        "day": _asked(ask, _DAY, at, period),
    }
    return orjson.dumps(told)


def _asked(ask: Ask, figures: tuple[str, ...], at: int, period: Period | None, *by: By) -> dict[str, Any]:
    asked = Question(figures=figures, at=None if period else at, period=period, known_at=at, by=by)
    return document(ask(asked))


def due(began: int, until: int, have: Collection[str]) -> list[int]:
    """List the instants of the daily snapshots that are missing: every four o'clock after the log began, up to an instant."""
    every = [four_o_clock(day) for day in nights(began + 1, until + 1)]
    return [at for at in every if key(at) not in have]
