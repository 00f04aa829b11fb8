"""`plek monitor` on figures that were worked out before, without a running instance: a moment, figures, the report, a refused release."""

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from services.adapters.codec.event_codec import encode, key_of
from services.adapters.regions import read_regions
from services.domain.events import catalog as e
from services.local.dataset_directory import dataset_directory
from services.local.instance.data_directory import DataDirectory
from services.monitor.archive.paths import MonitorPaths
from services.monitor.intervals.builder import build
from services.simulator.model.calendar import DAY, start_of_year
from services.simulator.resume_state import ResumeState
from services.simulator.simulation import Simulation
from tests.cli.typed import typed
from tests.monitor.archives import archived, spread
from tests.reference.log import Record

START = start_of_year(2023)
WORLD = "sim-fortnight"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with the figures of a simulated fortnight."""
    data = tmp_path_factory.mktemp("data")
    _lived(dataset_directory(data, WORLD) / "monitor" / WORLD, Simulation(7, START), START + 14 * DAY)
    return data


def _lived(root: Path, country: Simulation, to: int) -> None:
    logged = list(country.until(to))
    for topic, demand in (("beds", False), ("demand", True)):
        events = [each for each in logged if isinstance(each.event.data, e.DEMAND_EVENTS) == demand]
        archived(root, topic, spread(Record(key_of(each.event).encode(), encode(each.event), each.at) for each in events))  # type: ignore[arg-type]  # one of two names
    build(MonitorPaths(root), frozenset(read_regions()))


def plek(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a verb of the monitor."""
    return typed("monitor", *words, "--world", WORLD, "--data", str(data), environment={"COLUMNS": "160"})


def test_a_moment_is_a_table_and_a_map(data: Path) -> None:
    """A moment begins with its time and that it is simulated; the map has every region."""
    shown = plek(data, "at", "2023-01-08T03:00").stdout
    first = shown.splitlines()[0]
    assert first.startswith("Simulated: this country was made up. As it was on Sunday 8 January 2023, 03:00 (Europe/Amsterdam, +0100);")
    assert [line.split()[0] for line in shown.splitlines() if line.split()[1:2] == ["1,000"]] == ["Nation"]
    assert all(region in shown for region in read_regions())


def test_figures_are_json_or_rows(data: Path) -> None:
    """Figures have the same numbers as JSON and as CSV, the JSON with offsets."""
    asked = ("figures", "occupancy", "hotel-nights", "--period", "2023-01", "--by", "province")
    document = json.loads(plek(data, *asked, "--json").stdout)
    assert document["simulated"] is True
    assert set(document["offsets"]) == {"beds", "demand"}
    lines = list(csv.DictReader(io.StringIO(plek(data, *asked, "--csv").stdout)))
    assert [None if line["value"] == "unknown" else float(line["value"]) for line in lines] == [
        row["value"] for figure in document["figures"] for row in figure["rows"]
    ]


def test_a_demo_is_simulated_too(data: Path, tmp_path: Path) -> None:
    """The log of a demo has the name of a real one; the file of its country makes its figures simulated, and no release is published."""
    shutil.copytree(dataset_directory(data, WORLD) / "monitor" / WORLD, tmp_path / "monitor" / "plek")

    def simulated() -> bool:
        asked = typed("monitor", "figures", "capacity", "--at", "2023-01-08", "--json", "--data", str(tmp_path))
        return bool(json.loads(asked.stdout)["simulated"])

    assert not simulated()
    DataDirectory(tmp_path).resume_state = ResumeState(seed=7)
    assert simulated()
    done = typed("monitor", "release", "2023", "--publish", "--data", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("plek: A simulated country lives here, under the name of a real one: nothing of it is published")


def test_a_figure_of_a_household_takes_the_options_of_a_search(data: Path) -> None:
    """The share of time without a fitting place grows with a son of 17 and excluded regions; without a household the figure is refused."""

    def share(*words: str) -> float:
        asked = plek(data, "figures", "share-none-fitting", "--json", "--period", "2023-01-02..2023-01-14", *words)
        return float(json.loads(asked.stdout)["figures"][0]["rows"][0]["value"])

    assert 0 <= share("--household", "1+1") <= share("--household", "1+1", "--boy", "17", "--not", "R01") <= 1
    assert share("--household", "1") < share("--household", "20+20") == 1
    for words, line in (((), "needs a household"), (("--men", "1"), "Of which household? --household ADULTS+CHILDREN")):
        assert line in plek(data, "figures", "share-none-fitting", "--period", "2023-01", *words).stderr


def test_a_moment_by_its_offset_is_the_same_moment(data: Path) -> None:
    """A moment without an offset is on the clock of Amsterdam, and a day is its midnight."""
    ways = ("2023-01-08", "2023-01-08T00:00", "2023-01-07T23:00Z", "2023-01-07T23:00+00:00")
    assert len({plek(data, "figures", "capacity", "--at", way).stdout for way in ways}) == 1


def test_every_way_to_name_a_time_gives_the_same_digits(data: Path) -> None:
    """A day, the two midnights around it and its two moments are one period; a month is a month; a year is cut off where the log ends."""

    def rows(*words: str) -> list[dict[str, object]]:
        document = json.loads(plek(data, "figures", "occupancy", "--json", *words).stdout)
        return [row for figure in document["figures"] for row in figure["rows"]]

    day = rows("--period", "2023-01-08")
    assert day == rows("--period", "2023-01-08..2023-01-09") == rows("--from", "2023-01-08", "--to", "2023-01-08T23:00:00Z")
    assert [(row["start"], row["end"]) for row in day] == [("2023-01-07T23:00:00Z", "2023-01-08T23:00:00Z")]
    whole = rows("--period", "2023")
    assert whole == rows("--year", "2023")
    assert whole[0]["value"] == rows("--month", "2023-01")[0]["value"]
    assert str(whole[0]["end"]).startswith("2023-01-14T")


def test_figures_are_a_table(data: Path) -> None:
    """Without a word more a figure is a table: what it is, from when to when by the Dutch clock, a line a place, and its parts in words."""
    shown = plek(data, "figures", "stays-ended", "--period", "2023-01-08", "--by", "province").stdout.splitlines()
    assert shown[0].startswith("Simulated: this country was made up. ")
    assert "Stays that ended (stays), from 2023-01-08 00:00 (+0100) to 2023-01-09 00:00 (+0100)" in [line.strip() for line in shown]
    assert {"Netherlands", "Zeeland"} <= {line.split()[0] for line in shown if line.strip()}
    headings, line = (next(each for each in shown if word in each).split("  ") for word in ("own home", "Netherlands   "))
    assert len([each for each in headings if each.strip()]) == len([each for each in line[1:] if each.strip()])


def test_days_to_come_are_no_rows(data: Path) -> None:
    """Of a month of which half is logged a table by day has a line for the whole, and one for each day that has come."""
    shown = plek(data, "figures", "searches", "--month", "2023-01", "--by", "day").stdout
    assert len([line for line in shown.splitlines() if line.startswith("Netherlands")]) == 1 + 14
    assert "unknown  " not in shown.partition("still open")[2]


def test_figures_open_in_a_dutch_excel(data: Path) -> None:
    """For Excel a file begins with a byte order mark and has semicolons, decimal commas and Dutch times; its numbers are the same."""
    asked = ("figures", "occupancy", "--period", "2023-01-08", "--by", "province")
    plain = list(csv.DictReader(io.StringIO(plek(data, *asked, "--csv").stdout)))
    written = plek(data, *asked, "--for", "excel").stdout
    assert written.startswith("\ufeff")
    excel = list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff")), delimiter=";"))
    assert [row["value"].replace(",", ".") for row in excel] == [row["value"] for row in plain]
    assert any("," in row["value"] for row in excel)
    assert {(row["start"], row["end"]) for row in excel} == {("2023-01-08 00:00:00", "2023-01-09 00:00:00")}


def test_a_year_before_the_log_is_unknown(data: Path, tmp_path: Path) -> None:
    """A year of which the log has two hours has no number beside the press release; a year that it has from its start has."""
    began = START - 38 * DAY
    _lived(dataset_directory(tmp_path, WORLD) / "monitor" / WORLD, Simulation(7, began), began + DAY // 12)
    late = plek(tmp_path, "press", "2022").stdout.splitlines()
    assert [line for line in late[1:-1] if "  unknown " not in line] == []
    assert late[-1].startswith("unknown: nothing was logged of it, or the log begins after the first day")
    assert [line.split("  ")[-2] for line in plek(data, "press", "2023").stdout.splitlines() if line.startswith("places")] != ["unknown"]


def test_the_report_is_one_file(data: Path, tmp_path: Path) -> None:
    """The report of a year that has hardly begun is one file, with *onbekend* for what is not known."""
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
        (("at", "yesterday"), "Not a moment: write it as 2023-03-14 (its midnight), 2023-03-14T03:00 on the Dutch clock"),
        (("at", "2023-03-26T02:30"), "That night the Dutch clock went from two to three: this time does not exist"),
        (("figures", "occupancy", "--year", "2023", "--month", "2023-01"), "One time: --period, --year, --month, or --from with --to"),
        (("figures", "occupancy", "--from", "2023-01-02"), "One time: --period, --year, --month, or --from with --to"),
        (("figures", "occupancy", "--from", "2023-01-02", "--to", "2023-01-01"), "The end is not after the start"),
        (("figures", "occupancy", "--year", "2023", "--for", "word"), "--for is one of excel"),
        (("at", "2024-01-01"), "That has not come yet, or is not logged yet"),
        (("figures", "nonsense", "--period", "2023"), "FIGURE... is one of capacity, "),
        (("figures", "occupancy", "--period", "2023", "--kind", "castle"), "--kind is one of emergency, crisis, follow_up, assisted"),
        (("figures", "occupancy", "--period", "2023", "--region", "R99"), "--region: no region has that name; `plek regions` lists them"),
        (("figures", "occupancy", "--period", "soon"), "Not a period: write it as 2023, 2023-03, 2023-03-14, or two moments with .."),
        (("figures", "occupancy", "--period", "2023", "--by", "street"), "--by is one of region, province, kind, month, day"),
        (("report", "2023", "--out", "/proc/nowhere.html"), "/proc/nowhere.html can't be written: "),
    ],
)
def test_a_wrong_command_line_is_one_line(data: Path, words: tuple[str, ...], line: str) -> None:
    """A wrong moment, figure, kind, region or file ends the verb with one line and exit code 2."""
    done = plek(data, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"plek: {line}")
    assert len(done.stderr.splitlines()) == 1


def test_without_figures_and_without_an_instance_it_ends(tmp_path: Path) -> None:
    """Without figures and without a running instance the verb ends with what to type."""
    done = plek(tmp_path, "at", "2023-01-08")
    assert (done.returncode, done.stderr.startswith("plek: There are no figures here, and Plek does not run")) == (1, True)
