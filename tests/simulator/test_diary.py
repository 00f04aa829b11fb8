"""A country that stood still lives on: as it was, from where it was, at a time of its own."""

from dataclasses import asdict, dataclass, field

import pytest

from services.simulator.country import Country
from services.simulator.diary import Diary
from services.simulator.hours import HOUR, MINUTE
from services.simulator.world import Logged
from tests.simulator.countries import START, Watched, written

SPEED = 600.0
# By the log's clock: the country is away overnight
AWAY = 9 * HOUR


def nothing(_: int) -> None:
    """Hear of a step."""


@dataclass
class Sender:
    """A program that sends a country; it may end at any moment, and another one takes over from the diary."""

    diary: Diary
    country: Country
    log: list[Logged] = field(default_factory=list)

    def until(self, instant: int) -> None:
        """Send all that is due up to an instant, each step with its diary."""
        while self.country.due <= instant:
            if logged := self.country.step():
                self.send(logged)

    def send(self, logged: list[Logged], *, taken: bool = True) -> None:
        """Send events, and write it down before and after."""
        self.diary.begun, self.diary.last = self.country.steps, logged[-1].event.id
        self.log += logged
        if taken:
            self.diary.sent = self.country.steps

    def ended(self, now: int) -> "Sender":
        """End, and begin again at an instant from what was written down."""
        diary = Diary.read(asdict(self.diary))
        country, unsent = diary.lived_again(None, nothing)
        again = Sender(diary, country, self.log)
        if unsent:
            again.send(unsent)
        diary.go_on(country, now, SPEED)
        return again


def begun() -> Sender:
    """Begin a country."""
    diary = Diary(seed=4)
    return Sender(diary, diary.opened(START, SPEED, None))


def test_a_country_goes_on_where_it_stood_still() -> None:
    """Ended three times and for hours, its log and its truth agree; nobody is unknown for having been away."""
    sender, now = begun(), START
    for _ in range(3):
        now += 5 * MINUTE
        sender.until(now)
        now += AWAY
        sender = sender.ended(now)
    sender.until(now + 5 * MINUTE)
    watched = Watched(sender.country)
    for logged in sender.log:
        watched.fold(logged)
    watched.now = now + 5 * MINUTE
    assert watched.shown() == watched.true()
    silent = sum(shelter.silent for shelter in sender.country.world.shelters.values())
    unknown = sum(1 for shelter in watched.shown()["shelters"].values() if shelter["counts"]["unknown"])
    assert unknown <= silent < 20


def test_times_go_on_from_the_moment_it_goes_on() -> None:
    """Nothing is logged while it stands still, and no event goes back in time."""
    sender = begun()
    sender.until(START + MINUTE)
    before = len(sender.log)
    sender = sender.ended(START + AWAY)
    sender.until(START + AWAY + MINUTE)
    times = [logged.at for logged in sender.log]
    assert times == sorted(times)
    assert sender.log[before].at >= START + AWAY
    assert len(sender.log) > before + 110


def test_what_was_not_taken_is_sent_again_byte_by_byte() -> None:
    """Killed between sending and the answer: the same events come once more, so that each counts once."""
    sender = begun()
    sender.until(START + MINUTE)
    logged: list[Logged] = []
    while not logged:
        logged = sender.country.step()
    sender.send(logged, taken=False)
    sender.ended(START + AWAY)
    assert written(sender.log[-len(logged) :]) == written(logged)
    assert written(sender.log[-2 * len(logged) : -len(logged)]) == written(logged)


def test_another_program_does_not_go_on() -> None:
    """A country that would become another than the one in the log is refused."""
    sender = begun()
    sender.until(START + MINUTE)
    sender.diary.seed += 1
    with pytest.raises(ValueError, match="another program"):
        sender.ended(START + AWAY)
