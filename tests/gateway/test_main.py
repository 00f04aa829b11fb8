"""The gateway as a program."""

import os
import subprocess
import sys


def test_a_country_that_is_not_the_real_one_has_no_gateway() -> None:
    """Whoever starts one is told in a line what writes such a country instead."""
    command = (sys.executable, "-m", "services.gateway")
    done = subprocess.run(command, env=os.environ | {"PLEK_PREFIX": "sim-1"}, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "PLEK_PREFIX: a world that is simulated has no gateway; `plek import` writes one\n"
