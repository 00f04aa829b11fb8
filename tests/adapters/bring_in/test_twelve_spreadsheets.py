"""Twelve spreadsheets of different make: each is brought in right, or refused by line."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from services.adapters.bring_in.import_plan import ImportPlan
from tests.spreadsheets import brought, csv_file, facts, left, local, saved, xlsx_file

_MARCH = ["2 admission linde/k1 1+2 2024-03-05 12:00", "2 discharge linde unknown 2024-03-19 12:00"]


def _on_line(number: int) -> list[str]:
    return [f"{number}{line[1:]}" for line in _MARCH]


def _excel_export() -> bytes:
    """Excel's CSV of a Dutch machine: semicolons, Windows-1252, `sep=`, a column of names and one of remarks."""
    return csv_file(
        "sep=;",
        "Locatie;Kamer;Opname;Vertrek;Volwassenen;Kinderen;Naam cliënt;Opmerking",
        "De Linde;k1;5-3-2024;19-3-2024;1;2;Zoë;belt ma 10 u",
        'De Beuk;k2;20-3-2024;;2;0;"Ana; Maria";"twee\nregels"',
        encoding="cp1252",
    )


def _tabs_in_utf16() -> bytes:
    """Excel's "Unicode text": UTF-16 with tabs, and a title above the header."""
    return csv_file(
        "Verblijven 2024", "", "Opvang\tUnit\tIn\tUit\tHuishouden", "linde\tK1\t5-3-2024\t19-3-2024\t1+2", "\t\t\t\t", encoding="utf-16"
    )


def _utf16_without_a_mark() -> bytes:
    """UTF-16 without a byte order mark, as a database writes it."""
    return csv_file("Locatie,Kamer,Start,Eind,Household", "linde,k1,2024-03-05,2024-03-19,1+2", encoding="utf-16-le")


def _decimal_commas() -> bytes:
    """Numbers with decimal commas, dates as the numbers of Excel, totals at the bottom, commas inside quotes."""
    return csv_file(
        '"Locatie","Kamernummer","Datum opname","Datum vertrek","Aantal volw.","Aantal kinderen"',
        '"linde","1,0","45356","45370,5","1,0","2,00"',
        '"Totaal",,,,"1,0","2,0"',
        encoding="utf-8-sig",
    )


def _merged_headers() -> bytes:
    """Make a header of two rows with merged cells, and a shelter that is merged over its rows."""
    rows: list[list[Any]] = [
        ["Bezettingsoverzicht 2024"],
        [],
        ["Locatie", "Kamer", "Verblijf", None, "Huishouden", None],
        [None, None, "In", "Uit", "Volw.", "Kind."],
        ["De Linde", "Kamer 1", local(2024, 3, 5), local(2024, 3, 19), 1, 2],
        [None, "Kamer 2", local(2024, 3, 6, 15, 30), None, 1, 0],
    ]
    return xlsx_file(rows, merged=["A1:F1", "A3:A4", "B3:B4", "C3:D3", "E3:F3", "A5:A6"])


def _dates_as_text_and_numbers() -> bytes:
    """In one column dates as dates, as texts and as numbers, and numbers as texts."""
    return xlsx_file(
        [
            ["Locatie", "Kamer", "Begindatum", "Einddatum", "Vrouwen", "Kinderen"],
            ["linde", 1, "5 mrt 2024", 45370, "1", "2"],
            ["linde", "2", local(2024, 3, 6), "19 maart 2024 14.30 uur", 1, None],
            ["linde", "3", "do 7 maart 2024", "2024-03-19T14:30:00Z", 1, 0],
        ]
    )


def _a_second_sheet() -> bytes:
    """Rows on the second of three sheets, whose name is that of the shelter; the others hold no table, or are hidden."""
    book = Workbook()
    book.active.title = "Uitleg"
    book.active.append(["Vul het tweede blad in", "en stuur het op"])
    for name, year in (("De Linde", 2024), ("Oud", 2020)):
        sheet = book.create_sheet(name)
        sheet.append(["Kamer", "Opname", "Uitstroom", "Gezinssamenstelling"])
        sheet.append(["k1", f"5-3-{year}", f"19-3-{year}", "1 vrouw, 2 kinderen"])
    book["Oud"].sheet_state = "hidden"
    return saved(book)


def _an_old_mac() -> bytes:
    """Dates that count from 1904."""
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["Locatie", "Kamer", "Aankomst", "Vertrek", "Huishouden"])
    book.active.append(["linde", "k1", local(2024, 3, 5), 45_370 - 1_462, "1+2"])
    return saved(book)


def _a_grouped_list() -> bytes:
    """Name the shelter on a line of its own above its rows, a header on each page, a hidden row, a source below."""
    book = Workbook()
    for row in (
        ["Kamer", "In", "Uit", "Volwassenen", "Kinderen"],
        ["De Linde"],
        ["k1", "5-3-2024", "19-3-2024", 1, 2],
        ["Kamer", "In", "Uit", "Volwassenen", "Kinderen"],
        ["De Beuk"],
        ["k1", "13-3-2024", None, 2, 1],
        [None, "Bron: cliëntregistratie"],
    ):
        book.active.append(row)
    book.active.row_dimensions[6].hidden = True
    return saved(book)


def _american() -> bytes:
    """Month first, for there are days above 12 in the second place; years of two digits, AM and PM."""
    return csv_file("Shelter,Unit,Check-in,Check-out,Adults,Children", "linde,k1,03/05/24,03/19/24,1,2", "linde,k2,03/06/24 2:30 PM,,1,0")


def _kinds_only() -> bytes:
    """No units at all: the kind of place, and households that begin on one day."""
    return csv_file(
        "Locatie;Soort opvang;Instroomdatum;Uitstroomdatum;Mannen;Vrouwen;Minderjarigen;Uitstroom naar",
        "linde;Crisisopvang;05-03-2024;19-03-2024;0;1;2;eigen woning",
        "linde;Crisisopvang;05-03-2024;20-03-2024;0;1;2;Familie",
        "linde;begeleid wonen;05-03-2024;20-03-2024;0;1;2;",
    )


def _half_wrong() -> bytes:
    """Make a line of each sort that is wrong, among good ones."""
    return csv_file(
        "Locatie;Kamer;Opname;Vertrek;Volwassenen;Kinderen",
        "linde;k1;5-3-2024;19-3-2024;1;2",
        "linde;k9;5-3-2024;;1;2",
        "Elders;k1;5-3-2024;;1;2",
        "linde;k2;30-2-2024;;1;2",
        "linde;k2;5-3-2024;4-3-2024;1;2",
        "linde;k2;;4-3-2024;1;2",
        "linde;k2;;;1;2",
        "linde;k2;13-9-2024;;1;2",
        "linde;k2;5-3-2024;gauw;1;2",
        "linde;k2;5-3-2024;;een;2",
        "linde;k2;5-3-2024;;;",
        "linde;k2;5-3-2024;;25;0",
        "linde;;5-3-2024;;1;0",
        "linde;k1;5-3-2024;19-3-2024;1;2",
    )


@pytest.mark.parametrize(
    ("make", "sent", "left_out", "remarks"),
    [
        (_excel_export, [*_MARCH, "3 admission beuk/k2 2+0 2024-03-20 12:00"], [], {"columns-personal": "Naam cliënt, Opmerking"}),
        (_tabs_in_utf16, _on_line(4), [], {"noon": ""}),
        (_utf16_without_a_mark, _MARCH, [], {}),
        (_decimal_commas, _MARCH, [], {"totals": "3", "units-by-number": "1"}),
        (_merged_headers, [*_on_line(5), "6 admission linde/k2 1+0 2024-03-06 15:30"], [], {"units-by-number": "2"}),
        (
            _dates_as_text_and_numbers,
            [
                *_MARCH,
                "3 admission linde/k2 1+0 2024-03-06 12:00",
                "3 discharge linde unknown 2024-03-19 14:30",
                "4 admission linde/k3 1+0 2024-03-07 12:00",
                "4 discharge linde unknown 2024-03-19 15:30",
            ],
            [],
            {},
        ),
        (_a_second_sheet, _MARCH, [], {"not-a-table": "", "sheet-hidden": ""}),
        (_an_old_mac, _MARCH, [], {}),
        (
            _a_grouped_list,
            [*_on_line(3), "6 admission beuk/k1 2+1 2024-03-13 12:00"],
            [],
            {"hidden-rows": "6", "loose": "7"},
        ),
        (_american, [*_MARCH, "3 admission linde/k2 1+0 2024-03-06 14:30"], [], {"month-first": ""}),
        (
            _kinds_only,
            [
                "2 admission linde/k1 1+2 2024-03-05 12:00",
                "2 discharge linde own_home 2024-03-19 12:00",
                "3 admission linde/k2 1+2 2024-03-05 12:00",
                "3 discharge linde family 2024-03-20 12:00",
            ],
            ["4 kind-full"],
            {"units-by-kind": "2"},
        ),
        (
            _half_wrong,
            _MARCH,
            [
                *("3 unit-unknown", "4 shelter-unknown", "5 begin-unreadable", "6 end-before-begin", "7 no-begin-with-end", "8 no-begin"),
                *("9 begin-in-future", "10 end-unreadable", "11 household-unclear", "12 no-household", "13 household-size"),
                *("14 unit-missing", "15 twice 2"),
            ],
            {},
        ),
    ],
)
def test_a_spreadsheet_is_brought_in_or_refused_by_line(
    make: Callable[[], bytes], sent: list[str], left_out: list[str], remarks: dict[str, str]
) -> None:
    """What is sent, what is left out with its line and reason, and what is said aloud, of each of twelve files."""
    plan = brought(make())
    assert sorted(facts(plan)) == sorted(sent)
    assert left(plan) == left_out
    assert remarks.items() <= {remark.code: remark.detail for remark in plan.remarks}.items()


def test_no_value_of_a_column_that_is_not_read_goes_anywhere() -> None:
    """Neither an event nor a word about the file holds a name or a remark of a person."""
    plan = brought(_excel_export())
    assert not any(word in repr(plan.facts) + _words(plan) for word in ("Zoë", "Ana", "Maria", "belt", "twee"))


def _words(plan: ImportPlan) -> str:
    return " ".join(part for words in [*(row.words for row in plan.left_out), *(remark.words for remark in plan.remarks)] for part in words)


def test_thousands_of_rows_are_planned_at_once() -> None:
    """Six thousand stays, in a file that openpyxl wrote row by row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["Locatie", "Kamer", "In", "Uit", "Huishouden"])
    for number in range(6_000):
        year, day = divmod(number // 6, 300)
        begin = local(2000 + year, 1 + day // 25, 1 + day % 25)
        sheet.append(["linde", f"k{1 + number % 6}", begin, begin.replace(hour=9), "1+1"])
    stream = io.BytesIO()
    book.save(stream)
    plan = brought(stream.getvalue())
    assert (len(plan.facts), plan.left_out) == (12_000, [])
