"""Processes that are forked from one that has imported everything: a service or a verb begins without the second that its imports take.

Each is a process of the operating system with an environment, files and signals of its own, as `python -m <module>` would be. What must
be a program from its first line (the installation, `plek up`, a terminal) is started as one by its own tests.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final, cast

from services.local.processes.child_process import ChildProcess, end_with_parent
from services.local.processes.component import Service
from tests.progress_lines import without_progress

_FORKING: Final = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    [
        "services.processor.app",
        "services.gateway.app",
        "services.api.app",
        "services.monitor.app",
        "services.web.app",
        "services.local.servers.oidc_issuer",
        "services.cli.main",
        "tests.forked",
    ]
)
_APPENDED: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class _Forked:
    """A forked process as `subprocess.Popen` shows one of its own."""

    def __init__(self, module: str, words: Sequence[str], env: Mapping[str, str], files: Sequence[str]) -> None:
        sys.audit("subprocess.Popen", module, words, None, None)  # for what asks which test starts a process
        self._process = _FORKING.Process(target=_run, args=(module, list(words), dict(env), list(files)))
        self._process.start()
        atexit.register(self._process.kill)  # before multiprocessing waits for one that a test has left

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid

    def poll(self) -> int | None:
        """Return how it ended: the exit code, a negative signal number, or None while it runs."""
        return self._process.exitcode

    def wait(self, within_s: float) -> int | None:
        """Wait for its end, and return how it ended; None when the time is up."""
        self._process.join(within_s)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(cast("int", self._process.pid), number)


def _run(module: str, words: list[str], env: dict[str, str], files: list[str]) -> None:
    """Become the program: `files` are those of standard input, output and errors."""
    if prepare := end_with_parent():
        prepare()
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    for number, (path, flags) in enumerate(zip(files, (os.O_RDONLY, _APPENDED, _APPENDED), strict=True)):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # type: ignore[misc]  # noqa: SIM115  as long as the process
    sys.stdout = sys.__stdout__ = open(1, "w", buffering=1, closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", buffering=1, closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


class ForkedChild(ChildProcess):
    """A child process of the tests, forked; `argv` is `python -m <module>`, as of one that is not."""

    def _started(self, output: IO[bytes] | None) -> "subprocess.Popen[bytes]":
        _, _, module, *words = self.argv
        log = output.name if output else os.devnull
        return cast("subprocess.Popen[bytes]", _Forked(module, words, os.environ if self.env is None else self.env, (os.devnull, log, log)))


def forked(service: Service) -> Service:
    """Return a service that is forked when it starts."""
    child = service.child
    service.child = ForkedChild(child.name, child.argv, child.log, child.env)
    return service


def run_verb(words: Sequence[str], env: Mapping[str, str], given: str = "", *, within_s: float) -> "subprocess.CompletedProcess[str]":
    """Run a verb of the command line to its end; TimeoutExpired when it takes longer."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("in", "out", "errors")]
        files[0].write_text(given)
        process = _Forked("services.cli", words, env, [str(file) for file in files])
        code = process.wait(within_s)
        out, errors = (file.read_text() if file.exists() else "" for file in files[1:])
        if code is None:
            process.send_signal(signal.SIGKILL)
            raise subprocess.TimeoutExpired(list(words), within_s, out, errors)
    return subprocess.CompletedProcess(list(words), code, out, without_progress(errors))
