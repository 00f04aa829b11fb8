"""A country written down: lines of a tape, each with the time of its record, for topics that take it."""

from collections.abc import Iterator

from services.adapters.wire import encode, key_of
from services.simulator.country import Country
from services.simulator.hours import DAY, start_of_year
from services.simulator.world import Logged


def line(logged: Logged) -> bytes:
    """Write one record as a line of a tape."""
    seconds, milliseconds = divmod(logged.at, 1_000)
    return b'{"key":"%s","event":%s,"ts":%d.%03d}\n' % (key_of(logged.event).encode(), encode(logged.event), seconds, milliseconds)


def days(seed: int, year: int, years: int = 1) -> Iterator[bytes]:
    """Write a year, or some on end, a day at a time."""
    country = Country(seed, start_of_year(year))
    for day in range(start_of_year(year), start_of_year(year + years), DAY):
        yield b"".join(map(line, country.until(day + DAY - 1)))
