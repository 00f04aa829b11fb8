"""A country that is sent live: events leave when they are due, and what has begun is sent to its end."""

import pytest

from services.domain.events import catalog as e
from services.simulator.live_runner import BEFORE_MS, LiveRunner
from services.simulator.model.calendar import DAY, HOUR, MINUTE
from services.simulator.model.context import LoggedEvent
from services.simulator.model.parameters import Parameters
from services.simulator.simulation import Simulation
from tests.simulator.countries import START, written

# `plek up --demo --pace 1440`
_DAY_A_MINUTE = 1_440.0


class Clock:
    """A clock that goes on by a sleep, and by ten milliseconds with each request."""

    def __init__(self) -> None:
        self.instant, self.sent, self.progress = START, list[tuple[int, LoggedEvent]](), 0

    def now(self) -> int:
        """Return the time."""
        return self.instant

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        assert 0 < seconds <= 0.25
        self.instant += max(1, round(seconds * 1_000))

    def send(self, logged: list[LoggedEvent]) -> None:
        """Accept events."""
        self.instant += 10
        self.sent += [(self.instant, each) for each in logged]

    def on_progress(self) -> None:
        """Count the calls."""
        self.progress += 1


def _run_live(speed: float, lasts: int) -> Clock:
    clock = Clock()
    country = Simulation(7, START - BEFORE_MS, speed=speed, partitions=None)
    LiveRunner(country, clock.now, clock.sleep, clock.send, clock.on_progress, most=500).run(lambda: clock.instant < START + lasts)
    return clock


def test_every_event_leaves_when_it_is_logged() -> None:
    """Each event is sent within a second of its time; only the registration of the country lies up to ten seconds behind."""
    clock = _run_live(speed=3_600, lasts=HOUR // 60)
    late = [at - each.at for at, each in clock.sent if each.at > START]
    assert len(late) > 500
    assert min(late) >= 0
    assert max(late) < 1_000
    assert all(START - each.at <= BEFORE_MS for _, each in clock.sent)
    assert clock.progress > 0


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_the_demo_shows_all_of_it_within_a_minute(hour: int) -> None:
    """Within a minute of any start of the demo places come and go, a hold is granted and one refused, and a hotel is needed."""
    began = START + 47 * hour * DAY + hour * HOUR
    country = Simulation(7, began - BEFORE_MS, parameters=Parameters.to_watch(), speed=_DAY_A_MINUTE, partitions=None)
    seen = {type(logged.event.data) for logged in country.until(began + MINUTE)}
    assert {e.Admission, e.Discharge, e.FallbackStarted} < seen
    statuses = {hold.status for shelter in country.truth.shelters.values() for hold in shelter.holds.values()}
    assert {"fulfilled", "granted", "refused"} <= statuses


def test_a_live_country_logs_what_a_recorded_one_logs() -> None:
    """The way in which events are sent changes none of them."""
    clock = _run_live(speed=60, lasts=HOUR // 60)
    sent = [each for _, each in clock.sent]
    country = Simulation(7, START - BEFORE_MS, speed=60, partitions=None)
    assert written(sent) == written(country.until(clock.instant))[: len(sent)]


def test_evidence_names_no_positions_of_a_log_that_others_write_to() -> None:
    """Evidence has no positions of a log that others write to; of a country's own log it has the last offset of each partition."""
    beside, alone = (Simulation(7, START, partitions=partitions) for partitions in (None, 12))
    for country in (beside, alone):
        for _ in country.until(START + HOUR):
            pass
    assert beside.context.positions() == {}
    assert sum(offset + 1 for offset in alone.context.positions().values()) > 2_000
