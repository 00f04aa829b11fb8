"""The maps: a name on each tile, a palette a meaning, and a legend of the colours that occur."""

import re
from html import unescape

import pytest

from services.adapters.regions import read_regions
from services.monitor.report.hex_map import region_map
from services.monitor.report.report_cells import TOO_FEW, Cell
from services.monitor.report.translations import untranslated

REGIONS = read_regions()
TITLE = untranslated("a map")


def _values(*known: Cell) -> dict[str, Cell]:
    return {code: known[number % len(known)] for number, code in enumerate(REGIONS)}


def test_every_tile_has_the_name_of_its_region_and_no_code() -> None:
    """A reader finds Breda by its name."""
    svg = region_map(REGIONS.values(), _values(0.5), "norm", TITLE).svg
    names = [unescape(name) for name in re.findall(r'class="tile-name [^>]*>([^<]*)<', svg)]
    assert len(names) == len(REGIONS)
    assert {"Breda", "Den Haag", "Vlaardingen"} <= set(names)
    assert not re.search(r">R\d\d<", svg)


def test_the_legend_has_each_colour_of_the_map_from_low_to_high() -> None:
    """Each step of the colours has its numbers in both languages; hidden and unknown are there only where they occur."""
    drawn = region_map(REGIONS.values(), _values(0.36, 0.45, 0.52, 0.77, TOO_FEW, None), "full", TITLE)
    assert [each.label.nl for each in drawn.legend] == [
        *("30% tot 40%", "40% tot 50%", "50% tot 60%", "60% tot 70%", "70% tot 80%"),
        *("te weinig", "onbekend"),
    ]
    assert set(re.findall(r'class="tile ([\w-]+)"', drawn.svg)) <= {each.shade for each in drawn.legend}
    assert [each.shade for each in region_map(REGIONS.values(), _values(TOO_FEW), "full", TITLE).legend] == ["few"]


@pytest.mark.parametrize("palette", ["norm", "full"])
def test_a_higher_number_is_never_in_a_lighter_colour(palette: str) -> None:
    """The steps of a palette follow the numbers, and a number on a mark belongs to the step above it."""
    values = [0.2, 0.29, 0.3, 0.41, 0.58, 0.6, 0.7]
    drawn = region_map(REGIONS.values(), _values(*values), palette, TITLE)
    found = re.findall(rf'class="tile {palette}(\d)"', drawn.svg)[: len(values)]
    assert found == sorted(found)
    assert found[0] == "0"
    assert found[-1] == "4"
    assert found[1] != found[2]


def test_a_tile_has_the_colour_of_the_number_that_is_written_on_it() -> None:
    """Just below a step is not written as the step: 39.6 % is not 40 % in the colour of 20 to 40 %."""
    svg = region_map(REGIONS.values(), _values(0.396, 0.41, 0.2, 0.9), "norm", TITLE).svg
    assert set(re.findall(r'lang="nl">([^<]*)<', svg)) == {"39,6%", "41,0%", "20,0%", "90,0%"}
