"""The region file: 35 regions with code, names, inhabitants (an estimate that adds up to the nation) and a tile of a hexagon map."""

import csv
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region; `inhabitants` is an estimate in whole persons: say so wherever it shows."""

    code: str
    centre: str
    province: str
    inhabitants: int
    column: int
    row: int


def read_regions(path: Path | None = None) -> dict[str, RegionRow]:
    """Read the region file, by code; without a path, the one that comes with Plek. ValueError when it is not of its form."""
    text = path.read_text("utf-8") if path else files(__package__).joinpath("regions.csv").read_text("utf-8")
    try:
        rows = [_row(row) for row in csv.DictReader(text.splitlines())]
    except (KeyError, TypeError, ValueError) as wrong:
        raise ValueError("the region file lacks a column, or a number in it is none") from wrong
    if not rows or len({row.code for row in rows}) < len(rows):
        raise ValueError("the region file is empty, or a code stands in it twice")
    return {row.code: row for row in rows}


def tiles(one: RegionRow, other: RegionRow) -> int:
    """Tell how many tiles two regions are apart on the hexagon map, where every other row stands half a tile to the right."""
    down = other.row - one.row
    along = (other.column - other.row // 2) - (one.column - one.row // 2)
    return max(abs(down), abs(along), abs(down + along))


def _row(row: dict[str, str]) -> RegionRow:
    return RegionRow(
        code=row["regio_code"],
        centre=row["centrumgemeente"],
        province=row["provincie"],
        inhabitants=int(row["gewicht_duizend"]) * 1_000,
        column=int(row["hex_kolom"]),
        row=int(row["hex_rij"]),
    )
