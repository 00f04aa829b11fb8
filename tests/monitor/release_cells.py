"""The cells of a small country by seed: its unit-days and hotel nights, and every cell of the grid with exactly what stands behind it."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.monitor.publication.cell_suppression import ReleasePlan
from services.monitor.publication.disclosure_rules import Cell
from services.monitor.publication.release_grid import PROVINCES, Key, atoms

MONTHS = tuple(f"2023-{month:02d}" for month in range(1, 13))
PLANNED = ReleasePlan(("occupied", "available", "nights"), MONTHS, {"occupied": "available"})
# As unlike as provinces are: one with a single shelter, some with too few, some with plenty
SHELTERS = dict(zip(PROVINCES, (1, 3, 2, 6, 2, 12, 8, 14, 20, 1, 9, 5), strict=True))


class Row(NamedTuple):
    """What one unit of a shelter, or one household (of none), adds to a month of a province."""

    figure: str
    province: str
    month: str
    shelter: str | None
    member: str
    value: int


def rows(seed: int, months: tuple[str, ...] = MONTHS) -> Iterator[Row]:
    """Draw a year: unit-days of units by shelter, hotel nights of households."""
    chance = random.Random(seed)
    for province, shelters in SHELTERS.items():
        for shelter in range(shelters):
            for unit in range(chance.randint(2, 16)):
                for month in months:
                    available = chance.choice((30, 30, 30, 12))
                    unit_of = (province, month, f"{province}-{shelter}", f"{province}-{shelter}-{unit}")
                    yield Row("available", *unit_of, available)
                    yield Row("occupied", *unit_of, max(0, available - chance.choice((0, 0, 1, 5))))
        for household in range(chance.randint(0, 25 * shelters)):
            yield Row("nights", province, chance.choice(months), None, f"h{province}{household}", chance.randint(1, 40))


def cells(members: Iterable[Row], plan: ReleasePlan = PLANNED) -> dict[Key, Cell]:
    """Add rows up for every cell of the grid: members of several months count once."""
    finest = defaultdict[Key, list[Row]](list)
    for row in members:
        finest[Key(row.figure, row.province, row.month)].append(row)
    return {key: _cell(key, [row for atom in atoms(key) for row in finest[atom]]) for key in plan.keys}


def _cell(key: Key, behind: list[Row]) -> Cell:
    value, n = sum(row.value for row in behind), len({row.member for row in behind})
    by_shelter = Counter[str]()
    for row in behind:
        by_shelter[row.shelter or ""] += row.value
    if key.figure == "nights":
        return Cell(value, n, sum(SHELTERS[province] for province in {atom.area for atom in atoms(key)}), organisations=2)
    return Cell(value, n, len(by_shelter), max(by_shelter.values(), default=0) / value if value else 0.0, 2)
