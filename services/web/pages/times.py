"""Times as people read them: the clock of the Netherlands, and the day where it is another one."""

from datetime import UTC, date, datetime

from babel.dates import format_date, format_datetime

from services.adapters.dutch_time import ZONE, local_ns


class Times:
    """Writes times in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def clock(self, text: str | None) -> str:
        """Return the time of day of an RFC 3339 time, such as 03:12; a question mark where there is none."""
        return _local(text).strftime("%H:%M") if text else "?"

    def day_and_clock(self, text: str | None) -> str:
        """Return day and time of day, such as `za 28 nov 03:12`; a question mark where there is none."""
        return format_datetime(_local(text), "EEE d MMM HH:mm", locale=self._language) if text else "?"

    def date(self, text: str) -> str:
        """Return the day of an RFC 3339 time, such as `28 nov. 2026`."""
        return format_datetime(_local(text), "d MMM y", locale=self._language)

    def short_date(self, text: str, by: str) -> str:
        """Return the day of an RFC 3339 time as a mark of an axis: `28 nov.`, or of months `nov. 26`."""
        return format_datetime(_local(text), "LLL yy" if by == "month" else "d MMM", locale=self._language)

    def month(self, text: str) -> str:
        """Return a month (`2026-11`) as `november 2026`; a year as it is."""
        year, _, month = text.partition("-")
        return format_date(date(int(year), int(month), 1), "LLLL y", locale=self._language) if month else year

    def nanoseconds(self, instant: object) -> str:
        """Return day and time of day of an instant in nanoseconds since 1970; nothing where there is none."""
        read = local_ns(instant) if isinstance(instant, int) else None
        return format_datetime(read, "d MMM y HH:mm", locale=self._language) if read else ""


def _local(text: str) -> datetime:
    # A minute begun is shown: what is kept until 03:12:40 is kept at 03:12
    return datetime.fromisoformat(text).astimezone(ZONE)


def instant(local: str) -> str:
    """Return a time of a form (`2026-11-30T03:12`, Dutch local time) as RFC 3339 in UTC; ValueError for anything else."""
    return datetime.fromisoformat(local).replace(tzinfo=ZONE).astimezone(UTC).isoformat().replace("+00:00", "Z")
