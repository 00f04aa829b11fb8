"""A simulated country sent live to the running instance, new or going on, and at the end held against what the instance shows."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final, Self

import httpx
import typer
from rich.console import Console

from services.adapters.clock import now_ms, seconds
from services.adapters.settings import Settings
from services.adapters.wire import encode
from services.commands.bar import bar
from services.commands.by_http import MOST, HttpSender, client, posting
from services.commands.desk import Speaker
from services.commands.outcome import Outcome
from services.commands.pace import Pace
from services.commands.said import worker
from services.commands.tape import Line
from services.commands.target import operator_token, wire_of
from services.local.instance import Instance
from services.local.running import Running, find
from services.local.trouble import Trouble
from services.simulator.country import Country
from services.simulator.diary import Diary
from services.simulator.document import demand, document, national
from services.simulator.live import BEFORE_MS, Live
from services.simulator.world import Logged

# Half of what a token lasts
_TOKEN_S: Final = 6 * 3_600
_PATIENCE_S: Final = 15.0
# Longer than it takes to fold a year of a country
_REBUILT_S: Final = 120.0
SEED: Final = 7
_LOOK_S: Final = 1.0
_COMPARED: Final = ("shelters", "holds", "regions", "national", "fallbacks", "entries")


def live_country(data: Path | None, seed: int | None, speed: float, lasts_s: float | None) -> None:
    """Send a country to its instance for so many seconds, or until Ctrl-C; then compare. Raises Trouble.

    In an empty instance it begins; where it has lived before it goes on.
    """
    running = find(data)
    instance = Instance(running.settings.data)
    with instance.living(), Door(running) as door:
        diary, country, unsent = _lived(instance, door.settled(), running.settings, seed, speed)

        def send(logged: list[Logged]) -> None:
            diary.begun, diary.last = country.steps, logged[-1].event.id
            instance.diary = diary
            door.send(logged)
            diary.sent = country.steps
            instance.diary = diary

        if country.steps:
            if unsent:
                send(unsent)
            diary.go_on(country, now_ms(), speed)
        ends = None if lasts_s is None else seconds() + lasts_s
        with _until_interrupted() as interrupted, _watched(country, door.outcome) as told:
            live = Live(country, now_ms, time.sleep, send, told, MOST)
            live.run(lambda: not interrupted() and (ends is None or seconds() < ends))
        typer.echo(f"Simulated, seed {diary.seed}, {speed:g} times as fast as life: {door.outcome.line()}")
        differs = _differs(door, country)
    typer.echo(differs or "The instance shows what is true of the country, to the unit")
    if differs or door.outcome.refused:
        raise typer.Exit(1)


def _lived(
    instance: Instance, state: dict[str, Any], settings: Settings, seed: int | None, speed: float
) -> tuple[Diary, Country, list[Logged]]:
    """Begin a country, or bring the one that lives here to where it was, with what of it may not have been taken."""
    diary = instance.diary
    if not state["shelters"]:
        diary = Diary(seed=SEED if seed is None else seed)
        return diary, diary.opened(now_ms() - BEFORE_MS, speed, settings.regions), []
    if diary is None:
        raise Trouble("This instance has shelters already: give the country one of its own, `plek up --data DIRECTORY`", code=2)
    if seed not in (None, diary.seed):
        raise Trouble(f"The country of seed {diary.seed} lives here: give another one an instance of its own", code=2)
    try:
        with bar("Living it again", diary.begun) as advance:
            country, unsent = diary.lived_again(settings.regions, advance)
    except ValueError as wrong:
        raise Trouble(f"The country in {instance.data} can't go on: {wrong}. Give it an instance of its own", code=2) from wrong
    return diary, country, unsent


@dataclass(slots=True)
class Door:
    """The gateway and the API of an instance, for as long as a country lives."""

    running: Running
    outcome: Outcome = field(default_factory=Outcome)
    _open: ExitStack = field(default_factory=ExitStack)
    _sender: HttpSender | None = None
    _made: float = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def send(self, logged: list[Logged]) -> None:
        """Send events in their order, until they are taken."""
        lines = [Line(number, None, encode(each.event), keyed=False, whole=True) for number, each in enumerate(logged)]
        self._sending().send(lines)

    def _sending(self) -> HttpSender:
        """Return what sends, made anew long before its token ends: to make it costs more than to use it."""
        if self._sender is None or seconds() - self._made > _TOKEN_S:
            self._open.close()
            speaking = self._open.enter_context(client(self.running.gateway, operator_token(self.running)))
            wire, pace = wire_of(self.running.settings), Pace(None, seconds)
            self._sender, self._made = HttpSender(posting(speaking), wire, pace, time.sleep, lambda _: None, self.outcome), seconds()
        return self._sender

    def state(self) -> dict[str, Any]:
        """Read the whole state. Raises Trouble."""
        return self._read("/v1/operator/state", operator_token(self.running))

    def demand(self) -> dict[str, Any]:
        """Read who is put up and who waits, as a worker of every region sees them. Raises Trouble."""
        token = self.running.mint.token(worker(Speaker(who="plek-command")), now_ms(), 1)
        return self._read("/v1/fallbacks", token) | self._read("/v1/waiting-list", token)

    def _read(self, path: str, token: str) -> dict[str, Any]:
        try:
            with client(self.running.api, token) as speaking:
                answer = speaking.get(path)
        except httpx.TransportError as away:
            raise Trouble("The API can't be reached: see `plek status`, and try again") from away
        if answer.status_code != 200:
            raise Trouble(f"The API answers {answer.status_code}: see `plek status`, and try again")
        read: dict[str, Any] = answer.json()
        return read

    def settled(self) -> dict[str, Any]:
        """Read the whole state, once the log has been folded to its end. Raises Trouble."""
        deadline = seconds() + _REBUILT_S
        while (state := self.state())["rebuilding"]:
            if seconds() > deadline:
                raise Trouble("The log is still being folded: see `plek status`, and try again")
            time.sleep(_LOOK_S)
        return state


def _differs(door: Door, country: Country) -> str:
    """Say in one line what the instance shows otherwise, when all has had time to arrive; nothing if nothing."""
    deadline = seconds() + _PATIENCE_S
    while True:
        shown = {**door.state(), **_by_id(door.demand())}
        true = {**document(country.truth, now_ms()), **_by_id(demand(country.truth.demand))}
        told = differences(shown, true)
        if not told or seconds() > deadline:
            return told
        time.sleep(_LOOK_S)


def differences(shown: Mapping[str, Any], true: Mapping[str, Any]) -> str:
    """Say in one line what of an instance is shown otherwise than it is true, and how many shelters are others'; nothing if nothing."""
    wrong = {name: sum(shown[name].get(key) != true[name].get(key) for key in shown[name] | true[name]) for name in _COMPARED}
    if not any(wrong.values()):
        return ""
    others = len(shown["shelters"].keys() - true["shelters"].keys())
    and_others = f"; shelters that somebody else sent: {others}" if others else ""
    return "The instance differs from what is true: " + ", ".join(f"{name} {n}" for name, n in wrong.items() if n) + and_others


def _by_id(cases: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        "fallbacks": {each["fallback"]: each for each in cases["fallbacks"]},
        "entries": {each["entry"]: each for each in cases["entries"]},
    }


@contextmanager
def _until_interrupted() -> Iterator[Callable[[], bool]]:
    """Say whether Ctrl-C was pressed, and let what is under way be finished; pressed twice, it ends at once."""
    pressed: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _watched(country: Country, outcome: Outcome) -> Iterator[Callable[[], None]]:
    """Show where a person looks how late it is in the country and how full, every second."""
    console, looked = Console(stderr=True, highlight=False), 0.0
    if not console.is_terminal:
        yield lambda: None
        return
    with console.status("The country is being registered") as status:

        def told() -> None:
            nonlocal looked
            if seconds() - looked >= _LOOK_S:
                looked = seconds()
                status.update(_line(country, outcome))

        yield told


def _line(country: Country, outcome: Outcome) -> str:
    there = datetime.fromtimestamp(country.world.agenda.now / 1_000, UTC).astimezone()
    counted = national(country.truth, now_ms())
    states = ", ".join(f"{state} {counted[state]:,}" for state in ("occupied", "closed", "held", "paused", "unknown", "free"))
    return f"simulated {there:%a %d %b %Y %H:%M} · {states} · {outcome.accepted:,} events"
