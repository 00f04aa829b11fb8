"""Whatever goes wrong when a part is started again, it is tried again."""

import errno
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.local.child import Child
from services.local.supervisor import State, Supervisor
from tests.waiting import until

_SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
_FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "log")


class Sleeper:
    """A part that does nothing; what stands in `before` is raised by the next preparations, what is in `after` by the next probes."""

    ready_within_s = 30.0
    address = "nowhere"

    def __init__(self, log: Path) -> None:
        self.child = Child("sleeper", _SLEEP, log)
        self.before: list[Exception] = []
        self.after: list[Exception] = []

    def prepare(self) -> None:
        """Fail as a disk that is full."""
        self.child.argv = list(_SLEEP)
        if self.before:
            raise self.before.pop()

    async def is_ready(self) -> bool:
        """Fail as a probe with a defect."""
        if self.after:
            raise self.after.pop()
        return self.child.alive


class Missing(Sleeper):
    """Its program is not there when it is started again for the first time: the fork itself fails."""

    def prepare(self) -> None:
        """Name a program that is not there."""
        super().prepare()
        if self.after:
            self.after.pop()
            self.child.argv = ["/nowhere/program"]


@asynccontextmanager
async def watched(part: Sleeper, lines: list[str], changed: Callable[[], None]) -> AsyncIterator[Supervisor]:
    """Run a part under a supervisor, and end both."""
    supervisor = Supervisor([part], lines.append, changed)
    try:
        await supervisor.start([part])
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
    """A full disk, a fork that fails, a defect: a line that says so, a longer pause, and the part is back."""
    lines: list[str] = []
    part = kind(tmp_path / "log")
    async with watched(part, lines, lambda: None) as supervisor:
        part.before, part.after = [*before], [*after]
        await part.child.kill()
        await until(lambda: "ready again" in lines[-1])
        (status,) = supervisor.statuses()
        assert (status.state, status.restarts, part.child.alive) == (State.READY, 2, True)
    assert lines[1].endswith("starting it again in 0.5 s")
    assert lines[2] == line
    assert lines[3].endswith("starting it again in 1.0 s")


async def test_a_status_that_can_not_be_written_ends_no_part(tmp_path: Path) -> None:
    """On a full disk the part is started again all the same, and not ended for the sake of a file."""
    lines: list[str] = []
    part = Sleeper(tmp_path / "log")
    full: list[OSError] = []

    def changed() -> None:
        for wrong in full:
            raise wrong

    async with watched(part, lines, changed):
        full.append(_FULL)
        await part.child.kill()
        await until(lambda: "ready again" in lines[-1])
        assert part.child.alive
        full.clear()
    assert "sleeper      is ready, which can't be written down: No space left on device" in lines
