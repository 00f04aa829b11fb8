"""`plek monitor` on figures that have been worked out, without a Plek that runs: a moment, figures, the report, a release that can't be."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.adapters.regions import read_regions
from services.adapters.wire import encode, key_of
from services.domain import events as e
from services.local.instance import Instance
from services.local.worlds import place
from services.monitor.building import build
from services.monitor.directory import Directory
from services.simulator.country import Country
from services.simulator.diary import Diary
from services.simulator.hours import DAY, start_of_year
from tests.monitor.archives import archived, spread
from tests.reference.log import Record

START = start_of_year(2023)
WORLD = "sim-fortnight"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let a country live for a fortnight, and work its figures out."""
    data = tmp_path_factory.mktemp("data")
    _lived(place(data, WORLD) / "monitor" / WORLD, Country(7, START), START + 14 * DAY)
    return data


def _lived(root: Path, country: Country, to: int) -> None:
    logged = list(country.until(to))
    for topic, demand in (("beds", False), ("demand", True)):
        of = [each for each in logged if isinstance(each.event.data, e.DEMAND_EVENTS) == demand]
        archived(root, topic, spread(Record(key_of(each.event).encode(), encode(each.event), each.at) for each in of))  # type: ignore[arg-type]  # one of two names
    build(Directory(root), frozenset(read_regions()))


def plek(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a verb of the monitor."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")} | {"COLUMNS": "160"}
    command = (sys.executable, "-m", "services.cli", "monitor", *words, "--world", WORLD, "--data", str(data))
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_a_moment_is_a_table_and_a_map(data: Path) -> None:
    """First of when, and that it is simulated; every region stands on the map."""
    shown = plek(data, "at", "2023-01-08T03:00").stdout
    first = shown.splitlines()[0]
    assert first.startswith("Simulated: this country was made up. As it was on Sunday 8 January 2023, 03:00 (Europe/Amsterdam);")
    assert [line.split()[0] for line in shown.splitlines() if line.split()[1:2] == ["1,000"]] == ["Nation"]
    assert all(region in shown for region in read_regions())


def test_figures_are_json_or_rows(data: Path) -> None:
    """The same numbers, with what they come from."""
    asked = ("figures", "occupancy", "hotel-nights", "--period", "2023-01", "--by", "province")
    told = json.loads(plek(data, *asked).stdout)
    assert told["simulated"] is True
    assert set(told["offsets"]) == {"beds", "demand"}
    lines = list(csv.DictReader(io.StringIO(plek(data, *asked, "--csv").stdout)))
    assert [None if line["value"] == "unknown" else float(line["value"]) for line in lines] == [
        row["value"] for figure in told["figures"] for row in figure["rows"]
    ]


def test_a_country_that_lives_at_the_front_door_is_made_up_too(data: Path, tmp_path: Path) -> None:
    """As in the demo: its log is called like a real one, and what was written down of the country says what it is."""
    shutil.copytree(place(data, WORLD) / "monitor" / WORLD, tmp_path / "monitor" / "plek")
    asked = (sys.executable, "-m", "services.cli", "monitor", "figures", "capacity", "--at", "2023-01-08", "--data", str(tmp_path))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")}

    refused = (sys.executable, "-m", "services.cli", "monitor", "release", "2023", "--publish", "--data", str(tmp_path))

    def simulated() -> bool:
        told = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout
        return bool(json.loads(told)["simulated"])

    assert not simulated()
    Instance(tmp_path).diary = Diary(seed=7)
    assert simulated()
    done = subprocess.run(refused, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("plek: A simulated country lives here, under the name of a real one: nothing of it is published")


def test_a_figure_of_a_household_is_asked_for_as_a_search_is(data: Path) -> None:
    """For how long nothing was free that takes her and her children: with a son of 17 for longer, and with neither she has to be named."""

    def share(*words: str) -> float:
        figures = json.loads(plek(data, "figures", "share-none-fitting", "--period", "2023-01-02..2023-01-14", *words).stdout)["figures"]
        return float(figures[0]["rows"][0]["value"])

    assert 0 <= share("--household", "1+1") <= share("--household", "1+1", "--boy", "17", "--not", "R01") <= 1
    assert share("--household", "1") < share("--household", "20+20") == 1
    for words, told in (((), "needs a household"), (("--men", "1"), "Of which household? --household ADULTS+CHILDREN")):
        assert told in plek(data, "figures", "share-none-fitting", "--period", "2023-01", *words).stderr


def test_a_moment_by_its_offset_is_the_same_moment(data: Path) -> None:
    """What has no offset is on the clock of Amsterdam, and a day is its four o'clock."""
    ways = ("2023-01-08", "2023-01-08T04:00", "2023-01-08T03:00Z", "2023-01-08T03:00+00:00")
    assert len({plek(data, "figures", "capacity", "--at", way).stdout for way in ways}) == 1


def test_a_year_the_log_does_not_go_back_to_is_unknown(data: Path, tmp_path: Path) -> None:
    """A country of two hours in November has no mean of the year: no number stands beside the press release but of a year that is known."""
    began = START - 38 * DAY
    _lived(place(tmp_path, WORLD) / "monitor" / WORLD, Country(7, began), began + DAY // 12)
    late = plek(tmp_path, "press", "2022").stdout.splitlines()
    assert [line for line in late[1:-1] if "  unknown " not in line] == []
    assert late[-1].startswith("unknown: nothing was logged of it, or the log begins after the first day")
    assert [line.split("  ")[-2] for line in plek(data, "press", "2023").stdout.splitlines() if line.startswith("places")] != ["unknown"]


def test_the_report_is_one_file(data: Path, tmp_path: Path) -> None:
    """Also of a year that has hardly begun: what is not known is unknown."""
    file = tmp_path / "report.html"
    done = plek(data, "report", "2023", "--out", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{file}: simulated, ")
    text = file.read_text("utf-8")
    assert text.count("<figure") == 10
    assert "onbekend" in text


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("at", "yesterday"), "Not a moment: write it as 2023-03-14T03:00, or 2023-03-14"),
        (("at", "2024-01-01"), "That has not come yet, or is not logged yet"),
        (("figures", "nonsense", "--period", "2023"), "FIGURE... is one of capacity, "),
        (("figures", "occupancy", "--period", "2023", "--kind", "castle"), "--kind is one of emergency, crisis, follow_up, assisted"),
        (("figures", "occupancy", "--period", "2023", "--region", "R99"), "There is no region of that code: they run from R01 to R35"),
        (("figures", "occupancy", "--period", "soon"), "Not a period: write it as 2023, 2023-03, or two moments with .. between them"),
        (("figures", "occupancy", "--period", "2023", "--by", "street"), "--by is one of region, province, kind, month, day"),
        (("report", "2023", "--out", "/proc/nowhere.html"), "/proc/nowhere.html can't be written: "),
    ],
)
def test_what_makes_no_sense_is_one_line(data: Path, words: tuple[str, ...], line: str) -> None:
    """On standard error, with exit code 2."""
    done = plek(data, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"plek: {line}")
    assert len(done.stderr.splitlines()) == 1


def test_without_figures_and_without_a_plek_that_runs_it_says_so(tmp_path: Path) -> None:
    """There is nothing to work them out from."""
    done = plek(tmp_path, "at", "2023-01-08")
    assert (done.returncode, done.stderr.startswith("plek: There are no figures here, and Plek does not run")) == (1, True)
