"""Progress: a bar on a terminal, a line now and then elsewhere."""

import pytest

from services.cli.output.progress import progress_bar
from tests.waiting import until


async def test_a_bar_is_drawn_before_the_first_step(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The bar is drawn before the first step is done, which may take long."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress_bar("Hiding", None):
        await until(lambda: "Hiding" in capsys.readouterr().err)


def test_what_is_soon_done_has_no_line_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Into a file or a pipe no bar is written, and nothing of what takes a moment."""
    with progress_bar("Archiving", 3) as advance:
        advance(3)
    assert capsys.readouterr().err == ""


async def test_what_takes_longer_has_a_line_now_and_then_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Into a file or a pipe a line says how far the work is, also while no step is done."""
    written = ""

    def wrote(line: str) -> bool:
        nonlocal written
        written += capsys.readouterr().err
        return line in written

    with progress_bar("Archiving", 30_000, every_s=0.02) as advance:
        await until(lambda: wrote("Archiving: 0 of 30,000, "))
        advance(12_000)
        await until(lambda: wrote("Archiving: 12,000 of 30,000, "))
    with progress_bar("Drawing", None, every_s=0.02):
        await until(lambda: wrote("Drawing: 0 s\n"))
    assert not wrote("\r")
