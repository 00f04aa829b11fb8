"""Progress on standard error, so that standard output stays clean; drawn on a terminal only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]
"""Adds so many steps to those that are done. Any thread may call it."""


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Advance]:
    """Draw how many steps of `total` are done, until the block ends; with None, that the work goes on."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda steps: progress.advance(task, steps)
