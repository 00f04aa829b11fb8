"""`plek simulate` as a user types it: live on real Kafka, Faust and Valkey, as a recording, as a table."""

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from services.cli.datasets.live_simulation import describe_differences
from tests.cli.spine import Spine, spine
from tests.controlled_servers import Kafka, Valkey
from tests.progress_lines import without_progress
from tests.sent import registered
from tests.waiting import until

_AGREES = "The instance shows what is true of the country, to the unit"


@pytest_asyncio.fixture(loop_scope="session")
async def plek(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> AsyncIterator[Spine]:
    """All of Plek, with nothing in it."""
    (tmp_path / prefix).mkdir()
    async with spine(kafka, valkey, tmp_path / prefix) as running:
        yield running


async def _is_inhabited(plek: Spine) -> bool:
    return bool(plek.json("counts", "--json")["national"]["occupied"])


def _typed(*words: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "services.cli", "simulate", *words)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout, without_progress(done.stderr))


@pytest.mark.e2e
@pytest.mark.asyncio(loop_scope="session")
async def test_a_live_country_and_the_registry_agree(plek: Spine) -> None:
    """The API shows the ground truth of a live country, which goes on where it stood still; a country of another seed is refused."""
    done = plek.plek("simulate", "--live", "--speed", "3600", "--minutes", "0.3", "--seed", "3")
    assert (done.returncode, done.stderr) == (0, "")
    first, last = done.stdout.splitlines()
    assert "0 refused" in first
    assert last == _AGREES
    shelters = len(plek.json("counts", "--json")["regions"])
    again = plek.plek("simulate", "--live", "--speed", "600", "--minutes", "0.1")
    assert (again.returncode, again.stderr, again.stdout.splitlines()[-1]) == (0, "", _AGREES)
    assert "seed 3" in again.stdout
    assert len(plek.json("counts", "--json")["regions"]) == shelters
    other = plek.plek("simulate", "--live", "--seed", "4")
    assert (other.returncode, other.stderr) == (2, "plek: The country of seed 3 lives here: give another one an instance of its own\n")


@pytest.mark.e2e
@pytest.mark.asyncio(loop_scope="session")
async def test_no_country_begins_where_there_are_shelters(plek: Spine) -> None:
    """A live country is refused in an instance that has shelters of its own."""
    assert plek.plek("emit", "-", send=json.dumps(registered())).returncode == 0
    await until(lambda: plek.json("counts", "--json")["shelters"] == 1)
    refused = plek.plek("simulate", "--live")
    assert refused.returncode == 2
    assert refused.stderr.startswith("plek: This instance has shelters already")


@pytest.mark.e2e
@pytest.mark.asyncio(loop_scope="session")
async def test_ctrl_c_ends_a_live_country_cleanly(plek: Spine) -> None:
    """After Ctrl-C what is under way is sent, and the API compared with the ground truth."""
    command, environment = plek.command("simulate", "--live", "--speed", "600")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        await until(partial(_is_inhabited, plek))
        running.send_signal(signal.SIGINT)
        said, wrong = running.communicate(timeout=60)
    assert (running.returncode, without_progress(wrong)) == (0, "")
    assert said.splitlines()[-1] == _AGREES


def test_shelters_of_others_are_counted_apart() -> None:
    """A shelter that a country does not know, as that of docs/first-event.md, is counted apart from the differences."""
    true = {name: {"a": 1} for name in ("shelters", "holds", "regions", "national", "fallbacks", "entries")}
    assert describe_differences(true, true) == ""
    wrong = true | {"regions": {"a": 2}}
    assert describe_differences(wrong, true) == "The instance differs from what is true: regions 1"
    with_others = wrong | {"shelters": {"a": 1, "berk": 1}}
    assert describe_differences(with_others, true).endswith(": shelters 1, regions 1; shelters of another sender: 1")


@pytest.mark.long
@pytest.mark.e2e
def test_a_year_is_written_as_a_recording(tmp_path: Path) -> None:
    """The recording of a year is written under its own name only when complete, and the message says that it is simulated."""
    done = _typed("--year", "2023", "--seed", "7", "--out", str(tmp_path / "year.jsonl"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "simulated, seed 7" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["year.jsonl"]


@pytest.mark.long
@pytest.mark.e2e
def test_the_table_compares_with_the_press_release() -> None:
    """The table has a row for each figure that is known, beside what is known."""
    done = _typed("--table")
    assert (done.returncode, done.stderr) == (0, "")
    assert "hotel nights in 2023" in done.stdout
    assert "over 3,000 (2023)" in done.stdout


@pytest.mark.e2e
@pytest.mark.parametrize("words", [(), ("--live", "--table"), ("--out", "x", "--table")])
def test_exactly_one_kind_of_output_is_chosen(words: tuple[str, ...]) -> None:
    """Without exactly one of the options for where the country goes, the command ends with code 2."""
    done = _typed(*words)
    assert (done.returncode, done.stderr) == (2, "plek: Say one of --live, --into WORLD, --out FILE and --table\n")


@pytest.mark.e2e
def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A path that can't be written ends the command in one line, before a year is simulated."""
    done = _typed("--out", str(tmp_path / "none" / "year.jsonl"))
    assert done.returncode == 2
    assert "can't be written: No such file or directory" in done.stderr
