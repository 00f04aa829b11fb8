"""The counts on a terminal: their age first, and no number that may be wrong."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from services.adapters.config.settings import Settings
from services.adapters.regions import read_regions
from services.adapters.view.ports import Position
from services.cli.output.counts_model import STATES, CountsModel, counts_of_view
from services.cli.output.counts_table import counts_screen, kind_of_instance
from services.domain.beds.staleness import StalenessLimits
from services.local.instance.data_directory import DataDirectory
from services.simulator.resume_state import ResumeState
from tests import tapes
from tests.processor.logs import MemoryLog, Worker
from tests.twins.memory_view import MemoryView

NUMBERS = dict(zip(STATES, (1_008, 700, 100, 8, 50, 50, 100), strict=True))
NOW = 1_000_000
FINE = CountsModel(
    as_of=NOW - 400,
    now=NOW,
    rebuilding=False,
    halted={},
    national=NUMBERS,
    regions={"R07": NUMBERS, "R99": NUMBERS},
    shelters=120,
    silent=0,
)


def seen(counts: CountsModel) -> str:
    """Draw it as a terminal of plain text shows it."""
    console = Console(width=200, no_color=True)
    with console.capture() as captured:
        console.print(counts_screen(counts, Settings(), read_regions()).drawing)
    return captured.get()


def test_age_stands_before_the_numbers() -> None:
    """The first line says how old, the next ones how many; a region that the file does not know is shown by its code."""
    first, _, nation, *regions = seen(FINE).splitlines()
    assert first == "True 0.4 s ago, of 120 shelters"
    assert nation.split() == ["Nation", "1,008", "700", "100", "8", "50", "50", "100"]
    assert [line.split()[0] for line in regions] == ["R07", "R99"]


@pytest.mark.parametrize(
    ("counts", "line", "has_numbers"),
    [
        (replace(FINE, as_of=NOW - 15_001), "DEGRADED: older than 15 s", True),
        (replace(FINE, as_of=NOW - 60_001), "UNAVAILABLE: no counts older than 60 s are shown. Phone", False),
        (replace(FINE, rebuilding=True), "REBUILDING", False),
        (replace(FINE, as_of=None), "not known when this was true", False),
        (replace(FINE, halted={"3": "of a newer version"}), "HALTED: partition 3 stands still: of a newer version", True),
        (replace(FINE, silent=1), "1 shelter not heard of for too long: its units are unknown, which is neither free nor full", True),
        (replace(FINE, silent=4), "4 shelters not heard of for too long: their units are unknown, which is neither free nor full", True),
    ],
)
def test_a_number_that_may_be_wrong_is_not_shown(counts: CountsModel, line: str, has_numbers: bool) -> None:  # noqa: FBT001
    """Old numbers have a warning; those that are too old or incomplete are not shown."""
    shown = seen(counts)
    assert line in shown
    assert ("1,008" in shown) is has_numbers


def test_one_region_can_be_asked_for() -> None:
    """One region can be chosen beside the nation; without shelters its numbers are 0."""
    assert FINE.only_region("R07").regions == {"R07": NUMBERS}
    assert FINE.only_region("R01").regions == {"R01": dict.fromkeys(STATES, 0)}
    assert FINE.only_region("R01").national == NUMBERS


def test_json_has_the_age_beside_the_numbers() -> None:
    """The JSON has the time and the age of its numbers."""
    document = FINE.document()
    assert (document["as_of"], document["age_seconds"]) == ("1970-01-01T00:16:39.600Z", 0.4)
    assert document["national"] == NUMBERS


async def test_the_view_itself_gives_the_same_numbers() -> None:
    """The counts of the view at the reader's now are those of two other programs."""
    log, view = MemoryLog().append(tapes.load("week")), MemoryView(1)
    expected = tapes.expected("week")
    worker = await Worker(view, log).assigned()
    await worker.read()
    await worker.manager.tick([0], 9_000)
    counts = counts_of_view([await view.read_partition(0)], 9_000, StalenessLimits())
    assert (counts.national, counts.regions) == (expected["national"], expected["regions"])
    assert (counts.as_of, counts.rebuilding, counts.shelters) == (9_000, False, len(expected["shelters"]))


async def test_a_view_that_is_not_complete_is_rebuilding() -> None:
    """A partition that was never folded, or has not reached its end at assignment, makes the counts incomplete."""
    view = MemoryView(2)
    await view.begin(0, Position(offset=-1))
    looks = [await view.read_partition(number) for number in range(2)]
    assert counts_of_view(looks, NOW, StalenessLimits()).rebuilding
    assert counts_of_view(looks, NOW, StalenessLimits()).as_of is None
    assert not counts_of_view(looks[:1], NOW, StalenessLimits()).rebuilding
    await view.assign(0, 7)
    assert counts_of_view([await view.read_partition(0)], NOW, StalenessLimits()).rebuilding


def test_a_simulated_country_is_labelled(tmp_path: Path) -> None:
    """A simulated country in a demo is labelled before any number; one of another instance is not known here."""
    settings = Settings(data=tmp_path)
    assert kind_of_instance(settings, elsewhere=False) == "live"
    DataDirectory(tmp_path).resume_state = ResumeState(seed=7)
    assert kind_of_instance(settings, elsewhere=True) == "live"
    counts = FINE.labelled(kind_of_instance(settings, elsewhere=False))
    assert seen(counts).startswith("SIMULATED, not the real country, at 1970-01-01T00:16:40Z")
    assert counts.document()["world"] == "simulated"


async def test_a_world_has_the_latest_clock_of_its_views() -> None:
    """The counts of a world are at the clock of its demand, where that is later than the last event of a shelter."""
    view = MemoryView(1)
    await view.begin(0, Position(offset=0, clock=NOW, alive_at=NOW + 5))
    looks = [await view.read_partition(0)]
    assert counts_of_view(looks, NOW + 5, StalenessLimits(), "simulated").now == NOW
    assert counts_of_view(looks, NOW + 5, StalenessLimits(), "simulated", NOW + 86_400_000).now == NOW + 86_400_000
    assert counts_of_view(looks, NOW + 5, StalenessLimits()).now == NOW + 5


def test_a_world_keeps_its_own_label() -> None:
    """A world that is imported is not relabelled by what its instance has."""
    assert replace(FINE, world="imported").labelled("simulated").world == "imported"
    assert not seen(FINE).startswith("SIMULATED")
    assert seen(replace(FINE, world="simulated", as_of=None)).splitlines()[0] == "SIMULATED, not the real country"
