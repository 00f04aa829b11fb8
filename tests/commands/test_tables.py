"""What is typed over from a table stands in it whole, also in a terminal of eighty columns."""

from datetime import datetime, timedelta

import pytest
from rich.console import Console

from services.commands import case_tables, offer_tables

ID = "66506084-1e18-45f9-b357-57fe640f84d3"
UNTIL = "2026-03-14T03:30:00Z"


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Console:
    """Draw open cases on eighty columns, and remember what was drawn."""
    console = Console(width=80, record=True, highlight=False)
    monkeypatch.setattr(case_tables, "console", console)
    return console


def test_a_hold_is_told_whole(narrow: Console) -> None:
    """Its id is what `plek release` and `plek accept` are given, its number is what is dialled."""
    hold = {
        "hold": ID,
        "status": "granted",
        "accepted": True,
        "intake_phone": "0800-000069",
        "region": "R22",
        "kind": "follow_up",
        "until": UNTIL,
    }
    narrow.print(offer_tables.holds([hold]))
    asked = {"hold": ID, "unit": "u" * 40, "adults": 1, "children": 2, "desk": "d" * 40, "until": UNTIL}
    narrow.print(offer_tables.waiting([{"shelter": "s" * 40, "holds_waiting": [asked]}]))
    drawn = narrow.export_text()
    assert drawn.count(ID) == 2
    assert "0800-000069" in drawn
    assert "…" not in drawn


def test_another_day_is_named() -> None:
    """An accepted hold is kept for twelve hours: 07:00 alone would be taken for this morning's."""
    until = datetime.fromisoformat(UNTIL).astimezone()
    for hours, told in ((0, f"{until:%H:%M}"), (25, f"{until:%a %d %b %H:%M}")):
        assert offer_tables.at(UNTIL, round((until - timedelta(hours=hours)).timestamp() * 1_000)) == told


def test_an_open_case_is_told_whole(narrow: Console) -> None:
    """Its id is what `plek fallback end` is given."""
    case = {"fallback": ID, "accommodation": "holiday_park", "region": "R01", "reason": "nothing_fitting", "adults": 1, "children": 2}
    found = {"as_of": UNTIL, "degraded": False, "fallbacks": [case | {"occurred_at": UNTIL}]}
    case_tables.show(found, "fallbacks", ("fallback", "accommodation", "region", "reason"))
    drawn = narrow.export_text()
    assert ID in drawn
    assert "…" not in drawn
