"""What the explorer asks of the monitor: which figure, of when, by what. An answer has a link that gives the same digits for ever."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from services.adapters.dutch_time import ZONE
from services.domain.durations import DAY_MS, HOUR_MS, HOUR_S

BY: Final = ("region", "province", "kind", "month", "day")
_EXACT: Final = ("at", "start", "end")
_PERIOD: Final = re.compile("(20[0-9]{2})(?:-(0[1-9]|1[0-2]))?", re.ASCII)
_HOUR: Final = timedelta(hours=1)
# An analyst sees the country a day late; an hour more, so that a slow clock asks for nothing too recent
_LATE_MS: Final = DAY_MS + HOUR_MS
HOURS_LATE: Final = _LATE_MS // HOUR_MS
"""So many whole hours the latest number of an analyst is old; an hour later there is another."""
_MONTHS: Final = 24


def definitions_of(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the figures that can be asked of the whole country, by their name."""
    return {each["figure"]: each for each in body["definitions"] if not each["needs_household"]}


def latest_hour(now: int) -> datetime:
    """Return the last hour that an analyst may see."""
    return datetime.fromtimestamp((now - _LATE_MS) // HOUR_MS * HOUR_S, UTC)


def parameters(query: Mapping[str, str], chosen: Mapping[str, Any], now: int, role: str = "analyst") -> dict[str, str]:
    """Return what the monitor is asked: of a month or year what is known of it by now, a day late; of an instant the last one of it.

    A link to the same digits says by itself when, and by what had been recorded: it is asked as it is.
    """
    by = {"by": query["by"]} if query.get("by") in BY else {}
    if query.get("knownAt"):
        exact = {name: query[name] for name in _EXACT if query.get(name)}
        return {"figure": chosen["figure"], **exact, **by, "knownAt": query["knownAt"]}
    latest = latest_hour(now)
    start, end = period_of(query.get("period", ""), latest)
    end = min(end, latest)
    if role == "operator":  # who is not limited to what was recorded a day ago: later that would be other digits
        by["knownAt"] = latest.isoformat()
    if chosen["when"] == "instant":
        return {"figure": chosen["figure"], "at": end.isoformat(), **by}
    return {"figure": chosen["figure"], "start": min(start, end - _HOUR).isoformat(), "end": end.isoformat(), **by}


def is_current(asked: Mapping[str, str], query: Mapping[str, str], now: int) -> bool:
    """Return whether the answer ends at the last hour that an analyst may see: an hour later it is another one."""
    return not query.get("knownAt") and asked.get("at", asked.get("end")) == latest_hour(now).isoformat()


def period_of(text: str, latest: datetime) -> tuple[datetime, datetime]:
    """Return the first instant of a month or a year and that after it, by the Dutch clock; the last month that is known for none."""
    known = _PERIOD.fullmatch(text)
    if known and known[2] is None:
        return _first_of(int(known[1]), 1), _first_of(int(known[1]) + 1, 1)
    year, month = (int(known[1]), int(known[2])) if known else (_last_known(latest).year, _last_known(latest).month)
    return _first_of(year, month), _first_of(year + month // 12, month % 12 + 1)


def _first_of(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=ZONE).astimezone(UTC)


def _last_known(latest: datetime) -> datetime:
    """Return a time, by the Dutch clock, in the last hour of which something may be known."""
    return (latest - _HOUR).astimezone(ZONE)


def periods(now: int) -> list[str]:
    """Return the last two years of which something may be known by month, the latest first, and the years that they are of."""
    last = _last_known(latest_hour(now))
    counted = last.year * 12 + last.month - 1
    months = [f"{number // 12}-{number % 12 + 1:02}" for number in range(counted, counted - _MONTHS, -1)]
    return [*months, *(str(year) for year in range(last.year, last.year - 3, -1))]


def same_digits(asked: Mapping[str, str], known_at: str | None) -> str:
    """Return the address of the same question by what had been recorded then; nothing where nothing had been.

    The monitor named the clock of the last record it looked at. The hour after it was over a day ago, so no record of it is still to come.
    """
    if known_at is None:
        return ""
    until = datetime.fromisoformat(known_at).astimezone(UTC)
    hour = until.replace(minute=0, second=0, microsecond=0)
    bound = asked.get("knownAt") or (hour if hour == until else hour + _HOUR).isoformat()
    return "/figures?" + urlencode({**asked, "knownAt": bound})
