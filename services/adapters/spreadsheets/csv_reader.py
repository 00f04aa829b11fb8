"""Text files with separated values. Encoding and separator are found out; the file is read in memory, at most once a separator."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from services.adapters.spreadsheets.cells import Row, Sheet, UnreadableFileError, trimmed
from services.adapters.spreadsheets.column_names import count_known

_SEPARATORS: Final = (";", "\t", ",", "|")
# So many lines say which separator it is; a header stands among them, below whatever title
_SAMPLE_LINES: Final = 60
MOST_LINES: Final = 100_000
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HINT: Final = "sep="
_FEW: Final = 200


def read_csv(data: bytes) -> Sheet:
    """Read a text file. Raises UnreadableFileError."""
    text = decode(data)
    separator = None
    # Excel writes and takes the separator on a line of its own, which it doesn't number
    if text[: len(_HINT)].lower() == _HINT:
        hint, _, text = text.partition("\n")
        separator = hint.rstrip("\r")[len(_HINT) : len(_HINT) + 1] or None
    separator = separator or max(_SEPARATORS, key=lambda each: _fitness(text, each))
    rows = []
    for number, cells in enumerate(_records(text, separator), 1):
        row = Row(number, tuple(map(trimmed, cells)))
        if any(cell is not None for cell in row.cells):
            rows.append(row)
        if len(rows) > MOST_LINES:
            raise UnreadableFileError("too-large")
    if not rows:
        raise UnreadableFileError("empty")
    return Sheet("", rows)


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8 or UTF-16 with a mark or without one, else Windows-1252, in which Excel writes CSV."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decoded(data, name)
    # Of western text in UTF-16 every other byte is zero
    beginning = data[:_FEW]
    if beginning.count(0) * 3 >= len(beginning) > 0:
        return _decoded(data, "utf-16-le" if beginning[1::2].count(0) >= beginning[::2].count(0) else "utf-16-be")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _decoded(data, "cp1252")
    if "\0" in text:
        raise UnreadableFileError("not-text")
    return text


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise UnreadableFileError("not-text") from error


def _records(text: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t")
    except csv.Error as error:
        raise UnreadableFileError("not-text") from error


def _fitness(text: str, separator: str) -> tuple[int, float, int]:
    """Return how well a separator fits: column names that it brings out, then the share of lines with the same number of columns."""
    records = [cells for cells in islice(_records(text, separator), _SAMPLE_LINES) if any(cells)]
    widths = Counter(len(cells) for cells in records if len(cells) > 1)
    if not widths:
        return (0, 0.0, 0)
    width, times = widths.most_common(1)[0]
    return (max(count_known(cells) for cells in records), times / len(records), width)
