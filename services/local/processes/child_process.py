"""Child processes. A program started here ends with the one that started it, however that one ends, and no other is ever ended."""

import asyncio
import contextlib
import ctypes
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from services.adapters.clock import seconds
from services.local.user_error import UserError

# Linux, <sys/prctl.h>: the kernel sends this signal to the child when its parent is gone, also after a kill -9
_PR_SET_PDEATHSIG = 1
# Short enough not to be noticed, long enough to cost nothing
_POLL_S = 0.02
# Below what went wrong Java writes where, line by line
_STACK = re.compile(r"\s+(at |\.\.\. \d+ more)")
# A log larger than this is emptied at the next start
_LOG_BYTES = 50 * 2**20


def end_with_parent() -> Callable[[], None] | None:
    """Return what a child runs before its program; None where the kernel can't do so (macOS: `end_leftovers` in up.py)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded here: between fork and exec nothing may be imported
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class ChildProcess:
    """One process of the operating system with a log file of its own (None: it writes to our terminal). Ends are found by polling."""

    def __init__(self, name: str, argv: Sequence[str], log: Path | None, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.argv = list(argv)
        self.log = log
        self.env = env
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program in a session of its own, so that Ctrl-C reaches it through its parent only."""
        with self._output() as output:
            self._process = self._started(output)

    def _started(self, output: IO[bytes] | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  the project's own programs
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output and subprocess.STDOUT,
            env=self.env,
            start_new_session=True,
            preexec_fn=end_with_parent(),  # noqa: PLW1509  one system call, no thread of ours holds a lock it needs
        )

    @property
    def pid(self) -> int | None:
        """The process id, None before the start and after the end."""
        return self._process.pid if self._process is not None and self.alive else None

    @property
    def alive(self) -> bool:
        """Whether the process runs (a frozen one does)."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """How it ended: the exit code, a negative signal number, or None while it runs."""
        return self._process.poll() if self._process is not None else None

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to this process if it still runs."""
        if self._process is not None and self.alive:
            self._process.send_signal(number)

    async def wait(self) -> None:
        """Wait for the end of the process."""
        while self.alive:  # noqa: ASYNC110  no event loop learns of the end of a process on every system
            await asyncio.sleep(_POLL_S)

    async def kill(self) -> None:
        """End it at once (kill -9) and wait until it has ended."""
        self.send_signal(signal.SIGKILL)
        await self.wait()

    async def stop(self, grace_s: float = 5.0) -> None:
        """Ask it to end; after `grace_s` end it."""
        self.send_signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.wait(), grace_s)
        await self.kill()

    def last_line(self) -> str:
        """Return the last line of its log, which usually says why it ended."""
        try:
            text = self.log.read_text(errors="replace") if self.log is not None else ""
        except OSError:
            text = ""
        lines = [line.strip() for line in text.splitlines() if line.strip() and not _STACK.match(line)]
        return lines[-1] if lines else "it logged nothing"

    def _output(self) -> AbstractContextManager[IO[bytes] | None]:
        if self.log is None:
            return contextlib.nullcontext()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        full = self.log.exists() and self.log.stat().st_size > _LOG_BYTES
        return self.log.open("wb" if full else "ab")

    async def wait_until_ready(self, probe: Callable[[], Awaitable[bool]], within_s: float) -> None:
        """Wait until the probe returns True. Raises UserError when the process ends before that or the time is up."""
        deadline = seconds() + within_s
        while not await probe():
            if not self.alive:
                raise UserError(f"{self.name} ended while starting ({self.log}): {self.last_line()}")
            if seconds() > deadline:
                raise UserError(f"{self.name} was not ready within {within_s:.0f} s ({self.log}): {self.last_line()}")
            await asyncio.sleep(_POLL_S)
