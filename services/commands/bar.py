"""Progress on standard error, so that standard output stays clean; drawn only where a person looks, and only after two seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.adapters.clock import seconds

Advance = Callable[[int], None]
"""Says that so many more are done."""

# Who waits no longer than this does not wonder how long it will take
_PATIENCE_S = 2.0


@contextmanager
def bar(what: str, total: int) -> Iterator[Advance]:
    """Show how many of `total` are done, for as long as this lasts."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True)
    task, began, shown, done, one = progress.add_task(what, total=total), seconds(), False, 0, Lock()

    def advance(more: int) -> None:
        nonlocal shown, done
        with one:  # what another process has done is told by a thread of its own
            done += more
            progress.update(task, completed=done)
            if not shown and console.is_terminal and seconds() - began > _PATIENCE_S:
                progress.start()
                shown = True

    try:
        yield advance
    finally:
        if shown:
            progress.stop()
