"""Standard output into a pipe of which the reader may go away, as `head` does: the verb ends then with exit code 0, without a word.

The libraries that write lines and help each end with another code, so it is noticed here, where bytes are written.
"""

from __future__ import annotations

import io
import os
import sys
from typing import NoReturn


class PipeWriter(io.TextIOWrapper):
    """Writes text, and ends the process once there is no reader."""

    def write(self, text: str, /) -> int:
        """Write text. Raises SystemExit."""
        try:
            return super().write(text)
        except BrokenPipeError:
            self._end()

    def flush(self) -> None:
        """Write what is left. Raises SystemExit."""
        try:
            super().flush()
        except BrokenPipeError:
            self._end()

    def _end(self) -> NoReturn:
        # What is still in a buffer goes nowhere, or the interpreter would complain of it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        raise SystemExit(0)


def guard_stdout() -> None:
    """Let standard output end the process when its reader has gone away; a terminal has none that goes."""
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper) and not isinstance(out, PipeWriter) and not out.isatty():
        sys.stdout = PipeWriter(out.buffer, encoding=out.encoding, errors=out.errors)
