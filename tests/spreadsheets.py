"""Spreadsheets that tests make, and what is planned of them beside two shelters that Plek knows, each with the units k1 to k6."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from openpyxl import Workbook

from services.adapters.bring_in.import_plan import ImportPlan, Surroundings, plan_file
from services.adapters.bring_in.known_shelters import KnownShelters, read_known_shelters
from services.adapters.dutch_time import ZONE, local_ns
from services.adapters.rfc3339 import show
from services.adapters.spreadsheets.column_names import fold
from services.adapters.spreadsheets.file_reader import read_file
from services.adapters.spreadsheets.sheet_tables import Choices
from services.domain.durations import SECOND_NS

NOW: Final = datetime(2024, 6, 12, 9, 30, tzinfo=ZONE)
"""Wednesday 12 June 2024, 09:30 in Amsterdam."""
REGIONS: Final = {"breda": "R07", "r07": "R07", "alkmaar": "R01"}
LANGUAGES: Final = {"nederlands": "nl", "engels": "en", "nl": "nl", "en": "en"}


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a date, with or without a time, as a cell holds it."""
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001  a cell has no time zone


def csv_file(*rows: str, encoding: str = "utf-8", newline: str = "\r\n") -> bytes:
    """Make a text file of lines."""
    return newline.join([*rows, ""]).encode(encoding)


def xlsx_file(
    rows: Iterable[Sequence[Any]], *, sheet: str = "Blad1", merged: Sequence[str] = (), **others: Iterable[Sequence[Any]]
) -> bytes:
    """Make an Excel file of rows; `others` are further sheets by their name."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = sheet
    for row in rows:
        first.append(list(row))
    for ranges in merged:
        first.merge_cells(ranges)
    for name, lines in others.items():
        added = book.create_sheet(name)
        for row in lines:
            added.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    """Return the bytes of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def known(occupied: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, closed: Iterable[str] = ()) -> KnownShelters:
    """Return two shelters; `occupied` names units, as linde/k1, with the stays that a caller may see there."""
    occupied, closed = occupied or {}, set(closed)
    return read_known_shelters(
        [
            {
                "shelter": shelter,
                "registration": registration(shelter, name),
                "units": [unit(number, occupied.get(f"{shelter}/k{number}"), f"{shelter}/k{number}" in closed) for number in range(1, 7)],
            }
            for shelter, name in (("linde", "De Linde"), ("beuk", "De Beuk"))
        ]
    )


def registration(shelter: str, name: str) -> dict[str, Any]:
    """Return the registration of a shelter as the API answers it."""
    return {
        "shelter": shelter,
        "name": name,
        "organisation": "de-linden",
        "region": "R07",
        "security": "open",
        "audience": ["women"],
        "max_son_age": 12,
        "languages": ["nl"],
        "services": [],
        "intake_phone": "0800-000001",
    }


def unit(number: int, stays: Sequence[Mapping[str, Any]] | None, closed: bool) -> dict[str, Any]:  # noqa: FBT001
    """Return a unit as the API answers it: the first three for a crisis, the others to follow up."""
    return {
        "unit": f"k{number}",
        "declared": True,
        "state": "occupied" if stays is not None else "closed" if closed else "free",
        "kind": "crisis" if number < 4 else "follow_up",
        "overflow": False,
        "max_adults": 2,
        "max_children": 4,
        "beds": 6,
        "features": [],
        "closed": {"reason": "other", "expected_until": None} if closed else None,
        "held": None,
        "stays": list(stays or ()),
    }


def brought(
    data: bytes,
    beside: KnownShelters | None = None,
    *,
    at: datetime = NOW,
    columns: Mapping[str, str] | None = None,
    key: bytes = b"k",
    **choices: Any,
) -> ImportPlan:
    """Return the plan of a file."""
    surroundings = Surroundings(
        known=beside or known(),
        key=lambda shelter: key + shelter.encode(),
        region=lambda text: REGIONS.get(fold(text)),
        language=lambda text: LANGUAGES.get(fold(text)),
        now=round(at.timestamp()) * SECOND_NS,
    )
    mapped = {fold(name): field for name, field in (columns or {}).items()}
    return plan_file(read_file(data), Choices(columns=mapped, **choices), surroundings)


def facts(plan: ImportPlan) -> list[str]:
    """Return each planned fact as a line: `4 admission linde/k1 1+2 2024-03-05 12:00`."""
    lines = []
    for planned in plan.facts:
        data: Any = planned.event.data
        name = type(data).__name__.lower()
        where = f"{data.shelter}/{data.unit}" if hasattr(data, "unit") else data.shelter
        who = f"{data.adults}+{data.children}" if hasattr(data, "adults") else getattr(data, "reason", getattr(data, "destination", ""))
        at = getattr(data, "occurred_at", None) or getattr(data, "expected_at", None)
        when = "" if at is None else local_ns(at).strftime("%Y-%m-%d %H:%M")
        lines.append(" ".join(filter(None, (str(planned.line), name, where, who, when))))
    return lines


def left(plan: ImportPlan) -> list[str]:
    """Return what is left out as lines: `7 overlap 5`."""
    return [" ".join(filter(None, (str(row.line), row.code, row.other, *row.fields))) for row in plan.left_out]


def names(plan: ImportPlan) -> set[tuple[str, str]]:
    """Return the names of the planned events."""
    return {planned.event.name for planned in (*plan.declarations, *plan.facts)}


def present(plan: ImportPlan, line: int) -> dict[str, Any]:
    """Return the stay that a line planned, as the API answers it when it is in Plek."""
    data: Any = next(planned.event.data for planned in plan.facts if planned.line == line and hasattr(planned.event.data, "unit"))
    return {
        "stay": data.stay,
        "adults": data.adults,
        "children": data.children,
        "since": show(data.occurred_at),
        "expected_at": None,
    }
