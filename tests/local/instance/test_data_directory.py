"""One data directory is one instance: its locks, its status, its ports, and the processes it has left."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.local.instance.data_directory import ComponentStatus, DataDirectory, Status
from services.local.processes.free_ports import choose_ports, free_ports, is_free
from services.local.processes.memory_usage import start_time
from services.local.up import end_leftovers
from services.local.user_error import UserError
from services.simulator.resume_state import ResumeState, Stint
from tests.servers import ended


def test_the_lock_is_free_again_however_its_holder_ends(tmp_path: Path) -> None:
    """A held data directory refuses a second holder; after the block it is free."""
    instance = DataDirectory(tmp_path)
    with instance.lock():
        assert instance.is_running()
        with pytest.raises(UserError, match="Plek already runs"), instance.lock():
            pass
    assert not instance.is_running()


def test_its_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """A data directory that others could read is closed to them, and so is each file that is written while it is held."""
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    data.chmod(0o755)
    with DataDirectory(data).lock():
        (data / "folder").mkdir()
        (data / "folder" / "file").touch()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (data, data / "folder", data / "folder" / "file", data / "lock")}
    assert modes == {"data": 0o700, "folder": 0o700, "file": 0o600, "lock": 0o600}
    (data / "later").touch()
    assert (data / "later").stat().st_mode & 0o777 == 0o666 & ~_umask(), "what is written afterwards has the mode of the user"


def _umask() -> int:
    os.umask(now := os.umask(0o022))
    return now


def test_a_status_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A status that one process writes is read by another as it was."""
    status = Status(7, {"prefix": "plek"}, (ComponentStatus("Kafka", "ready", "127.0.0.1:1", 8, 1.25, 0),))
    DataDirectory(tmp_path).write_status(status)
    assert DataDirectory(tmp_path).read_status() == status


def test_a_resume_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    """The resume state of a country is read as it was written; a new data directory has none."""
    assert DataDirectory(tmp_path).resume_state is None
    state = ResumeState(seed=7, stints=[Stint(0, 5, 60.0), Stint(120, 900, 1_440.0)], begun=130, sent=120, last="x")
    DataDirectory(tmp_path).resume_state = state
    assert DataDirectory(tmp_path).resume_state == state


def test_a_country_has_one_sender(tmp_path: Path) -> None:
    """A second sender of a simulated country is refused, also while `plek up` holds the instance."""
    with (
        DataDirectory(tmp_path).lock(),
        DataDirectory(tmp_path).simulation_lock(),
        pytest.raises(UserError, match=r"lives in .* already"),
        DataDirectory(tmp_path).simulation_lock(),
    ):
        pytest.fail("two processes hold it")


@pytest.mark.e2e
@pytest.mark.parametrize(("early_s", "survives"), [(0, False), (1, True)])
def test_only_a_process_with_our_start_time_is_ended(tmp_path: Path, early_s: float, *, survives: bool) -> None:
    """A leftover of ours is ended; a later process with the same id is left alone."""
    with subprocess.Popen((sys.executable, "-c", "import time; time.sleep(600)")) as process:
        start = start_time(process.pid)
        assert start is not None
        instance = DataDirectory(tmp_path)
        instance.write_status(Status(os.getpid(), {}, (ComponentStatus("x", "ready", "", process.pid, start - early_s, 0),)))
        end_leftovers(instance)
        assert ended(process.pid, within_s=0.3) is not survives
        process.kill()


def test_ports_are_kept_where_they_are_free_and_never_shared() -> None:
    """A remembered port is chosen again unless a process listens there; all ports differ."""
    free, taken = free_ports(2)
    with socket.create_server(("127.0.0.1", taken)):
        ports = choose_ports(["a", "b", "c"], {"a": free, "b": taken})
        assert not is_free(taken)
    assert ports["a"] == free
    assert ports["b"] != taken
    assert len(set(ports.values())) == 3
