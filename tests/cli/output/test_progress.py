"""A progress bar is drawn on a terminal, and nowhere else."""

import pytest

from services.cli.output.progress import progress_bar
from tests.waiting import until


async def test_a_bar_is_drawn_before_the_first_step(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The bar is drawn before the first step is done, which may take long."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress_bar("Hiding", None):
        await until(lambda: "Hiding" in capsys.readouterr().err)


def test_standard_error_without_a_terminal_has_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Into a file or a pipe no bar is written."""
    with progress_bar("Archiving", 3) as advance:
        advance(3)
    assert capsys.readouterr().err == ""
