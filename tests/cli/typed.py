"""Runs the command in this process: what a verb writes and how it ends, without the start of an interpreter.

For verbs that reach no server. That a verb writes nothing but its own lines, and how it ends on a signal, only a process of its own shows.
"""

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from services.cli.main import main
from tests.progress_lines import without_progress


class _Terminal(io.StringIO):
    """Text that takes itself for a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def typed(
    *words: str, send: str = "", environment: Mapping[str, str] | None = None, terminal: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end, with these variables and no other setting of ours, and this to read; as on a terminal, where that is said."""
    out, err = _Terminal() if terminal else io.StringIO(), io.StringIO()
    code: object = 0
    with _environment(environment or {}), redirect_stdout(out), redirect_stderr(err):
        argv, sys.argv = sys.argv, ["plek", *words]
        stdin, sys.stdin = sys.stdin, _Terminal(send) if terminal else io.TextIOWrapper(io.BytesIO(send.encode()))
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        finally:
            sys.argv, sys.stdin = argv, stdin
    errors = without_progress(err.getvalue())
    return subprocess.CompletedProcess(words, code if isinstance(code, int) else int(bool(code)), out.getvalue(), errors)


@contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    """Take our settings out of the environment, put these in, and put all back."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("PLEK_"):
            del os.environ[name]
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
