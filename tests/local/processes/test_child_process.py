"""Child processes: how they are ended, and how a start fails."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.local.processes.child_process import ChildProcess
from services.local.user_error import UserError
from tests.servers import ended

pytestmark = pytest.mark.e2e

_SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


def test_a_child_is_ended_when_its_parent_is_killed(tmp_path: Path) -> None:
    """The kernel ends the child of a parent that was killed with -9."""
    program = (
        f"import pathlib, sys, time; from {ChildProcess.__module__} import ChildProcess;"
        f"child = ChildProcess('c', {_SLEEP!r}, pathlib.Path(sys.argv[1])); child.start(); print(child.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen((sys.executable, "-c", program, str(tmp_path / "log")), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert ended(pid, within_s=5)


async def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    """A child that ignores SIGTERM is killed when its grace is over."""
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    child = ChildProcess("deaf", (sys.executable, "-c", program), tmp_path / "log")
    child.start()
    await child.wait_until_ready(lambda: asyncio.sleep(0, child.last_line() == "deaf"), 10)
    await child.stop(grace_s=0.1)
    assert child.code == -signal.SIGKILL


async def test_a_child_that_ends_while_starting_is_one_line(tmp_path: Path) -> None:
    """The wait for a child that has ended stops at once, with the last line of its log."""
    child = ChildProcess("broken", (sys.executable, "-c", "raise SystemExit('no such topic')"), tmp_path / "log")
    child.start()
    with pytest.raises(UserError, match=r"broken ended while starting .*no such topic"):
        await child.wait_until_ready(lambda: asyncio.sleep(0, result=False), 10)


async def test_a_child_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    """The wait for a child that never becomes ready ends with its limit."""
    child = ChildProcess("slow", _SLEEP, tmp_path / "log")
    child.start()
    with pytest.raises(UserError, match="slow was not ready within 0 s"):
        await child.wait_until_ready(lambda: asyncio.sleep(0, result=False), 0.1)
    await child.kill()


async def test_what_went_wrong_is_said_not_where(tmp_path: Path) -> None:
    """Of a stack of Java's the line above it is the cause: where in the code it was means nothing to a reader."""
    log = tmp_path / "kafka.log"
    log.write_text("ERROR shutting down\njava.io.IOException: No space left on device\n\tat java.base/x.y(Z.java:1)\n\t... 7 more\n")
    assert ChildProcess("Kafka", (), log).last_line() == "java.io.IOException: No space left on device"
