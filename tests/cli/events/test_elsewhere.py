"""Verbs without a running instance end with one clear line and an exit code."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.typed import typed
from tests.forked import run_verb

SENT = '{"specversion":"1.0"}'
NOWHERE = {"PLEK_KAFKA": "127.0.0.1:1", "PLEK_REDIS": "redis://127.0.0.1:1/0"}


def plek(data: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a verb as a process, with this data directory, in which no instance runs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")}
    return run_verb(words, own | {"PLEK_DATA": str(data)} | environment, SENT, within_s=60)


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("words", "line"),
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
def test_the_environment_names_what_runs_elsewhere(tmp_path: Path, words: tuple[str, ...], line: str) -> None:
    """Without an instance the environment names the servers; where these are away, one line says so, and no library logs beside it."""
    done = plek(tmp_path, *words, **NOWHERE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(line)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("verify",), 1, "for one that runs elsewhere set PLEK_KAFKA and PLEK_REDIS"),
        (("emit", "-"), 1, "Plek does not run in"),
        (("emit", "/nowhere"), 2, "/nowhere can't be read: No such file"),
        (("emit", "-", "--kafka", "--token", "x"), 2, "leave out --token"),
        (("counts", "--redis", "--token", "x"), 2, "leave out --token"),
        (("counts", "--region", "R99", "--api", "http://127.0.0.1:1", "--token", "x"), 2, "--region: no region has that name"),
        (("dead-letters", "--limit", "0"), 2, "Invalid value for '--limit'"),
        (("rebuild",), 2, "--partition N, once or more, or --all"),
        (("rebuild", "--all", "--partition", "1"), 2, "--partition N, once or more, or --all"),
    ],
)
def test_a_wrong_command_line_ends_at_once(tmp_path: Path, words: tuple[str, ...], code: int, text: str) -> None:
    """A wrong command line ends the verb before anything is sent, read or asked."""
    done = typed(*words, send=SENT, environment={"PLEK_DATA": str(tmp_path)})
    assert (done.returncode, done.stdout) == (code, "")
    assert text.lower() in done.stderr.lower()
    assert len(done.stderr.splitlines()) == 1


def test_a_misspelt_setting_is_named(tmp_path: Path) -> None:
    """A misspelt setting, which would keep its default, ends the verb with the right name, and without its value."""
    done = typed("up", environment={"PLEK_DATA": str(tmp_path), "PLEK_AREA_SHELTER": "quite-secret"})
    assert (done.returncode, done.stderr) == (2, "plek: PLEK_AREA_SHELTER is no setting: PLEK_AREA_SHELTERS is\n")


def test_a_partition_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """A partition that does not exist is refused with the numbers of those that do."""
    done = typed("rebuild", "--partition", "12", environment={"PLEK_DATA": str(tmp_path)} | NOWHERE)
    assert (done.returncode, done.stderr) == (2, "plek: There is no partition 12: they are numbered 0 to 11\n")


def test_an_operators_token_may_be_in_the_environment(tmp_path: Path) -> None:
    """PLEK_OPERATOR_TOKEN counts as --token, so that no other user of the machine reads it in the list of processes."""
    done = typed("counts", "--redis", environment={"PLEK_DATA": str(tmp_path), "PLEK_OPERATOR_TOKEN": "x"})
    assert (done.returncode, "leave out --token" in done.stderr) == (2, True)
