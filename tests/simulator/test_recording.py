"""A simulated year as a recording: lines that `plek emit` reads, fast enough to be made anew rather than kept."""

import io
import time
from itertools import islice

import pytest

from services.adapters.codec.json_reader import read_json
from services.cli.events.recording_reader import Recording
from services.domain.events.catalog import Event
from services.simulator.recording import recorded_days
from tests.played import WIRE


def test_a_recording_is_read_as_it_was_written() -> None:
    """Every line of a recording has a key, an event that the codec accepts with it, and a time that never goes back."""
    lines = list(Recording(io.BytesIO(b"".join(islice(recorded_days(7, 2023), 4))), "days"))
    assert len(lines) > 3_000
    for line in lines:
        assert isinstance(event := WIRE.decode_object(read_json(line.value or b"")), Event)
        assert isinstance(WIRE.decode(WIRE.topic_of(event), line.key, line.value), Event)
    instants = [line.timestamp for line in lines]
    assert None not in instants
    assert instants == sorted(instants, key=lambda instant: instant or 0)


def test_the_same_seed_is_the_same_recording() -> None:
    """The same seed and year give the same bytes; another seed or year gives others."""
    first, second = (list(islice(recorded_days(7, 2023), 3)) for _ in range(2))
    assert first == second
    assert first != list(islice(recorded_days(8, 2023), 3))
    assert first != list(islice(recorded_days(7, 2022), 3))


@pytest.mark.long
def test_a_year_is_written_in_well_under_two_minutes() -> None:
    """A leap year of 366 days takes less than a minute of processor time; other programs on the machine do not count."""
    began = time.process_time()
    year = [day.count(b"\n") for day in recorded_days(7, 2024)]
    assert time.process_time() - began < 60
    assert len(year) == 366
    assert min(year) > 100
    assert sum(year) > 120_000
