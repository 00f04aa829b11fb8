"""Stays of the past: each treatment that docs/spreadsheets.md states, and what a second file with a changed row does."""

from typing import Any

import pytest

from tests.spreadsheets import brought, csv_file, facts, known, left, local, names, present, xlsx_file

_HEADER = "Locatie;Kamer;Opname;Vertrek;Huishouden"


def _plan(*rows: str, **choices: Any) -> tuple[list[str], list[str]]:
    plan = brought(csv_file(_HEADER, *rows), **choices)
    return facts(plan), left(plan)


@pytest.mark.parametrize(
    ("rows", "sent", "left_out"),
    [
        # Dates only, and a second stay on the day of the first one's end
        (
            ["linde;k1;5-3-2024;19-3-2024;1+0", "linde;k1;19-3-2024;20-3-2024;1+1"],
            [
                *("2 admission linde/k1 1+0 2024-03-05 12:00", "2 discharge linde unknown 2024-03-19 12:00"),
                *("3 admission linde/k1 1+1 2024-03-19 12:00", "3 discharge linde unknown 2024-03-20 12:00"),
            ],
            [],
        ),
        # The end has a time and the next begin has none: it begins after it
        (
            ["linde;k1;5-3-2024;19-3-2024 15:00;1+0", "linde;k1;19-3-2024;;1+1"],
            [
                *("2 admission linde/k1 1+0 2024-03-05 12:00", "2 discharge linde unknown 2024-03-19 15:00"),
                "3 admission linde/k1 1+1 2024-03-19 15:00",
            ],
            [],
        ),
        # One day: a stay of no length
        (
            ["linde;k1;13-3-2024;13-3-2024;1+0"],
            ["2 admission linde/k1 1+0 2024-03-13 12:00", "2 discharge linde unknown 2024-03-13 12:00"],
            [],
        ),
        # Without an end: it is there now
        (["linde;k1;13-3-2024;;1+0"], ["2 admission linde/k1 1+0 2024-03-13 12:00"], []),
        # An end in the future is a plan
        (
            ["linde;k1;13-3-2024;1-7-2024;1+0"],
            ["2 admission linde/k1 1+0 2024-03-13 12:00", "2 dischargeplanned linde 2024-07-01 12:00"],
            [],
        ),
        # Today, before noon: not later than now
        (["linde;k1;12-6-2024;;1+0"], ["2 admission linde/k1 1+0 2024-06-12 09:30"], []),
        (["linde;k1;12-6-2024 08:00;;1+0"], ["2 admission linde/k1 1+0 2024-06-12 08:00"], []),
        (["linde;k1;12-6-2024 10:00;;1+0"], [], ["2 begin-in-future"]),
        (["linde;k1;13-6-2024;;1+0"], [], ["2 begin-in-future"]),
        # Without a begin
        (["linde;k1;;13-3-2024;1+0"], [], ["2 no-begin-with-end"]),
        (["linde;k1;onbekend;;1+0"], [], ["2 no-begin"]),
        (["linde;k1;13-3-2024;12-3-2024;1+0"], [], ["2 end-before-begin"]),
        (["linde;k1;13-3-2024 12:00;13-3-2024 11:00;1+0"], [], ["2 end-before-begin"]),
        # Twice: the one with an end stays
        (
            ["linde;k1;13-3-2024;;1+0", "linde;k1;13-3-2024;14-3-2024;1+0", "linde;k1;13-3-2024;14-3-2024;1+0"],
            ["3 admission linde/k1 1+0 2024-03-13 12:00", "3 discharge linde unknown 2024-03-14 12:00"],
            ["2 twice 3", "4 twice 3"],
        ),
        # Overlapping: the one that begins first stays
        (
            ["linde;k1;15-3-2024;20-3-2024;1+0", "linde;k1;13-3-2024;16-3-2024;1+1", "linde;k1;16-3-2024;17-3-2024;1+2"],
            [
                *("3 admission linde/k1 1+1 2024-03-13 12:00", "3 discharge linde unknown 2024-03-16 12:00"),
                *("4 admission linde/k1 1+2 2024-03-16 12:00", "4 discharge linde unknown 2024-03-17 12:00"),
            ],
            ["2 overlap 3"],
        ),
        # No end, and another begins later in the unit: its end is missing
        (
            ["linde;k1;13-3-2024;;1+0", "linde;k1;1-6-2024;;1+1"],
            ["3 admission linde/k1 1+1 2024-06-01 12:00"],
            ["2 no-end-but-next 3"],
        ),
        # The same unit number of another shelter is another unit
        (
            ["linde;k1;13-3-2024;;1+0", "beuk;k1;13-3-2024;;1+0"],
            ["3 admission beuk/k1 1+0 2024-03-13 12:00", "2 admission linde/k1 1+0 2024-03-13 12:00"],
            [],
        ),
        # A line that names no shelter is of the one above
        (
            ["linde;k1;13-3-2024;;1+0", ";k2;13-3-2024;;1+0"],
            ["2 admission linde/k1 1+0 2024-03-13 12:00", "3 admission linde/k2 1+0 2024-03-13 12:00"],
            [],
        ),
        (["linde;7;13-3-2024;;1+0", "linde;kamer;13-3-2024;;1+0"], [], ["2 unit-unknown", "3 unit-unknown"]),
    ],
)
def test_each_case_has_a_treatment(rows: list[str], sent: list[str], left_out: list[str]) -> None:
    """What is sent and what is left out, row by row."""
    assert _plan(*rows) == (sent, left_out)


def test_a_row_is_the_same_wherever_it_stands() -> None:
    """Another order of rows and columns, other lines around it, another form of its date: the same names of events."""
    first = brought(csv_file(_HEADER, "linde;k1;5-3-2024;19-3-2024;1+0", "beuk;k2;13-3-2024;;1+2"))
    other = brought(
        xlsx_file(
            [
                ["Overzicht"],
                ["Kamer", "Begindatum", "Einddatum", "Volwassenen", "Kinderen", "Opvang"],
                ["Kamer 2", local(2024, 3, 13), None, 1, 2, "De Beuk"],
                ["k1", "5 mrt 2024", "2024-03-19", 1, 0, "De Linde"],
            ]
        )
    )
    assert names(first) == names(other)
    assert len(names(first)) == 3
    assert names(first).isdisjoint(names(brought(csv_file(_HEADER, "linde;k1;5-3-2024;19-3-2024;1+0", "beuk;k2;13-3-2024;;1+2"), key=b"x")))


@pytest.mark.parametrize(
    ("row", "new", "same_stay"),
    [
        ("linde;k1;5-3-2024;19-3-2024;1+0", ["discharge"], True),  # an end is added
        ("linde;k1;5-3-2024;;1+1", ["admission"], True),  # another household: the newest counts
        ("linde;k1;6-3-2024;;1+0", ["admission"], False),  # another begin is another stay
        ("linde;k2;5-3-2024;;1+0", ["admission"], False),  # so is another unit
    ],
)
def test_a_changed_row_is_new_as_far_as_it_changed(row: str, new: list[str], same_stay: bool) -> None:  # noqa: FBT001
    """A second file sends what its row says anew, about the same stay while unit and begin are the same."""
    first, second = brought(csv_file(_HEADER, "linde;k1;5-3-2024;;1+0")), brought(csv_file(_HEADER, row))
    fresh: list[Any] = [planned.event.data for planned in second.facts if planned.event.name not in names(first)]
    before: Any = first.facts[0].event.data
    assert [type(data).__name__.lower() for data in fresh] == new
    assert (fresh[0].stay == before.stay) is same_stay


def test_what_plek_shows_already_is_not_sent_again() -> None:
    """A household that is there by the same row is unchanged, in another unit by now too; of one that has an end only that is sent."""
    open_row = csv_file(_HEADER, "linde;k1;5-3-2024;;1+0")
    stay = present(brought(open_row), 2)
    for unit in ("linde/k1", "linde/k5"):
        again = brought(open_row, known({unit: [stay]}))
        assert (facts(again), left(again), again.unchanged) == ([], [], 1)
    ended = brought(csv_file(_HEADER, "linde;k1;5-3-2024;19-3-2024;1+0"), known({"linde/k1": [stay]}))
    assert facts(ended) == ["2 discharge linde unknown 2024-03-19 12:00"]


def test_no_unit_gets_a_second_household() -> None:
    """A stay that meets the household that Plek shows in its unit is left out; one that ended before is not."""
    other = {
        "stay": "0b7ad7c2-6c1f-4f0e-9a4e-3d2c1b0a9f81",
        "adults": 1,
        "children": 0,
        "since": "2024-06-01T10:00:00Z",
        "expected_at": None,
    }
    rows = ("linde;k1;13-3-2024;14-3-2024;1+0", "linde;k1;15-3-2024;2-6-2024;1+0")
    plan = brought(csv_file(_HEADER, *rows), known({"linde/k1": [other]}))
    assert (len(facts(plan)), left(plan)) == (2, ["3 unit-occupied"])
    # A coordinator sees that a unit is occupied, and by no stay
    for seen, code in (([other], "unit-occupied"), ([], "unit-taken")):
        plan = brought(csv_file(_HEADER, "linde;k1;10-6-2024;;1+0"), known({"linde/k1": seen}))
        assert (facts(plan), left(plan)) == ([], [f"2 {code}"])


def test_stays_without_a_unit_get_one_of_their_kind() -> None:
    """The first free unit of the kind, never two at a time; those alike are numbered, and a later end of one does not rename another."""
    header = "Locatie;Soort;Opname;Vertrek;Huishouden"
    first = brought(csv_file(header, *("linde;crisis;13-3-2024;;1+0" for _ in range(4))))
    assert facts(first) == [f"{line} admission linde/k{line - 1} 1+0 2024-03-13 12:00" for line in (2, 3, 4)]
    assert left(first) == ["5 kind-full"]
    beside = known({f"linde/k{line - 1}": [present(first, line)] for line in (2, 3, 4)})
    ended = brought(
        csv_file(header, "linde;crisis;13-3-2024;;1+0", "linde;crisis;13-3-2024;20-3-2024;1+0", "linde;crisis;13-3-2024;;1+0"), beside
    )
    assert facts(ended) == ["3 discharge linde unknown 2024-03-20 12:00"]
    assert ended.unchanged == 2


def test_a_stay_that_runs_for_years_is_named() -> None:
    """Its end may be missing: it is sent, and its line is said."""
    plan = brought(csv_file(_HEADER, "linde;k1;5-3-2019;;1+0"))
    assert ("long-stays", "2") in {(remark.code, remark.detail) for remark in plan.remarks}
    assert facts(plan) == ["2 admission linde/k1 1+0 2019-03-05 12:00"]
