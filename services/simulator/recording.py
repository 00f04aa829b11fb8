"""A simulated country as a recording: one line an event, with the time of its record."""

from collections.abc import Iterator

from services.adapters.codec.event_codec import encode, key_of
from services.simulator.model.calendar import DAY, start_of_year
from services.simulator.model.context import LoggedEvent
from services.simulator.simulation import Simulation


def recorded_line(logged: LoggedEvent) -> bytes:
    """Return one record as a line of a recording."""
    seconds, milliseconds = divmod(logged.at, 1_000)
    return b'{"key":"%s","event":%s,"ts":%d.%03d}\n' % (key_of(logged.event).encode(), encode(logged.event), seconds, milliseconds)


def recorded_days(seed: int, year: int, years: int = 1) -> Iterator[bytes]:
    """Yield the lines of each day of a year, or of some years on end."""
    country = Simulation(seed, start_of_year(year))
    for day in range(start_of_year(year), start_of_year(year + years), DAY):
        yield b"".join(map(recorded_line, country.until(day + DAY - 1)))
