"""Files into sheets: by content, within limits, and with a word for what is no spreadsheet."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from services.adapters.spreadsheets.cells import FILE_FAULTS, UnreadableFileError
from services.adapters.spreadsheets.csv_reader import decode, read_csv
from services.adapters.spreadsheets.file_reader import LARGEST_BYTES, read_file
from tests.spreadsheets import csv_file, saved, xlsx_file

_TEXT = "Kamer;Café\r\nk1;één\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_an_encoding_is_found_out(encoding: str) -> None:
    """With a mark and without one, and Windows-1252 where it is no UTF-8."""
    assert decode(_TEXT.encode(encoding)).replace("\ufeff", "") == _TEXT


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("separator", [";", "\t", ",", "|"])
def test_a_separator_is_found_out(separator: str, newline: str) -> None:
    """The one that brings out the names of columns, under a title that has another; lines have the numbers that Excel shows."""
    rows = [
        "Bezetting, per kamer; juni",
        "",
        f"Kamer{separator}Opname{separator}Vertrek",
        f'k1{separator}"5-3-2024"{separator}',
        f"{separator}{separator}",
    ]
    sheet = read_csv(csv_file(*rows, newline=newline))
    assert [(row.number, row.cells[0], len(row.cells)) for row in sheet.rows[1:]] == [(3, "Kamer", 3), (4, "k1", 3)]


def test_a_line_in_quotes_is_one_line() -> None:
    """A cell of several lines is one row, and `sep=` is none, as Excel counts."""
    sheet = read_csv(csv_file("sep=,", "Kamer,Opname", '"k\n1",5-3-2024', "k2,"))
    assert [(row.number, row.cells) for row in sheet.rows] == [(1, ("Kamer", "Opname")), (2, ("k\n1", "5-3-2024")), (3, ("k2", None))]


def _zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


def _with_entity() -> bytes:
    """Return a workbook whose sheet defines an entity that grows."""
    source, stream = ZipFile(io.BytesIO(xlsx_file([["Kamer"]]))), io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for part in source.infolist():
            content = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            archive.writestr(part.filename, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\r\n;;\r\n", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-or-locked"),
        (b"  <html><table><tr><td>Kamer</td></tr></table></html>", "web-page"),
        (b"PK\x03\x04" + bytes(100), "damaged"),
        (_zipped(a=b"x"), "damaged"),
        (_zipped(xl__workbook_xml=b"<workbook/>"), "damaged"),
        (_zipped(xl__worksheets__sheet1_xml=bytes(201 * 2**20)), "too-large"),
        (_zipped(**{f"part{number}": b"" for number in range(2_001)}), "too-large"),
        (_with_entity(), "unsafe"),
        (saved(Workbook()), "empty"),
        (b"Kamer;Opname\r\nk1;\x00\x01\x02\x03\x81", "not-text"),
        (b"Kamer;" + b"x" * 200_000, "not-text"),
        (b"k1;2\n" * 100_001, "too-large"),
        (b"x" * (LARGEST_BYTES + 1), "too-large"),
    ],
    ids=range(15),
)
def test_what_is_no_spreadsheet_has_a_word_for_it(data: bytes, code: str) -> None:
    """A bomb, a damaged or locked file, a web page and bytes of another kind are refused before they cost memory."""
    with pytest.raises(UnreadableFileError) as refused:
        read_file(data)
    assert refused.value.code == code
    assert all(FILE_FAULTS[code])


def test_a_formula_is_the_value_that_excel_computed() -> None:
    """A formula without a computed value is an empty cell; none is computed here."""
    assert read_file(xlsx_file([["Kamer", "Aantal"], ["k1", "=1+1"]]))[0].rows[1].cells == ("k1", None)


def test_empty_rows_between_have_their_numbers() -> None:
    """Rows far below, as after a whole column was coloured, keep the number that Excel shows."""
    book = Workbook()
    book.active["A1"], book.active["B900"] = "Kamer", "k1"
    assert [(row.number, row.cells) for row in read_file(saved(book))[0].rows] == [(1, ("Kamer",)), (900, (None, "k1"))]
