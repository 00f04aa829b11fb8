"""The region file, and how far two regions are apart on its map."""

from dataclasses import replace

import pytest

from services.adapters.regions import RegionRow, read_regions, tiles

HERE = RegionRow("R01", "Hier", "PV20", 1, column=3, row=2)


@pytest.mark.parametrize(
    ("column", "row", "apart"),
    [
        *((3, 2, 0), (4, 2, 1), (2, 2, 1), (3, 3, 1), (2, 3, 1), (3, 1, 1), (2, 1, 1)),
        *((4, 3, 2), (4, 1, 2), (3, 4, 2), (5, 2, 2), (2, 4, 2), (4, 4, 2), (1, 4, 3), (3, 6, 4)),
    ],
)
def test_neighbours_are_a_tile_apart(column: int, row: int, apart: int) -> None:
    """Six of them, where every other row stands half a tile to the right; both ways."""
    there = replace(HERE, column=column, row=row)
    assert tiles(HERE, there) == tiles(there, HERE) == apart


def test_the_shipped_file_has_thirty_five() -> None:
    """No two on one tile."""
    rows = list(read_regions().values())
    assert len(rows) == len({(row.column, row.row) for row in rows}) == 35
