"""The grid of published releases (design, section 7): nation, part of the country or province, by month or year, and nothing finer.

The parts and the codes are those of Statistics Netherlands (CBS): LD01 to LD04, and PV20 to PV31.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

NATION: Final = "NL"
PARTS: Final = {
    "LD01": ("PV20", "PV21", "PV22"),
    "LD02": ("PV23", "PV24", "PV25"),
    "LD03": ("PV26", "PV27", "PV28", "PV29"),
    "LD04": ("PV30", "PV31"),
}
PROVINCES: Final = tuple(province for part in PARTS.values() for province in part)
NAMES: Final = {
    NATION: "Nederland",
    "LD01": "Noord-Nederland",
    "LD02": "Oost-Nederland",
    "LD03": "West-Nederland",
    "LD04": "Zuid-Nederland",
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
AREAS: Final = tuple(NAMES)
_MONTHS: Final = 12


class Key(NamedTuple):
    """One cell of a release: a figure of an area in a month (`2023-03`) or a year (`2023`)."""

    figure: str
    area: str
    period: str


def provinces(area: str) -> tuple[str, ...]:
    """List the provinces an area is made of."""
    return PROVINCES if area == NATION else PARTS.get(area, (area,))


def months(period: str) -> tuple[str, ...]:
    """List the months a period is made of."""
    return (period,) if "-" in period else tuple(f"{period}-{month:02d}" for month in range(1, _MONTHS + 1))


def periods(told: tuple[str, ...]) -> tuple[str, ...]:
    """List the periods of some months of one year: the months, and the year once it is whole."""
    return (*told, told[0][:4]) if len(told) == _MONTHS else told


def atoms(key: Key) -> Iterator[Key]:
    """List the finest cells that a cell is the sum of."""
    return (Key(key.figure, province, month) for province in provinces(key.area) for month in months(key.period))


def groups(figure: str, told: tuple[str, ...]) -> Iterator[tuple[Key, tuple[Key, ...]]]:
    """List each cell that is the sum of others in the grid, with those: by area within a period, and by month within an area."""
    for period in periods(told):
        yield Key(figure, NATION, period), tuple(Key(figure, part, period) for part in PARTS)
        for part, inside in PARTS.items():
            yield Key(figure, part, period), tuple(Key(figure, province, period) for province in inside)
    for period in periods(told)[len(told) :]:
        for area in AREAS:
            yield Key(figure, area, period), tuple(Key(figure, area, month) for month in told)
