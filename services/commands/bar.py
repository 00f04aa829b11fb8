"""Progress on standard error, so that standard output stays clean; drawn only where a person looks, and only after two seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Advance = Callable[[int], None]
"""Says that so many more are done, in whichever thread."""

# Who waits no longer than this does not wonder how long it will take
_PATIENCE_S = 2.0


@contextmanager
def bar(what: str, total: int | None) -> Iterator[Advance]:
    """Show how many of `total` are done, for as long as this lasts; where nobody knows how much there is (None), that it goes on."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task(what, total=total)
    # Not when something is done: the first of few steps may be the long one
    patience = Timer(_PATIENCE_S, progress.start)
    patience.daemon = True
    if console.is_terminal:
        patience.start()
    try:
        yield lambda more: progress.advance(task, more)
    finally:
        patience.cancel()
        if patience.ident is not None:
            patience.join()
        if progress.live.is_started:
            progress.stop()
