"""Times as they are typed: 23:10, or a day with or without a time; sent as RFC 3339 in UTC. The clock is that of this machine."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from services.local.user_error import UserError


def past_time(typed: str | None, now_ms: int, option: str) -> str | None:
    """Return the time that was typed; a time of day is the last one before `now_ms`. Raises UserError."""
    return _instant(typed, now_ms, option, days=-1)


def future_time(typed: str | None, now_ms: int, option: str) -> str | None:
    """Return the time that was typed; a time of day is the next one after `now_ms`. Raises UserError."""
    return _instant(typed, now_ms, option, days=1)


def _instant(typed: str | None, now_ms: int, option: str, *, days: int) -> str | None:
    if typed is None:
        return None
    now = datetime.fromtimestamp(now_ms / 1_000, UTC).astimezone()
    try:
        if ":" in typed and "-" not in typed:
            moment = datetime.combine(now.date(), time.fromisoformat(typed)).astimezone()
            is_other_day = moment > now if days < 0 else moment < now
            moment = (moment.replace(tzinfo=None) + timedelta(days=days)).astimezone() if is_other_day else moment
        else:
            moment = datetime.fromisoformat(typed).astimezone()
    except ValueError:
        raise UserError(f"{option} is a time such as 23:10, or a day such as 2026-11-30 or 2026-11-30T23:10", code=2) from None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
