"""A file of any known form into sheets: by its content, for its name may be wrong."""

from typing import Final

from services.adapters.spreadsheets.cells import Sheet, UnreadableFileError
from services.adapters.spreadsheets.csv_reader import read_csv
from services.adapters.spreadsheets.xlsx_reader import read_xlsx

LARGEST_BYTES: Final = 20 * 2**20
"""Five times what 100,000 stays take."""
_ZIP: Final = b"PK\x03\x04"
# The container of Excel before 2007, and of a file with a password
_COMPOUND: Final = b"\xd0\xcf\x11\xe0"
_WEB_PAGE: Final = (b"<html", b"<!doctype html", b"<table", b"<?xml")


def read_file(data: bytes) -> list[Sheet]:
    """Read the sheets of a file. Raises UnreadableFileError."""
    if len(data) > LARGEST_BYTES:
        raise UnreadableFileError("too-large")
    if data.startswith(_ZIP):
        return read_xlsx(data)
    if data.startswith(_COMPOUND):
        raise UnreadableFileError("old-or-locked")
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGE):
        raise UnreadableFileError("web-page")
    return [read_csv(data)]
