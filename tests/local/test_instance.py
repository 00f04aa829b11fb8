"""One data directory is one instance; what it leaves is found again."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.local.instance import Instance, PartStatus, Status
from services.local.memory import started
from services.local.ports import free_ports, is_free, settle
from services.local.trouble import Trouble
from services.local.up import end_leftovers
from services.simulator.diary import Diary, Stint
from tests.servers import ended


def test_the_lock_is_free_again_however_its_holder_ends(tmp_path: Path) -> None:
    """While it is held a second holder is refused; after the block it is not."""
    instance = Instance(tmp_path)
    with instance.locked():
        assert instance.is_running()
        with pytest.raises(Trouble, match="Plek already runs"), instance.locked():
            pass
    assert not instance.is_running()


def test_a_status_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What one process publishes another reads, whole."""
    status = Status(7, {"prefix": "plek"}, (PartStatus("Kafka", "ready", "127.0.0.1:1", 8, 1.25, 0),))
    Instance(tmp_path).publish(status)
    assert Instance(tmp_path).status() == status


def test_a_diary_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What one sender of a country has written down the next one reads, whole; where none lived there is none."""
    assert Instance(tmp_path).diary is None
    diary = Diary(seed=7, stints=[Stint(0, 5, 60.0), Stint(120, 900, 1_440.0)], begun=130, sent=120, last="x")
    Instance(tmp_path).diary = diary
    assert Instance(tmp_path).diary == diary


def test_a_country_is_lived_once(tmp_path: Path) -> None:
    """A second sender is told so, also while the instance itself is held by `plek up`."""
    with (
        Instance(tmp_path).locked(),
        Instance(tmp_path).living(),
        pytest.raises(Trouble, match=r"lives in .* already"),
        Instance(tmp_path).living(),
    ):
        pytest.fail("two live in it")


@pytest.mark.parametrize(("early_s", "survives"), [(0, False), (1, True)])
def test_only_a_process_born_when_ours_was_is_ended(tmp_path: Path, early_s: float, *, survives: bool) -> None:
    """A process id used again by a stranger is left alone; our own leftover is ended."""
    with subprocess.Popen((sys.executable, "-c", "import time; time.sleep(600)")) as process:
        born = started(process.pid)
        assert born is not None
        instance = Instance(tmp_path)
        instance.publish(Status(os.getpid(), {}, (PartStatus("x", "ready", "", process.pid, born - early_s, 0),)))
        end_leftovers(instance)
        assert ended(process.pid, within_s=0.3) is not survives
        process.kill()


def test_ports_are_kept_where_they_are_free_and_never_shared() -> None:
    """A remembered port is taken again unless somebody listens there; all are different."""
    free, taken = free_ports(2)
    with socket.create_server(("127.0.0.1", taken)):
        ports = settle(["a", "b", "c"], {"a": free, "b": taken})
        assert not is_free(taken)
    assert ports["a"] == free
    assert ports["b"] != taken
    assert len(set(ports.values())) == 3
