"""The region file: 35 regions with code, names, inhabitants and municipalities, codes of CBS, and a tile of a hexagon map.

Both numbers are estimates that add up to the nation. Municipalities were counted by safety region (342 in 25 of them, 2023) and divided
over its regions by inhabitants.

The coordinates are those of the centre municipality, which are public. They are the only ones in the project; a file may lack them.
"""

import csv
from dataclasses import dataclass
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Final

# The mean radius of the earth (IUGG)
_EARTH_KM: Final = 6_371.0
_LATITUDE: Final = 90.0
_LONGITUDE: Final = 180.0
PROVINCE_NAMES: Final = {
    "PV20": "Groningen",
    "PV21": "Fryslân",
    "PV22": "Drenthe",
    "PV23": "Overijssel",
    "PV24": "Flevoland",
    "PV25": "Gelderland",
    "PV26": "Utrecht",
    "PV27": "Noord-Holland",
    "PV28": "Zuid-Holland",
    "PV29": "Zeeland",
    "PV30": "Noord-Brabant",
    "PV31": "Limburg",
}
"""The provinces by the codes of Statistics Netherlands (CBS)."""


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region; `inhabitants` (whole persons) and `municipalities` are estimates, and are shown as such."""

    code: str
    centre: str
    province: str
    inhabitants: int
    column: int
    row: int
    latitude: float | None = None
    """Of the centre municipality, in degrees (WGS 84); None where the file has no coordinates."""
    longitude: float | None = None
    municipalities: int | None = None
    """For how many it runs women's shelter; None where the file does not say so."""
    centre_code: str | None = None
    """The centre municipality by its code of CBS (GM); which other municipalities belong to the region no file says."""
    safety_region: str | None = None
    """The safety region (VR) of the centre municipality by its code of CBS."""

    @property
    def name(self) -> str:
        """The name by which people know the region: that of its centre municipality."""
        return self.centre


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
    """Return how many tiles two regions are apart on the hexagon map, where every other row is half a tile to the right."""
    down = other.row - one.row
    along = (other.column - other.row // 2) - (one.column - one.row // 2)
    return max(abs(down), abs(along), abs(down + along))


def kilometres(one: RegionRow, other: RegionRow) -> float | None:
    """Compute the distance between two centre municipalities in a straight line (haversine); None without coordinates."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    north, south = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    chord = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(chord))


def _row(row: dict[str, str]) -> RegionRow:
    return RegionRow(
        code=row["regio_code"],
        centre=row["centrumgemeente"],
        province=row["provincie"],
        inhabitants=int(row["gewicht_duizend"]) * 1_000,
        column=int(row["hex_kolom"]),
        row=int(row["hex_rij"]),
        latitude=_degrees(row.get("breedtegraad"), _LATITUDE),
        longitude=_degrees(row.get("lengtegraad"), _LONGITUDE),
        municipalities=int(row["gemeenten"]) if row.get("gemeenten") else None,
        centre_code=row.get("gm_code") or None,
        safety_region=row.get("vr_code") or None,
    )


def _degrees(text: str | None, most: float) -> float | None:
    """Read a coordinate; None for a column or a cell that is not there, ValueError for one that cannot be."""
    if not text:
        return None
    degrees = float(text)
    if not -most <= degrees <= most:  # also what is not a number
        raise ValueError("a coordinate is none")
    return degrees
