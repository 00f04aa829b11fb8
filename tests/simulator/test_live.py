"""A country as it lives: events leave when they are due, and what has begun is sent to its end."""

import pytest

from services.domain import events as e
from services.local.country import SPEED
from services.simulator.country import Country
from services.simulator.hours import DAY, HOUR, MINUTE
from services.simulator.live import BEFORE_MS, Live
from services.simulator.parameters import Parameters
from services.simulator.world import Logged
from tests.simulator.countries import START, written


class Clock:
    """Time that passes only while somebody sleeps, and ten milliseconds with every request."""

    def __init__(self) -> None:
        self.instant, self.sent, self.told = START, list[tuple[int, Logged]](), 0

    def now(self) -> int:
        """Tell the time."""
        return self.instant

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        assert 0 < seconds <= 0.25
        self.instant += max(1, round(seconds * 1_000))

    def send(self, logged: list[Logged]) -> None:
        """Take events."""
        self.instant += 10
        self.sent += [(self.instant, each) for each in logged]

    def tell(self) -> None:
        """Hear that time has passed."""
        self.told += 1


def _lived(speed: float, lasts: int) -> Clock:
    clock = Clock()
    country = Country(7, START - BEFORE_MS, speed=speed, partitions=None)
    Live(country, clock.now, clock.sleep, clock.send, clock.tell, most=500).run(lambda: clock.instant < START + lasts)
    return clock


def test_every_event_leaves_when_it_is_logged() -> None:
    """Within a moment of its time; only the registration of the country lies up to ten seconds behind."""
    clock = _lived(speed=3_600, lasts=HOUR // 60)
    late = [at - each.at for at, each in clock.sent if each.at > START]
    assert len(late) > 500
    assert min(late) >= 0
    assert max(late) < 1_000
    assert all(START - each.at <= BEFORE_MS for _, each in clock.sent)
    assert clock.told > 0


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_whoever_watches_the_demo_sees_all_of_it_within_a_minute(hour: int) -> None:
    """Whenever it is begun: places come and go, a hold is granted and one refused, a household is put up in a hotel."""
    began = START + 47 * hour * DAY + hour * HOUR
    country = Country(7, began - BEFORE_MS, parameters=Parameters.to_watch(), speed=SPEED, partitions=None)
    seen = {type(logged.event.data) for logged in country.until(began + MINUTE)}
    assert {e.Admission, e.Discharge, e.FallbackStarted} < seen
    became = {promise.status for house in country.truth.houses.values() for promise in house.promises.values()}
    assert {"fulfilled", "granted", "refused"} <= became


def test_the_country_that_lives_is_the_one_that_is_written() -> None:
    """How it is sent changes nothing of what is said."""
    clock = _lived(speed=60, lasts=HOUR // 60)
    sent = [each for _, each in clock.sent]
    country = Country(7, START - BEFORE_MS, speed=60, partitions=None)
    assert written(sent) == written(country.until(clock.instant))[: len(sent)]


def test_evidence_names_no_positions_of_a_log_that_others_write_to() -> None:
    """Of a log of its own they are those of the last event in each partition."""
    beside, alone = (Country(7, START, partitions=mine) for mine in (None, 12))
    for country in (beside, alone):
        for _ in country.until(START + HOUR):
            pass
    assert beside.world.positions() == {}
    assert sum(offset + 1 for offset in alone.world.positions().values()) > 2_000
