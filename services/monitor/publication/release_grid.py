"""The grid of published releases (design, section 7): nation, part of the country or province, by month or year, and nothing finer.

The parts and the codes are those of Statistics Netherlands (CBS): LD01 to LD04, and PV20 to PV31.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from services.adapters.regions import PROVINCE_NAMES

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
    **PROVINCE_NAMES,
}
AREAS: Final = tuple(NAMES)
_MONTHS: Final = 12


class Key(NamedTuple):
    """One cell of a release: a figure of an area in a month (`2023-03`) or a year (`2023`)."""

    figure: str
    area: str
    period: str


def periods(months: tuple[str, ...]) -> tuple[str, ...]:
    """List the periods of some months of one year: the months, and the year once it is whole."""
    return (*months, months[0][:4]) if len(months) == _MONTHS else months


def atoms(key: Key) -> Iterator[Key]:
    """List the finest cells that a cell is the sum of."""
    provinces = PROVINCES if key.area == NATION else PARTS.get(key.area, (key.area,))
    months = (key.period,) if "-" in key.period else tuple(f"{key.period}-{month:02d}" for month in range(1, _MONTHS + 1))
    return (Key(key.figure, province, month) for province in provinces for month in months)


def groups(figure: str, months: tuple[str, ...]) -> Iterator[tuple[Key, tuple[Key, ...]]]:
    """List each cell that is the sum of others in the grid, with those: by area within a period, and by month within an area."""
    for period in periods(months):
        yield Key(figure, NATION, period), tuple(Key(figure, part, period) for part in PARTS)
        for part, provinces in PARTS.items():
            yield Key(figure, part, period), tuple(Key(figure, province, period) for province in provinces)
    for period in periods(months)[len(months) :]:
        for area in AREAS:
            yield Key(figure, area, period), tuple(Key(figure, area, month) for month in months)
