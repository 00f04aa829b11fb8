"""A screen that is drawn once, or again each second until Ctrl-C; one that is taller than the terminal page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import typer
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.text import Text

from services.adapters.clock import seconds
from services.cli.output.wrapped_lines import is_terminal, print_remark
from services.local.user_error import UserError

PAGE_S: Final = 5
"""How long a page is shown."""

_REFRESH_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Screen:
    """What is drawn at one instant. The first `head_lines` lines stand on every page; `complete` says that it has its numbers."""

    drawing: RenderableType
    head_lines: int
    complete: bool


async def show(look: Callable[[], Awaitable[Screen]], *, once: bool) -> None:
    """Draw what `look` returns, once or until Ctrl-C; once into a pipe. Exit code 1 when a screen that is drawn once is not complete.

    A UserError of `look` ends the verb when it draws once; else its message stands on the screen until the next look.
    """
    console = Console(highlight=False)
    if once or not is_terminal():
        screen = await look()
        if not once:
            print_remark("Drawn once, as with --once: the output is no terminal", err=True)
        console.print(screen.drawing)
        if not screen.complete:
            raise typer.Exit(1)
        return
    with Live(console=console, auto_refresh=False) as live:
        while True:
            try:
                screen = await look()
                live.update(Pager(screen.drawing, screen.head_lines, seconds()), refresh=True)
            except UserError as error:
                live.update(Text(str(error), style="bold red"), refresh=True)
            await asyncio.sleep(_REFRESH_S)


@dataclass(frozen=True, slots=True)
class Pager:
    """A drawing in pages that take turns. `seconds`, of any stopwatch, decides which page it is time for."""

    drawing: RenderableType
    head_lines: int
    seconds: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw all of it where it fits, else one page and its number."""
        lines = console.render_lines(self.drawing, options.update(height=None), pad=False)
        room = console.height - 1  # the cursor stands below the last line
        if len(lines) <= room:
            yield from _whole(lines)
            return
        head, body = lines[: self.head_lines], lines[self.head_lines :]
        size = max(1, room - len(head) - 1)
        pages = -(-len(body) // size)
        page = int(self.seconds // PAGE_S) % pages
        yield from _whole([*head, *body[page * size : (page + 1) * size]])
        yield Text(f"page {page + 1} of {pages}, each for {PAGE_S} s; --once prints all of it", style="dim")


def _whole(lines: list[list[Segment]]) -> RenderResult:
    for line in lines:
        yield from line
        yield Segment.line()
