"""Moments and periods as they are typed: the words of `services/monitor/time_words.py`, with errors as lines."""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from services.local.user_error import UserError
from services.monitor.query import Period
from services.monitor.time_words import MOMENT, PERIOD, TimeWordError, between, read_moment, read_period, read_snapshot_moment

T = TypeVar("T")
_NOT_A_MOMENT: Final = f"Not a moment: write it as {MOMENT}"


def parse_moment(text: str) -> int:
    """Return a moment in ms. Raises UserError."""
    return _parse(partial(read_moment, text), _NOT_A_MOMENT)


def parse_snapshot_moment(text: str) -> int:
    """Return the moment (ms) of a snapshot; that of a day is at four in the night. Raises UserError."""
    return _parse(partial(read_snapshot_moment, text), _NOT_A_MOMENT)


def parse_period(text: str) -> Period:
    """Return a year, a month, a day, or the time between two moments. Raises UserError."""
    return _parse(partial(read_period, text), f"Not a period: write it as {PERIOD}")


def period_of(period: str | None, year: str | None, month: str | None, first: str | None, last: str | None) -> Period | None:
    """Return the period that is asked for in one of the ways; None for none. Raises UserError for several, and for half of one."""
    ways = [text for text in (period, year, month) if text is not None]
    if len(ways) + (first is not None) > 1 or (first is None) != (last is None):
        raise UserError("One time: --period, --year, --month, or --from with --to", code=2)
    if first is not None and last is not None:
        return _parse(partial(between, parse_moment(first), parse_moment(last)))
    return parse_period(ways[0]) if ways else None


def _parse(read: Callable[[], T], not_one: str = "") -> T:
    try:
        return read()
    except TimeWordError as error:
        message = not_one if error.code == "bad_format" else f"{str(error)[:1].upper()}{str(error)[1:]}"
        raise UserError(message, code=2) from error
