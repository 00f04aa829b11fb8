"""What openpyxl does not say of a file that it reads row by row: hidden rows, merged cells. And whether a file may be read at all.

Guarantees: nothing is unpacked before the sizes that the archive states are within the limits, and `zipfile` reads no more than those.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from services.adapters.spreadsheets.cells import UnreadableFileError

# Ten times what 100,000 lines of a stay's columns take; a bomb has thousands of times its size
_MOST_BYTES: Final = 200 * 2**20
_MOST_PARTS: Final = 2_000
_CHUNK: Final = 2**20
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be"))
_RANGE: Final = re.compile("([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
# A merged title or header; whole columns that are merged hold no data
_MOST_MERGED: Final = 10_000


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """Of one sheet: its hidden rows, and for each cell of a merged range (row, column) the cell that has the value."""

    hidden: set[int] = field(default_factory=set)
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


def check_archive(archive: ZipFile) -> None:
    """Raise UnreadableFileError for what is too large unpacked, or defines entities: no spreadsheet does."""
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
        raise UnreadableFileError("too-large")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")) and _has_doctype(archive, part.filename):
            raise UnreadableFileError("unsafe")


def _has_doctype(archive: ZipFile, name: str) -> bool:
    rest = b""
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            if any(mark in rest + chunk for mark in _DOCTYPES):
                return True
            rest = chunk[-20:]
    return False


def read_layouts(archive: ZipFile) -> dict[str, SheetLayout]:
    """Return the layout of each sheet by its name."""
    targets = {node.get("Id"): str(node.get("Target")) for node in _nodes(archive, "xl/_rels/workbook.xml.rels", "Relationship")}
    layouts = {}
    for sheet in _nodes(archive, "xl/workbook.xml", "sheet"):
        target = next((targets.get(value) for name, value in sheet.attrib.items() if name.endswith("}id")), None)
        path = "" if target is None else target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if path in archive.namelist():
            layouts[str(sheet.get("name"))] = _layout(archive, path)
    return layouts


def _nodes(archive: ZipFile, path: str, tag: str) -> Iterator[Any]:
    """Yield the elements of a part with this name, whatever their namespace, and forget each."""
    if path not in archive.namelist():
        return
    with archive.open(path) as part:
        # A document type, and with it an entity, is refused before
        for _, node in ET.iterparse(part):  # noqa: S314
            if node.tag.rpartition("}")[2] in tag.split():
                yield node
                node.clear()


def _layout(archive: ZipFile, path: str) -> SheetLayout:
    layout, above = SheetLayout(), 0
    for node in _nodes(archive, path, "row mergeCell"):
        if node.tag.endswith("row"):
            above = int(node.get("r") or above + 1)
            if node.get("hidden") in {"1", "true"}:
                layout.hidden.add(above)
        elif found := _RANGE.fullmatch(node.get("ref") or ""):
            left, top, right, bottom = _column(found[1]), int(found[2]), _column(found[3]), int(found[4])
            if (right - left + 1) * (bottom - top + 1) <= _MOST_MERGED:
                layout.merged.update({(row, col): (top, left) for row in range(top, bottom + 1) for col in range(left, right + 1)})
    return layout


def _column(letters: str) -> int:
    """Return the number of a column, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
