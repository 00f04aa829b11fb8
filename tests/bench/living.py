"""Law: event n is the same in every run, but for its time. One country of so many units, in which households come and go for years.

Where country.py has ever more countries, this stays one and the same.
"""

from collections.abc import Iterator

import orjson

from tests.bench.country import Sent
from tests.sent import admitted, declared, event, registered, uuid

_UNITS = 9


def opened(units: int) -> Iterator[Sent]:
    """Register the shelters and declare the units."""
    for unit in range(units):
        shelter, number = _place(unit)
        if number == 0:
            yield _sent(registered(shelter, region=f"R{unit // _UNITS % 35 + 1:02}"))
        yield _sent(declared(f"u{number}", shelter, number=unit))


def lived(units: int, events: int) -> Iterator[Sent]:
    """Yield events by which a household moves into each unit in turn, and out of it the next time."""
    for number in range(events):
        turn, odd = divmod(number // units, 2)
        shelter, unit = _place(number % units)
        stay = turn * units + number % units
        if odd:
            yield _sent(event("discharge", shelter, stay=uuid(stay), destination="home", number=stay))
        else:
            yield _sent(admitted(f"u{unit}", shelter, stay=stay))


def _place(unit: int) -> tuple[str, int]:
    shelter, number = divmod(unit, _UNITS)
    return f"s-{shelter}", number


def _sent(event: dict[str, object]) -> Sent:
    return Sent(str(event["subject"]).encode(), orjson.dumps(event))
