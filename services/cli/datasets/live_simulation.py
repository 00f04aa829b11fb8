"""A simulated country sent live to the running instance, new or resumed; at the end the view is compared with its ground truth."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final, Self

import typer
from rich.console import Console

from services.adapters.clock import now_ms, seconds
from services.adapters.codec.event_codec import encode
from services.adapters.config.settings import Settings
from services.cli.clients.api_client import open_api, open_in_region
from services.cli.clients.connection import OPERATOR, event_codec, token_for
from services.cli.datasets.verbs import SEED
from services.cli.events.http_sender import MOST, HttpSender, gateway_client
from services.cli.events.recording_reader import RecordedLine
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle
from services.cli.options.api_options import ApiOptions, WorkerOptions
from services.cli.output.progress import progress_bar
from services.domain.durations import HOUR_S
from services.local.instance.data_directory import DataDirectory
from services.local.instance.discovery import RunningInstance, find_running
from services.local.user_error import UserError
from services.simulator.ground_truth.truth_document import bed_document, demand_document, national_states
from services.simulator.live_runner import BEFORE_MS, LiveRunner
from services.simulator.model.context import LoggedEvent
from services.simulator.resume_state import ResumeState
from services.simulator.simulation import Simulation

# Half of what a token is valid
_NEW_TOKEN_S: Final = 6 * HOUR_S
# For the last events to be folded
_SETTLE_S: Final = 15.0
# Longer than it takes to fold a year of a country
_REBUILT_S: Final = 120.0
_LOOK_S: Final = 1.0
_COMPARED: Final = ("shelters", "holds", "regions", "national", "fallbacks", "entries")
_SHOWN: Final = ("occupied", "closed", "held", "paused", "unknown", "free")


def simulate_live(data: Path | None, seed: int | None, speed: float, duration_s: float | None) -> None:
    """Send a country to its instance for so many seconds, or until Ctrl-C; then compare. Raises UserError.

    It begins in an empty instance, and goes on where it has lived before.
    """
    running = find_running(data)
    instance = DataDirectory(running.settings.data)
    with instance.simulation_lock(), InstanceEndpoints(running, data) as endpoints:
        resume, country, unsent = _begin_or_resume(instance, endpoints.settled_state(), running.settings, seed, speed)

        def send(logged: list[LoggedEvent]) -> None:
            resume.begun, resume.last = country.steps, logged[-1].event.id
            instance.resume_state = resume
            endpoints.send(logged)
            resume.sent = country.steps
            instance.resume_state = resume

        if country.steps:
            if unsent:
                send(unsent)
            resume.resume(country, now_ms(), speed)
        ends = None if duration_s is None else seconds() + duration_s
        with _until_interrupted() as interrupted, _status_line(country, endpoints.summary) as update:
            runner = LiveRunner(country, now_ms, time.sleep, send, update, MOST)
            runner.run(lambda: not interrupted() and (ends is None or seconds() < ends))
        typer.echo(f"Simulated, seed {resume.seed}, {speed:g} times as fast as life: {endpoints.summary.line()}")
        difference = _compare(endpoints, country)
    typer.echo(difference or "The instance shows what is true of the country, to the unit")
    if difference or endpoints.summary.refused:
        raise typer.Exit(1)


def _begin_or_resume(
    instance: DataDirectory, state: dict[str, Any], settings: Settings, seed: int | None, speed: float
) -> tuple[ResumeState, Simulation, list[LoggedEvent]]:
    """Return a new country, or the one that lives here as it was, with its events that may not have been accepted. Raises UserError."""
    resume = instance.resume_state
    if not state["shelters"]:
        resume = ResumeState(seed=SEED if seed is None else seed)
        return resume, resume.start(now_ms() - BEFORE_MS, speed, settings.regions), []
    if resume is None:
        raise UserError("This instance has shelters already: give the country one of its own, `plek up --data DIRECTORY`", code=2)
    if seed not in (None, resume.seed):
        raise UserError(f"The country of seed {resume.seed} lives here: give another one an instance of its own", code=2)
    try:
        with progress_bar("Living it again", resume.begun) as advance:
            country, unsent = resume.replay(settings.regions, advance)
    except ValueError as error:
        raise UserError(f"The country in {instance.data} can't go on: {error}. Give it an instance of its own", code=2) from error
    return resume, country, unsent


@dataclass(slots=True)
class InstanceEndpoints:
    """The gateway and the API of an instance, for as long as a country lives."""

    running: RunningInstance
    data: Path | None
    summary: SendSummary = field(default_factory=SendSummary)
    _open: ExitStack = field(default_factory=ExitStack)
    _sender: HttpSender | None = None
    _opened_at: float = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def send(self, logged: list[LoggedEvent]) -> None:
        """Send events in order, until they are accepted. Raises UserError."""
        lines = [RecordedLine(number, None, encode(each.event), keyed=False, whole=True) for number, each in enumerate(logged)]
        self._current_sender().send(lines)

    def _current_sender(self) -> HttpSender:
        """Return the sender; a new one with a new token long before the old token ends."""
        if self._sender is None or seconds() - self._opened_at > _NEW_TOKEN_S:
            self._open.close()
            client = self._open.enter_context(gateway_client(self.running.gateway, token_for(OPERATOR, self.running)))
            codec, throttle = event_codec(self.running.settings), Throttle(None, seconds)
            self._sender, self._opened_at = HttpSender(client, codec, throttle, time.sleep, lambda _: None, self.summary), seconds()
        return self._sender

    def state(self) -> dict[str, Any]:
        """Return the whole state. Raises UserError."""
        with open_api(ApiOptions(data=self.data), OPERATOR) as api:
            return api.request("GET", "/v1/operator/state").body

    def demand(self) -> dict[str, Any]:
        """Return the open fallbacks and waiting-list entries of all regions. Raises UserError."""
        with open_in_region(WorkerOptions(worker=OPERATOR.subject, data=self.data), None) as api:
            return api.request("GET", "/v1/fallbacks").body | api.request("GET", "/v1/waiting-list").body

    def settled_state(self) -> dict[str, Any]:
        """Return the whole state once the log has been folded to its end. Raises UserError."""
        deadline = seconds() + _REBUILT_S
        while (state := self.state())["rebuilding"]:
            if seconds() > deadline:
                raise UserError("The log is still being folded: see `plek status`, and try again")
            time.sleep(_LOOK_S)
        return state


def _compare(endpoints: InstanceEndpoints, country: Simulation) -> str:
    """Return in one line what the view shows otherwise, once all events have had time to arrive; nothing if nothing."""
    deadline = seconds() + _SETTLE_S
    while True:
        shown = {**endpoints.state(), **_by_id(endpoints.demand())}
        true = {**bed_document(country.truth, now_ms()), **_by_id(demand_document(country.truth.demand))}
        difference = describe_differences(shown, true)
        if not difference or seconds() > deadline:
            return difference
        time.sleep(_LOOK_S)


def describe_differences(shown: Mapping[str, Any], true: Mapping[str, Any]) -> str:
    """Return in one line what a view shows otherwise than the ground truth, and how many shelters are unknown to it; nothing if nothing."""
    wrong = {name: sum(shown[name].get(key) != true[name].get(key) for key in shown[name] | true[name]) for name in _COMPARED}
    if not any(wrong.values()):
        return ""
    others = len(shown["shelters"].keys() - true["shelters"].keys())
    suffix = f"; shelters of another sender: {others}" if others else ""
    return "The instance differs from what is true: " + ", ".join(f"{name} {n}" for name, n in wrong.items() if n) + suffix


def _by_id(cases: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        "fallbacks": {case["fallback"]: case for case in cases["fallbacks"]},
        "entries": {case["entry"]: case for case in cases["entries"]},
    }


@contextmanager
def _until_interrupted() -> Iterator[Callable[[], bool]]:
    """Yield whether Ctrl-C was pressed, so that what is under way can be finished; pressed twice, it raises KeyboardInterrupt."""
    pressed: list[int] = []

    def on_interrupt(number: int, _frame: FrameType | None) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _status_line(country: Simulation, summary: SendSummary) -> Iterator[Callable[[], None]]:
    """Yield what draws the time and the counts of the country on a terminal, at most once a second."""
    console, drawn_at = Console(stderr=True, highlight=False), 0.0
    if not console.is_terminal:
        yield lambda: None
        return
    with console.status("The country is being registered") as status:

        def update() -> None:
            nonlocal drawn_at
            if seconds() - drawn_at >= _LOOK_S:
                drawn_at = seconds()
                status.update(_describe(country, summary))

        yield update


def _describe(country: Simulation, summary: SendSummary) -> str:
    there = datetime.fromtimestamp(country.context.queue.now / 1_000, UTC).astimezone()
    counts = national_states(country.truth, now_ms())
    states = ", ".join(f"{state} {counts[state]:,}" for state in _SHOWN)
    return f"simulated {there:%a %d %b %Y %H:%M} · {states} · {summary.accepted:,} events"
