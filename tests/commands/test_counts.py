"""The counts a person sees: first how true they are, and none where they would be wrong."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.view.memory_view import MemoryView
from services.adapters.view.port import Position
from services.commands.counting import STATES, Counted, of_looks
from services.commands.picture import drawn, lived_in
from services.domain.freshness import Limits
from services.local.instance import Instance
from services.simulator.diary import Diary
from tests import tapes
from tests.processor.logs import MemoryLog, Worker

NUMBERS = dict(zip(STATES, (1_008, 700, 100, 8, 50, 50, 100), strict=True))
NOW = 1_000_000
FINE = Counted(
    as_of=NOW - 400,
    now=NOW,
    rebuilding=False,
    halted={},
    national=NUMBERS,
    regions={"R07": NUMBERS, "R99": NUMBERS},
    shelters=120,
    silent=0,
)


def seen(counted: Counted) -> str:
    """Draw it as a terminal of plain text shows it."""
    console = Console(width=200, no_color=True)
    with console.capture() as captured:
        console.print(drawn(counted, Settings(), read_regions()))
    return captured.get()


def test_age_stands_before_the_numbers() -> None:
    """The first line says how old, the next ones how many; a region that the file does not know is shown by its code."""
    first, _, nation, *regions = seen(FINE).splitlines()
    assert first == "True 0.4 s ago, of 120 shelters"
    assert nation.split() == ["Nation", "1,008", "700", "100", "8", "50", "50", "100"]
    assert [line.split()[0] for line in regions] == ["R07", "R99"]


@pytest.mark.parametrize(
    ("counted", "says", "told"),
    [
        (replace(FINE, as_of=NOW - 15_001), "DEGRADED: older than 15 s", True),
        (replace(FINE, as_of=NOW - 60_001), "UNAVAILABLE: older than 60 s is not told. Phone", False),
        (replace(FINE, rebuilding=True), "REBUILDING", False),
        (replace(FINE, as_of=None), "not known when this was true", False),
        (replace(FINE, halted={"3": "of a newer version"}), "HALTED: partition 3 stands still: of a newer version", True),
        (replace(FINE, silent=1), "1 shelter not heard of for too long: its units are unknown, which is neither free nor full", True),
        (replace(FINE, silent=4), "4 shelters not heard of for too long: their units are unknown, which is neither free nor full", True),
    ],
)
def test_doubt_is_said_and_a_wrong_number_is_not(counted: Counted, says: str, told: bool) -> None:  # noqa: FBT001
    """Old numbers are marked, too old ones and half ones are not shown."""
    shown = seen(counted)
    assert says in shown
    assert ("1,008" in shown) is told


def test_one_region_can_be_asked_for() -> None:
    """One without shelters has noughts, the nation stays."""
    assert FINE.only("R07").regions == {"R07": NUMBERS}
    assert FINE.only("R01").regions == {"R01": dict.fromkeys(STATES, 0)}
    assert FINE.only("R01").national == NUMBERS


def test_json_has_the_age_beside_the_numbers() -> None:
    """Programs see the same."""
    document = FINE.document()
    assert (document["as_of"], document["age_seconds"]) == ("1970-01-01T00:16:39.600Z", 0.4)
    assert document["national"] == NUMBERS


async def test_the_view_itself_gives_the_same_numbers() -> None:
    """Straight from the view, at the reader's now, as two other programs have them."""
    log, view = MemoryLog().append(tapes.load("week")), MemoryView(1)
    expected = tapes.expected("week")
    worker = await Worker(view, log).assigned()
    await worker.read()
    await worker.keeper.tick([0], 9_000)
    counted = of_looks([await view.look(0)], 9_000, Limits())
    assert (counted.national, counted.regions) == (expected["national"], expected["regions"])
    assert (counted.as_of, counted.rebuilding, counted.shelters) == (9_000, False, len(expected["shelters"]))


async def test_a_view_that_is_not_whole_is_rebuilding() -> None:
    """A partition that was never folded, or is not at the end seen at assignment, may hold anything."""
    view = MemoryView(2)
    await view.begin(0, Position(offset=-1))
    looks = [await view.look(number) for number in range(2)]
    assert of_looks(looks, NOW, Limits()).rebuilding
    assert of_looks(looks, NOW, Limits()).as_of is None
    assert not of_looks(looks[:1], NOW, Limits()).rebuilding
    await view.assign(0, 7)
    assert of_looks([await view.look(0)], NOW, Limits()).rebuilding


def test_a_simulated_country_is_called_so(tmp_path: Path) -> None:
    """Where one lives, before any number; not where another instance is asked that runs elsewhere."""
    settings = Settings(data=tmp_path)
    assert lived_in(settings, elsewhere=False) == "live"
    Instance(tmp_path).diary = Diary(seed=7)
    assert lived_in(settings, elsewhere=True) == "live"
    counted = FINE.of(lived_in(settings, elsewhere=False))
    assert seen(counted).startswith("SIMULATED, not the real country, at 1970-01-01T00:16:40Z")
    assert counted.document()["world"] == "simulated"


async def test_the_clock_of_a_world_is_that_of_all_its_views() -> None:
    """Where demand goes on after the last word of any shelter, the shelters are looked at then."""
    view = MemoryView(1)
    await view.begin(0, Position(offset=0, clock=NOW, alive_at=NOW + 5))
    looks = [await view.look(0)]
    assert of_looks(looks, NOW + 5, Limits(), "simulated").now == NOW
    assert of_looks(looks, NOW + 5, Limits(), "simulated", NOW + 86_400_000).now == NOW + 86_400_000
    assert of_looks(looks, NOW + 5, Limits()).now == NOW + 5


def test_a_world_says_itself_what_it_is() -> None:
    """Whatever lives beside the front door of its instance."""
    assert replace(FINE, world="imported").of("simulated").world == "imported"
    assert not seen(FINE).startswith("SIMULATED")
    assert seen(replace(FINE, world="simulated", as_of=None)).splitlines()[0] == "SIMULATED, not the real country"
