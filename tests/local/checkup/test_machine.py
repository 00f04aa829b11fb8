"""What `plek doctor` says of a machine: each thing that can be wrong, with its cause and what to do."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from services.local.checkup import machine
from services.local.checkup.finding import State
from services.local.servers.kafka_jars import Jar
from services.local.start_checks import LEAST_FREE

PINNED = [Requirement("orjson==3.11.0"), Requirement("redis==8.0.0")]


@pytest.mark.parametrize(("version", "state"), [((3, 10, 9), "wrong"), ((3, 11, 0), "ok"), ((3, 13, 1), "ok")])
def test_a_python_that_is_too_old_is_wrong(version: tuple[int, ...], state: State) -> None:
    """The version is said, and from 3.11 on it is right."""
    assert machine.check_python(version).state == state


@pytest.mark.parametrize(
    ("versions", "state", "says"),
    [
        ({"orjson": "3.11.0", "redis": "8.0.0"}, "ok", "2 as pinned"),
        ({"orjson": "3.11.0", "redis": "7.9.9"}, "warning", "redis 7.9.9 (tested: 8.0.0)"),
        ({"orjson": "3.10.0"}, "wrong", "missing: redis"),
    ],
)
def test_packages_are_those_that_were_tested(versions: dict[str, str], state: State, says: str) -> None:
    """One that is missing is wrong, another version is a warning with both versions."""
    finding = machine.check_packages(PINNED, versions.get)
    assert (finding.state, says in finding.cause) == (state, True)


def test_the_pins_are_those_of_the_lock() -> None:
    """The lock beside the code names the packages, with what their versions must be; without one the wheel does."""
    names = {each.name: str(each.specifier) for each in machine.pins()}
    assert names["faust-streaming"].startswith("==")
    assert machine.check_packages(machine.pins(), machine.installed).state == "ok"
    assert "redis" in {each.name for each in machine.pins(Path("/no/such/file"))}


def test_a_folder_that_can_not_be_made_is_wrong(tmp_path: Path) -> None:
    """The nearest folder that exists decides: here a file stands in the way of nothing, and /proc takes no folder."""
    assert machine.check_home(tmp_path / "cache" / "plek").state == "ok"
    assert machine.nearest_folder(tmp_path / "a" / "b") == tmp_path
    assert machine.check_home(Path("/proc/1/none")).name == "folder of downloads"


def test_kafkas_files_that_are_missing_or_damaged_are_a_warning(tmp_path: Path) -> None:
    """A start downloads them, so that it needs the registry: said before, not wrong."""
    jar = Jar("org.example:thing:1.0", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    assert "1 of 1" in machine.check_jars(tmp_path, [jar]).cause
    (tmp_path / "jars").mkdir()
    file = tmp_path / "jars" / jar.filename
    file.write_bytes(b"")
    assert machine.check_jars(tmp_path, [jar]).state == "ok"
    file.write_bytes(b"damaged")
    assert machine.check_jars(tmp_path, [jar]).state == "warning"


@pytest.mark.parametrize(("left", "state"), [(LEAST_FREE - 1, "wrong"), (2 * LEAST_FREE, "warning"), (5 * LEAST_FREE, "ok")])
def test_a_disk_that_fills_is_said_before_it_is_full(tmp_path: Path, left: int, state: State) -> None:
    """Below what a start needs it is wrong, with little left a warning."""
    assert machine.check_disk("disk", tmp_path / "none", lambda _: left).state == state
