"""The region file, and the distance of two regions on its map."""

import math
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from services.adapters.regions import RegionRow, kilometres, read_regions, tiles

HERE = RegionRow("R01", "Hier", "PV20", 1, column=3, row=2)


@pytest.mark.parametrize(
    ("column", "row", "apart"),
    [
        *((3, 2, 0), (4, 2, 1), (2, 2, 1), (3, 3, 1), (2, 3, 1), (3, 1, 1), (2, 1, 1)),
        *((4, 3, 2), (4, 1, 2), (3, 4, 2), (5, 2, 2), (2, 4, 2), (4, 4, 2), (1, 4, 3), (3, 6, 4)),
    ],
)
def test_neighbours_are_a_tile_apart(column: int, row: int, apart: int) -> None:
    """A tile has six neighbours, where every other row is half a tile to the right; the distance is the same both ways."""
    there = replace(HERE, column=column, row=row)
    assert tiles(HERE, there) == tiles(there, HERE) == apart


def test_the_shipped_file_has_thirty_five() -> None:
    """The file that comes with Plek has 35 regions, no two on one tile."""
    rows = list(read_regions().values())
    assert len(rows) == len({(row.column, row.row) for row in rows}) == 35


def test_municipalities_add_up() -> None:
    """The estimates add up to the 342 municipalities of 2023, each region has one at least, the centre one."""
    counts = [row.municipalities or 0 for row in read_regions().values()]
    assert (sum(counts), min(counts) >= 1) == (342, True)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ("R04", "R28", 58),
        ("R17", "R25", 270),
        ("R09", "R08", 8),
        ("R30", "R04", 35),
        ("R33", "R07", 85),
        ("R19", "R25", 21),
        ("R07", "R07", 0),
    ],
)
def test_distances_are_those_of_the_map(one: str, other: str, km: int) -> None:
    """Distances between centre municipalities are those of a map, to a kilometre, and the same both ways."""
    rows = read_regions()
    there, back = kilometres(rows[one], rows[other]), kilometres(rows[other], rows[one])
    assert there is not None
    assert back is not None
    assert math.isclose(there, back)
    assert abs(there - km) < 1.5


def test_neighbours_on_the_map_of_tiles_are_near() -> None:
    """Neighbours on the map of tiles are near each other, so that no coordinate was mistyped."""
    rows = list(read_regions().values())
    for row in rows:
        assert min(kilometres(row, other) or 0.0 for other in rows if tiles(row, other) == 1) < 75


def _without(path: Path, columns: int) -> Path:
    lines = files("services.adapters").joinpath("regions.csv").read_text("utf-8").splitlines()
    path.write_text("\n".join(",".join(line.split(",")[: len(line.split(",")) - columns]) for line in lines), "utf-8")
    return path


def test_a_file_without_coordinates_is_read(tmp_path: Path) -> None:
    """A file without coordinates is read, as older ones lack them; it gives no distances."""
    rows = read_regions(_without(tmp_path / "regions.csv", 2))
    assert kilometres(rows["R01"], rows["R02"]) is None


@pytest.mark.parametrize("cell", ["91", "-91", "nan", "north"])
def test_a_coordinate_that_cannot_be_is_refused(tmp_path: Path, cell: str) -> None:
    """A coordinate outside its range is refused, as is any other cell that is no number."""
    text = files("services.adapters").joinpath("regions.csv").read_text("utf-8")
    file = tmp_path / "regions.csv"
    file.write_text(text.replace("52.63", cell), "utf-8")
    with pytest.raises(ValueError, match="the region file"):
        read_regions(file)
