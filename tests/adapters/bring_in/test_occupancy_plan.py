"""Today's occupancy: what is sent for a unit that Plek shows without a household, and that nothing else is changed."""

from datetime import timedelta
from typing import Any

import pytest

from tests.spreadsheets import NOW, brought, csv_file, facts, known, left, names, present

_HEADER = "Kamer;Status;Volwassenen;Kinderen;Sinds"
_OTHER: dict[str, Any] = {
    "stay": "0b7ad7c2-6c1f-4f0e-9a4e-3d2c1b0a9f81",
    "adults": 1,
    "children": 2,
    "since": "2024-06-01T10:00:00Z",
    "expected_at": None,
}


@pytest.mark.parametrize(
    ("row", "occupied", "sent", "left_out", "unchanged"),
    [
        ("k1;bezet;1;2;", None, ["2 admission linde/k1 1+2 2024-06-12 09:30"], [], 0),
        ("k1;;1;2;1-6-2024", None, ["2 admission linde/k1 1+2 2024-06-01 12:00"], [], 0),
        ("k1;x;1;2;", None, ["2 admission linde/k1 1+2 2024-06-12 09:30"], [], 0),
        ("k1;vrij;;;", None, [], [], 1),
        ("k1;;;;", None, [], [], 1),
        ("k1;;0;0;", None, [], [], 1),
        ("k1;schoonmaak;;;", None, ["2 unitclosed linde/k1 cleaning"], [], 0),
        ("k1;buiten gebruik;;;", None, ["2 unitclosed linde/k1 other"], [], 0),
        ("k1;bezet;;;", None, [], ["2 no-household"], 0),
        ("k1;misschien;1;2;", None, [], ["2 status-unknown"], 0),
        ("k1;bezet;1;2;1-9-2024", None, [], ["2 begin-in-future"], 0),
        ("k1;bezet;1;2;", [_OTHER], [], [], 1),
        ("k1;bezet;1;2;", [], [], [], 1),
        ("k1;bezet;2;2;", [_OTHER], [], ["2 other-household"], 0),
        ("k1;vrij;;;", [_OTHER], [], ["2 occupied-in-plek"], 0),
        ("k1;schoonmaak;;;", [_OTHER], [], ["2 occupied-in-plek"], 0),
        (";bezet;1;2;", None, [], ["2 unit-missing"], 0),
    ],
)
def test_a_row_of_an_occupancy(row: str, occupied: list[Any] | None, sent: list[str], left_out: list[str], unchanged: int) -> None:
    """What a row sends beside what Plek shows: a household that left is never discharged by a file."""
    beside = known({"linde/k1": occupied} if occupied is not None else {})
    plan = brought(csv_file(_HEADER, row), beside, constants={"shelter": "linde"}, kind="occupancy")
    assert (facts(plan), left(plan), plan.unchanged) == (sent, left_out, unchanged)


def test_an_occupancy_of_tomorrow_sends_nothing_new() -> None:
    """Sent again the same day the names are the same; the day after Plek shows the household, and it is unchanged."""
    rows = csv_file("Kamer;Huishouden", "k1;1+2", "k2;2+0", "k3;")
    first = brought(rows, constants={"shelter": "linde"})
    again = brought(rows, constants={"shelter": "linde"}, at=NOW + timedelta(hours=3))
    assert names(first) == names(again)
    beside = known({"linde/k1": [present(first, 2)], "linde/k2": [present(first, 3)]})
    later = brought(rows, beside, constants={"shelter": "linde"}, at=NOW + timedelta(days=1))
    assert (facts(later), left(later), later.unchanged) == ([], [], 3)


def test_a_unit_stands_in_an_occupancy_once() -> None:
    """A second line of a unit is left out, and so is one whose household stands among the stays of the same file."""
    plan = brought(csv_file("Kamer;Huishouden", "k1;1+2", "k1;1+0"), constants={"shelter": "linde"})
    assert (len(plan.facts), left(plan)) == (1, ["3 twice 2"])


def test_a_closed_unit_is_closed_once() -> None:
    """A unit that Plek shows as closed is unchanged; a word of its own for the household may stand under `Bezetting`."""
    rows = csv_file("Unit;Bezetting", "k1;dicht", "k2;1 vrouw 2 kinderen", "k3;leeg", "k4;gereserveerd")
    assert left(brought(rows, constants={"shelter": "linde"})) == ["5 status-unknown"]
    assert facts(brought(rows, constants={"shelter": "linde"})) == [
        "3 admission linde/k2 1+2 2024-06-12 09:30",
        "2 unitclosed linde/k1 other",
    ]
    assert brought(rows, known(closed=["linde/k1"]), constants={"shelter": "linde"}).unchanged == 2


def test_stays_of_the_past_are_never_taken_for_those_of_today() -> None:
    """A sheet with dates under a name that Plek does not know is not read before the caller says what they are."""
    rows = csv_file("Kamer;Huishouden;Sinds;Weg op datum", "k1;1+2;5-3-2024;19-3-2024")
    refused = brought(rows, constants={"shelter": "linde"})
    assert (refused.facts, [(remark.code, remark.detail) for remark in refused.remarks]) == ([], [("dates-unknown", "Weg op datum")])
    said = brought(rows, constants={"shelter": "linde"}, columns={"Weg op datum": "end"})
    assert len(said.facts) == 2
    assert len(brought(rows, constants={"shelter": "linde"}, kind="occupancy").facts) == 1


@pytest.mark.parametrize("end", ["heden", "loopt nog", "n.n.b.", "31-12-9999", "-", ""])
def test_an_end_may_say_that_there_is_none(end: str) -> None:
    """Words and far days stand for an end that is not known."""
    plan = brought(csv_file("Locatie;Kamer;In;Uit;Gezin", f"linde;k1;13-3-2024;{end};1+0"))
    assert facts(plan) == ["2 admission linde/k1 1+0 2024-03-13 12:00"]
