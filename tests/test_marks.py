"""What a test may start follows from its marker, so that `make test-fast` starts nothing."""

import subprocess
import sys

import pytest

from tests.conftest import ProcessStartedError


def test_without_the_marker_no_process_is_started() -> None:
    """A test that is not marked `e2e` and starts a process fails, whatever catches exceptions in between."""
    with pytest.raises(ProcessStartedError, match="not marked e2e"):
        subprocess.run((sys.executable, "-c", "pass"), check=True)


def test_without_the_marker_there_is_no_redis(redis_url: str) -> None:
    """Where a suite runs on a twin in memory too, the twin has the address of no server."""
    assert redis_url == "redis://127.0.0.1:1/0"


@pytest.mark.e2e
def test_with_the_marker_a_process_is_started() -> None:
    """A test that is marked `e2e` starts what it needs."""
    subprocess.run((sys.executable, "-c", "pass"), check=True)
