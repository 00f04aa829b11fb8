"""The verbs where nothing answers: one clear line, and an exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOWHERE = {"PLEK_KAFKA": "127.0.0.1:1", "PLEK_REDIS": "redis://127.0.0.1:1/0"}


def plek(data: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a verb where no instance runs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")}
    command = (sys.executable, "-m", "services.cli", *words)
    send = '{"specversion":"1.0"}'
    env = own | {"PLEK_DATA": str(data)} | environment
    return subprocess.run(command, env=env, input=send, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("verify",), "plek: Kafka can't be reached"),
        (("dead-letters",), "plek: Kafka can't be reached"),
        (("audit", "verify"), "plek: Kafka can't be reached"),
        (("emit", "--kafka", "-"), "plek: Kafka does not acknowledge at 127.0.0.1:1"),
        (("counts", "--redis", "--once"), "plek: Redis can't be reached"),
        (("counts", "--once", "--api", "http://127.0.0.1:1", "--token", "x"), "plek: The API can't be reached"),
        (("rebuild", "--all", "--yes"), "plek: Redis can't be reached"),
    ],
)
def test_the_environment_names_what_runs_elsewhere(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    """Without an instance the settings do; here they name servers that are not there. No library logs beside it."""
    done = plek(tmp_path, *words, **NOWHERE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(says)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("verify",), 1, "for one that runs elsewhere set PLEK_KAFKA and PLEK_REDIS"),
        (("emit", "-"), 1, "Plek does not run in"),
        (("emit", "/nowhere"), 2, "/nowhere can't be read: No such file"),
        (("emit", "-", "--kafka", "--token", "x"), 2, "leave out --token"),
        (("counts", "--redis", "--token", "x"), 2, "leave out --token"),
        (("counts", "--region", "R99", "--api", "http://127.0.0.1:1", "--token", "x"), 2, "They run from R01 to R35"),
        (("dead-letters", "--limit", "0"), 2, "Invalid value for '--limit'"),
        (("rebuild",), 2, "--partition N, once or more, or --all"),
        (("rebuild", "--all", "--partition", "1"), 2, "--partition N, once or more, or --all"),
    ],
)
def test_what_can_not_be_done_is_said_at_once(tmp_path: Path, words: tuple[str, ...], code: int, says: str) -> None:
    """Before anything is sent, read or asked."""
    done = plek(tmp_path, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert says.lower() in done.stderr.lower()
    assert len(done.stderr.splitlines()) == 1


def test_a_setting_that_is_misspelt_is_not_left_unseen(tmp_path: Path) -> None:
    """It would stand at its default; the name that was meant is told, the value never."""
    done = plek(tmp_path, "up", PLEK_CROWD_SHELTER="quite-secret")
    assert (done.returncode, done.stderr) == (2, "plek: PLEK_CROWD_SHELTER is no setting: PLEK_CROWD_SHELTERS is\n")


def test_a_partition_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """Partitions are numbered from 0."""
    done = plek(tmp_path, "rebuild", "--partition", "12", **NOWHERE)
    assert (done.returncode, done.stderr) == (2, "plek: There is no partition 12: they are numbered 0 to 11\n")
