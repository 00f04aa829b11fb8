"""`plek intake` before it connects, and what it asks. On real brokers: tests/e2e/test_systems.py, tests/deploy and tests/local."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.events.test_elsewhere import NOWHERE
from tests.cli.typed import typed


def plek(data: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a verb with this data directory, in which no instance runs."""
    return typed(*words, environment={"PLEK_DATA": str(data)} | environment)


@pytest.mark.parametrize("action", ["add", "remove"])
@pytest.mark.parametrize("organisation", [None, "De-Linden", "de linden", "de.linden", "x" * 41])
def test_an_organisation_has_a_name_of_its_form(tmp_path: Path, action: str, organisation: str | None) -> None:
    """Without a name, or with one that no topic could have, the verb ends with one line before Kafka is reached."""
    done = plek(tmp_path, "intake", action, *([organisation] if organisation else []), **NOWHERE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"plek: Say which: plek intake {action} ORG, with small letters, digits and dashes\n"


@pytest.mark.parametrize("words", [("list",), ("add", "de-linden"), ("remove", "de-linden", "--yes")])
def test_without_kafka_it_ends(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The verb ends with one line where Kafka does not answer, and where nothing names a Kafka."""
    assert plek(tmp_path, "intake", *words, **NOWHERE).stderr == "plek: Kafka does not answer at 127.0.0.1:1\n"
    assert "for one that runs elsewhere set PLEK_KAFKA" in plek(tmp_path, "intake", *words).stderr.replace("\n", " ")
