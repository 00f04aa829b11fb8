"""A screen that is taller than the terminal is shown page by page, so that every region can be seen at 80 by 24."""

from collections import Counter

import pytest
from rich.console import Console
from rich.text import Text

from services.adapters.config.settings import Settings
from services.adapters.regions import read_regions
from services.cli.output.counts_model import STATES, CountsModel
from services.cli.output.counts_table import counts_screen
from services.cli.output.screen import PAGE_S, Pager

REGIONS = read_regions()
NUMBERS = dict(zip(STATES, (1_008, 700, 100, 8, 50, 50, 100), strict=True))
COUNTS = CountsModel(
    as_of=999_600,
    now=1_000_000,
    rebuilding=False,
    halted={},
    national=NUMBERS,
    regions=dict.fromkeys(REGIONS, NUMBERS),
    shelters=120,
    silent=0,
)


def page(seconds: float, height: int = 24) -> list[str]:
    """Draw the counts as a terminal of eighty columns shows them at a time."""
    console = Console(width=80, height=height, no_color=True)
    with console.capture() as captured:
        screen = counts_screen(COUNTS, Settings(), REGIONS)
        console.print(Pager(screen.drawing, screen.head_lines, seconds))
    return captured.get().splitlines()


def test_every_region_is_seen_at_80_by_24() -> None:
    """Each of the 35 regions stands on exactly one page, each page fits, and none of its lines is cut off."""
    seen = [page(turn * PAGE_S) for turn in range(2)]
    assert all(len(lines) < 24 for lines in seen)
    codes = Counter(line.split()[0] for lines in seen for line in lines if line.startswith("R"))
    assert codes == dict.fromkeys(REGIONS, 1)
    assert not any("…" in line for lines in seen for line in lines)


def test_age_headings_and_nation_stand_on_every_page() -> None:
    """Every page has age, headings and nation, and its number."""
    for number in (0, 1):
        age, headings, nation, *_, last = page(number * PAGE_S)
        assert age.startswith("True 0.4 s ago")
        assert headings.split() == list(STATES)
        assert nation.split()[0] == "Nation"
        assert last.startswith(f"page {number + 1} of 2")


@pytest.mark.parametrize("seconds", [0.0, PAGE_S])
def test_a_screen_that_fits_has_no_pages(seconds: float) -> None:
    """On a tall terminal all of the screen is shown, without a page number."""
    assert len(page(seconds, height=60)) == 38


def test_a_short_screen_is_shown_as_it_is() -> None:
    """A screen of one line on a low terminal is that line."""
    console = Console(width=80, height=5)
    with console.capture() as captured:
        console.print(Pager(Text("nothing runs"), 1, 0.0))
    assert captured.get() == "nothing runs\n"
