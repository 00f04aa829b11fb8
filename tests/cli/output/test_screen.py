"""A screen without a terminal."""

import asyncio

import pytest
from rich.text import Text

from services.cli.output.screen import Screen, show


@pytest.mark.parametrize("once", [True, False])
def test_into_a_pipe_a_screen_is_drawn_once_and_says_so(capsys: pytest.CaptureFixture[str], *, once: bool) -> None:
    """Without a terminal what would go on for ever is drawn once, and standard error says so; with --once it was asked for."""

    async def look() -> Screen:
        return Screen(Text("numbers"), 1, complete=True)

    asyncio.run(show(look, once=once))
    written = capsys.readouterr()
    assert written.out == "numbers\n"
    assert written.err == ("" if once else "Drawn once, as with --once: the output is no terminal\n")
