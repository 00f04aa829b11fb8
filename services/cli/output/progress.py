"""Progress on standard error, so that standard output stays clean: a bar on a terminal, and elsewhere a line now and then."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

Advance = Callable[[int], None]
"""Adds so many steps to those that are done. Any thread may call it."""
# Who reads a file or a pipe wants to see that it goes on, and no more; what is done sooner has no line
EVERY_S = 10.0


@contextmanager
def progress_bar(what: str, total: int | None, *, every_s: float = EVERY_S) -> Iterator[Advance]:
    """Show how many steps of `total` are done, until the block ends; with None, that the work goes on."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(what, total=total)
            yield lambda steps: progress.advance(task, steps)
    else:
        with _lines(what, total, every_s) as advance:
            yield advance


@contextmanager
def _lines(what: str, total: int | None, every_s: float) -> Iterator[Advance]:
    """Write a line every so many seconds, from a thread: a step may take longer than that."""
    done, lock, over = 0, Lock(), Event()

    def advance(steps: int) -> None:
        nonlocal done
        with lock:
            done += steps

    def write() -> None:
        passed = 0.0
        while not over.wait(every_s):
            passed += every_s
            of = "" if total is None else f" {done:,} of {total:,},"
            sys.stderr.write(f"{what}:{of} {passed:.0f} s\n")
            sys.stderr.flush()

    thread = Thread(target=write, daemon=True)
    thread.start()
    try:
        yield advance
    finally:
        over.set()
        thread.join()
