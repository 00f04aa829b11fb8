"""A simulated country that stood still goes on as it was, from where it was."""

from dataclasses import asdict, dataclass, field

import pytest

from services.simulator.model.calendar import HOUR, MINUTE
from services.simulator.model.context import LoggedEvent
from services.simulator.resume_state import ResumeState
from services.simulator.simulation import Simulation
from tests.simulator.countries import START, Watched, written

SPEED = 600.0
# By the log's clock: the country stands still overnight
STANDSTILL = 9 * HOUR


def nothing(_: int) -> None:
    """Ignore the progress."""


@dataclass
class Sender:
    """A program that sends a country; it may end at any moment, and another one goes on from the resume state."""

    state: ResumeState
    country: Simulation
    log: list[LoggedEvent] = field(default_factory=list)

    def until(self, instant: int) -> None:
        """Send all that is due up to an instant, and record each step."""
        while self.country.due <= instant:
            if logged := self.country.step():
                self.send(logged)

    def send(self, logged: list[LoggedEvent], *, accepted: bool = True) -> None:
        """Send events, and record it before and after."""
        self.state.begun, self.state.last = self.country.steps, logged[-1].event.id
        self.log += logged
        if accepted:
            self.state.sent = self.country.steps

    def restarted(self, now: int) -> "Sender":
        """Return the program that goes on at an instant from the state that was written."""
        state = ResumeState.read(asdict(self.state))
        country, unsent = state.replay(None, nothing)
        again = Sender(state, country, self.log)
        if unsent:
            again.send(unsent)
        state.resume(country, now, SPEED)
        return again


def started() -> Sender:
    """Return the program of a new country."""
    state = ResumeState(seed=4)
    return Sender(state, state.start(START, SPEED, None))


def test_a_country_goes_on_where_it_stood_still() -> None:
    """A country that was stopped three times for hours agrees with its log; no shelter is unknown because of the standstill."""
    sender, now = started(), START
    for _ in range(3):
        now += 5 * MINUTE
        sender.until(now)
        now += STANDSTILL
        sender = sender.restarted(now)
    sender.until(now + 5 * MINUTE)
    watched = Watched(sender.country)
    for logged in sender.log:
        watched.fold(logged)
    watched.now = now + 5 * MINUTE
    assert watched.shown() == watched.true()
    silent = sum(shelter.silent for shelter in sender.country.context.shelters.values())
    unknown = sum(1 for shelter in watched.shown()["shelters"].values() if shelter["counts"]["unknown"])
    assert unknown <= silent < 20


def test_times_go_on_from_the_moment_it_goes_on() -> None:
    """No event is logged while a country stands still, and none goes back in time."""
    sender = started()
    sender.until(START + MINUTE)
    before = len(sender.log)
    sender = sender.restarted(START + STANDSTILL)
    sender.until(START + STANDSTILL + MINUTE)
    times = [logged.at for logged in sender.log]
    assert times == sorted(times)
    assert sender.log[before].at >= START + STANDSTILL
    assert len(sender.log) > before + 110


def test_what_was_not_accepted_is_sent_again_byte_by_byte() -> None:
    """A sender that is killed between a request and its answer sends the same events once more, so that each counts once."""
    sender = started()
    sender.until(START + MINUTE)
    logged: list[LoggedEvent] = []
    while not logged:
        logged = sender.country.step()
    sender.send(logged, accepted=False)
    sender.restarted(START + STANDSTILL)
    assert written(sender.log[-len(logged) :]) == written(logged)
    assert written(sender.log[-2 * len(logged) : -len(logged)]) == written(logged)


def test_another_program_does_not_go_on() -> None:
    """A country is not resumed when its events would differ from those in the log."""
    sender = started()
    sender.until(START + MINUTE)
    sender.state.seed += 1
    with pytest.raises(ValueError, match="another program"):
        sender.restarted(START + STANDSTILL)
