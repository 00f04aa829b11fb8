"""Moments and periods as they are typed; without an offset they are on the clock of Amsterdam."""

import re
from datetime import date, datetime

from services.adapters.dutch_time import ZONE
from services.local.user_error import UserError
from services.monitor.dutch_calendar import four_o_clock, instant, month, year
from services.monitor.query import Period


def parse_instant(text: str) -> int:
    """Return a moment in ms; a day means its four o'clock. Raises UserError."""
    try:
        if len(text) == len("2023-03-14"):
            return four_o_clock(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
        return instant(moment if moment.tzinfo else moment.replace(tzinfo=ZONE))
    except (ValueError, OverflowError) as error:
        raise UserError("Not a moment: write it as 2023-03-14T03:00, or 2023-03-14", code=2) from error


def parse_period(text: str) -> Period:
    """Return a year, a month, or the time between two moments. Raises UserError."""
    if re.fullmatch("[0-9]{4}", text, re.ASCII):
        return year(int(text))
    if re.fullmatch("[0-9]{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        return month(text)
    start, dots, end = text.partition("..")
    if not dots or parse_instant(start) >= parse_instant(end):
        raise UserError("Not a period: write it as 2023, 2023-03, or two moments with .. between them", code=2)
    return Period(parse_instant(start), parse_instant(end))
