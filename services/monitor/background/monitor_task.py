"""What a child process is to work out, and how the service runs it: the task goes in on its input, progress and result come out.

Guarantees: the memory of the work ends with the child, and the service answers meanwhile. A service that ends, ends its child.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

import orjson

from services.monitor.figures.definitions import Document

TaskKind = Literal["report", "draft"]
TaskResult = Mapping[str, str | None]
"""The pages of a report by language; or of a draft its document under `draft`, None where there is nothing to release."""
Advance = Callable[[], None]
"""Is called after each step."""
# Of one line: a report in two languages, many times over
_LONGEST: Final = 64 * 1024 * 1024


class TaskError(Exception):
    """The child ended without a result; its log says why."""


class MonitorTask(Document):
    """A piece of work: of which tables, of which year, by what had been recorded until `bound` (ms)."""

    kind: TaskKind
    root: Path
    regions: Path | None
    simulated: bool
    ageing_ms: int
    unknown_ms: int
    year: int
    bound: int
    published: tuple[str, ...] = ()
    """The releases of that year so far, for a draft of the next."""


async def run_child(task: MonitorTask, advance: Advance) -> TaskResult:
    """Return what the child worked out; TaskError."""
    words = (sys.executable, "-m", "services.monitor.background")
    child = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_LONGEST)
    try:
        if child.stdin and child.stdout:
            child.stdin.write(task.model_dump_json().encode())
            child.stdin.close()
            return await _result(child.stdout, advance)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
    raise TaskError


async def _result(lines: asyncio.StreamReader, advance: Advance) -> TaskResult:
    async for line in lines:
        said = orjson.loads(line)
        if "result" in said:
            found: TaskResult = said["result"]
            return found
        advance()
    raise TaskError
