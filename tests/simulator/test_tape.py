"""A year as a tape: lines that `plek emit` reads, fast enough to write again rather than to keep."""

import io
import time
from itertools import islice

from services.adapters.strict_json import read_json
from services.commands.tape import Tape
from services.domain.events import Event
from services.simulator.tape import days
from tests.played import WIRE


def test_a_tape_is_read_as_it_was_written() -> None:
    """Every line has a key, an event that passes the wire with it, and a time that never goes back."""
    lines = list(Tape(io.BytesIO(b"".join(islice(days(7, 2023), 4))), "days"))
    assert len(lines) > 3_000
    for line in lines:
        assert isinstance(event := WIRE.decode_object(read_json(line.value or b"")), Event)
        assert isinstance(WIRE.decode(WIRE.topic_of(event), line.key, line.value), Event)
    instants = [line.timestamp for line in lines]
    assert None not in instants
    assert instants == sorted(instants, key=lambda instant: instant or 0)


def test_the_same_seed_is_the_same_tape() -> None:
    """To the byte; another seed or year is another tape."""
    first, second = (list(islice(days(7, 2023), 3)) for _ in range(2))
    assert first == second
    assert first != list(islice(days(8, 2023), 3))
    assert first != list(islice(days(7, 2022), 3))


def test_a_year_is_written_in_well_under_two_minutes() -> None:
    """Seconds of processor time, for whoever else uses the machine; and it has every day of the year."""
    began = time.process_time()
    year = [day.count(b"\n") for day in days(7, 2024)]
    assert time.process_time() - began < 60
    assert len(year) == 366
    assert min(year) > 100
    assert sum(year) > 120_000
