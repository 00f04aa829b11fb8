"""What is checked before anything starts: one line each, with the cause and what to do."""

import os
import socket
from pathlib import Path

import pytest

from services.adapters.config.settings import Settings
from services.local.instance.data_directory import DataDirectory
from services.local.layout import plan_layout
from services.local.start_checks import LEAST_FREE, check_start
from services.local.user_error import UserError
from services.simulator.resume_state import ResumeState


@pytest.fixture
def instance(tmp_path: Path) -> DataDirectory:
    """Return an instance that does not run."""
    return DataDirectory(tmp_path)


def with_a_shelter(instance: DataDirectory) -> None:
    """Give the log of an instance an event."""
    segment = instance.data / "kafka" / "log" / "plek.bed-events-3" / "00000000000000000000.log"
    segment.parent.mkdir(parents=True)
    segment.write_bytes(b"an event")


def test_an_instance_that_can_start_is_let_start(instance: DataDirectory) -> None:
    """A new instance passes, a demo too, and one with a log of its own that is no demo."""
    layout = plan_layout(Settings(), instance, 1)
    check_start(layout, instance, demo=True)
    with_a_shelter(instance)
    check_start(layout, instance, demo=False)


def test_a_port_in_use_is_named_with_its_variable(instance: DataDirectory) -> None:
    """The line has the port, the component that needs it, and the variable that sets another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        layout = plan_layout(Settings.model_validate({"api_port": port}), instance, 1)
        with pytest.raises(UserError, match=rf"Port {port} is in use by .*\(process {os.getpid()}\), and api needs it: .*PLEK_API_PORT"):
            check_start(layout, instance, demo=False)


def test_a_full_disk_is_said(instance: DataDirectory) -> None:
    """Below what Kafka needs for its first files nothing is started."""
    layout = plan_layout(Settings(), instance, 1)
    with pytest.raises(UserError, match="has 499 MB left, and Plek needs 500 MB"):
        check_start(layout, instance, demo=False, free=lambda _: LEAST_FREE - 1)


def test_a_demo_is_not_mixed_with_shelters(instance: DataDirectory) -> None:
    """A demo on a log with events of its own is refused before anything starts; on one that was a demo before it is not."""
    layout = plan_layout(Settings(), instance, 1)
    with_a_shelter(instance)
    with pytest.raises(UserError, match="has shelters of its own"):
        check_start(layout, instance, demo=True)
    instance.resume_state = ResumeState(seed=1)
    check_start(layout, instance, demo=True)
