"""A program started here ends with the one that started it."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.local.child import Child
from services.local.trouble import Trouble
from tests.servers import ended

_SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


def test_a_child_is_ended_when_its_parent_is_killed(tmp_path: Path) -> None:
    """A parent killed with -9 can do nothing any more; the kernel ends its child."""
    program = (
        "import pathlib, sys, time; from services.local.child import Child;"
        f"child = Child('c', {_SLEEP!r}, pathlib.Path(sys.argv[1])); child.start(); print(child.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen((sys.executable, "-c", program, str(tmp_path / "log")), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert ended(pid, within_s=5)


async def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    """stop() asks first, and does not wait for ever."""
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    child = Child("deaf", (sys.executable, "-c", deaf), tmp_path / "log")
    child.start()
    await child.ready(lambda: asyncio.sleep(0, child.last_line() == "deaf"), 10)
    await child.stop(grace_s=0.1)
    assert child.code == -signal.SIGKILL


async def test_a_child_that_ends_while_starting_says_why(tmp_path: Path) -> None:
    """Waiting for what is already gone stops at once, with its last line."""
    child = Child("broken", (sys.executable, "-c", "raise SystemExit('no such topic')"), tmp_path / "log")
    child.start()
    with pytest.raises(Trouble, match=r"broken ended while starting .*no such topic"):
        await child.ready(lambda: asyncio.sleep(0, result=False), 10)


async def test_a_child_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    """There is a limit to waiting."""
    child = Child("slow", _SLEEP, tmp_path / "log")
    child.start()
    with pytest.raises(Trouble, match="slow was not ready within 0 s"):
        await child.ready(lambda: asyncio.sleep(0, result=False), 0.1)
    await child.kill()
