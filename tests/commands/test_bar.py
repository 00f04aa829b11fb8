"""A bar is drawn for whoever waits, and for nobody else."""

import pytest

from services.commands import bar as bars
from services.commands.bar import bar
from tests.waiting import until


async def test_a_bar_is_there_before_anything_is_done(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The first step may be the one that takes long."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(bars, "_PATIENCE_S", 0.0)
    with bar("Hiding", None):
        await until(lambda: "Hiding" in capsys.readouterr().err)


def test_what_is_done_in_time_needs_no_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does what nobody looks at."""
    with bar("Archiving", 3) as advance:
        advance(3)
    monkeypatch.setattr(bars, "_PATIENCE_S", 0.0)
    with bar("Archiving", 3) as advance:
        advance(3)
    assert capsys.readouterr().err == ""
