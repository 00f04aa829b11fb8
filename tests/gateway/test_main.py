"""The gateway as a program."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e


def test_a_data_set_that_is_not_live_has_no_gateway() -> None:
    """The program ends with 2, and says in one line which command writes such a data set."""
    command = (sys.executable, "-m", "services.gateway")
    done = subprocess.run(command, env=os.environ | {"PLEK_PREFIX": "sim-1"}, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "PLEK_PREFIX: a world that is simulated has no gateway; `plek import` writes one\n"
