"""A component is restarted again when its restart fails."""

import errno
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.local.processes.child_process import ChildProcess
from services.local.processes.supervisor import State, Supervisor
from services.local.user_error import UserError
from tests.waiting import until

pytestmark = pytest.mark.e2e

_SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
_FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "log")


class Sleeper:
    """A component that does nothing; the errors in `before` are raised by the next preparations, those in `after` by the next probes."""

    ready_within_s = 30.0
    address = "nowhere"

    def __init__(self, log: Path) -> None:
        self.child = ChildProcess("sleeper", _SLEEP, log)
        self.before: list[Exception] = []
        self.after: list[Exception] = []

    def prepare(self) -> None:
        """Raise as a full disk does."""
        self.child.argv = list(_SLEEP)
        if self.before:
            raise self.before.pop()

    async def is_ready(self) -> bool:
        """Raise as a probe with a defect does."""
        if self.after:
            raise self.after.pop()
        return self.child.alive

    def repair(self) -> None:
        """Do nothing."""


class Repairable(Sleeper):
    """A component that fails to start until it is repaired."""

    def repair(self) -> str | None:  # type: ignore[override]  # others have nothing to repair
        """Set the error aside."""
        self.before.clear()
        return "set aside"


class Missing(Sleeper):
    """A component without its program at its first restart: the fork itself fails."""

    def prepare(self) -> None:
        """Name a program that does not exist."""
        super().prepare()
        if self.after:
            self.after.pop()
            self.child.argv = ["/nowhere/program"]


@asynccontextmanager
async def supervised(component: Sleeper, lines: list[str], on_change: Callable[[], None]) -> AsyncIterator[Supervisor]:
    """Run a component under a supervisor, and end both."""
    supervisor = Supervisor([component], lines.append, on_change)
    try:
        await supervisor.start([component])
        yield supervisor
    finally:
        await supervisor.stop()


@pytest.mark.parametrize(
    ("kind", "before", "after", "line"),
    [
        (Sleeper, [_FULL], [], "sleeper      can't be started: No space left on device"),
        (Sleeper, [OSError("no number")], [], "sleeper      can't be started: unexpected OSError"),
        (Sleeper, [], [ValueError("a value")], "sleeper      can't be started: unexpected ValueError"),
        (Missing, [], [_FULL], "sleeper      can't be started: No such file or directory"),
    ],
)
async def test_a_start_that_fails_is_tried_again(
    tmp_path: Path, kind: type[Sleeper], before: list[Exception], after: list[Exception], line: str
) -> None:
    """After a full disk, a fork that fails or a defect there is a line that says so, a longer backoff, and the component runs."""
    lines: list[str] = []
    component = kind(tmp_path / "log")
    async with supervised(component, lines, lambda: None) as supervisor:
        component.before, component.after = [*before], [*after]
        await component.child.kill()
        await until(lambda: "ready again" in lines[-1])
        (status,) = supervisor.statuses()
        assert (status.state, status.restarts, component.child.alive) == (State.READY, 2, True)
    assert lines[1].endswith("starting it again in 0.5 s")
    assert lines[2] == line
    assert lines[3].endswith("starting it again in 1.0 s")


async def test_a_status_that_can_not_be_written_ends_no_component(tmp_path: Path) -> None:
    """On a full disk a component is restarted although its status can't be written."""
    lines: list[str] = []
    component = Sleeper(tmp_path / "log")
    full: list[OSError] = []

    def on_change() -> None:
        for error in full:
            raise error

    async with supervised(component, lines, on_change):
        full.append(_FULL)
        await component.child.kill()
        await until(lambda: "ready again" in lines[-1])
        assert component.child.alive
        full.clear()
    assert "sleeper      is ready, which can't be written down: No space left on device" in lines


async def test_a_start_that_can_be_repaired_is_tried_once_more(tmp_path: Path) -> None:
    """What a start failed on is set aside, that is said, and it starts."""
    component, lines = Repairable(tmp_path / "log"), list[str]()
    component.before = [UserError("broken"), UserError("broken")]
    async with supervised(component, lines, lambda: None):
        assert component.child.alive
    assert lines[0] == "sleeper      set aside"


async def test_what_is_abandoned_ends_nothing_else(tmp_path: Path) -> None:
    """A wave that can't be started is ended and shown as stopped; the one before it goes on."""
    needed, optional = Sleeper(tmp_path / "needed"), Missing(tmp_path / "optional")
    optional.child.name = "optional"
    optional.before = [UserError("no country")]
    supervisor = Supervisor([needed, optional], lambda _: None, lambda: None)
    try:
        await supervisor.start([needed])
        with pytest.raises(UserError, match="no country"):
            await supervisor.start([optional])
        await supervisor.abandon([optional])
        assert {part.name: part.state for part in supervisor.statuses()} == {"sleeper": State.READY, "optional": State.STOPPED}
        assert needed.child.alive
    finally:
        await supervisor.stop()
