"""`plek cluster` before it connects: its folder of passwords is checked. On real brokers: tests/deploy."""

import subprocess
from pathlib import Path

import pytest

from services.adapters.kafka.acl_rules import ROLES
from tests.cli.events.test_elsewhere import NOWHERE
from tests.cli.typed import typed


def plek(data: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a verb with this data directory, in which no instance runs."""
    return typed(*words, environment={"PLEK_DATA": str(data)} | environment)


def _users(folder: Path, **passwords: str) -> Path:
    for user, password in (dict.fromkeys(ROLES, "quite-secret") | passwords).items():
        (folder / user).write_text(password)
    return folder


@pytest.mark.parametrize(
    ("passwords", "fault"),
    [
        ({"gatewy": "quite-secret"}, "gatewy is no user of Plek"),
        ({"admin": "quite-secret"}, "admin is no user of Plek"),
        ({"organisation-Org 1": "quite-secret"}, "organisation-Org 1 is no user of Plek"),
        ({"gateway": "\n"}, "gateway has no password"),
        ({"organisation-org-1": ""}, "organisation-org-1 has no password"),
    ],
)
def test_wrong_users_are_named(tmp_path: Path, passwords: dict[str, str], fault: str) -> None:
    """Unknown users and missing passwords are named in one line, before Kafka is reached, and without a password."""
    done = plek(tmp_path, "cluster", "--users", str(_users(tmp_path, **passwords)), **NOWHERE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"plek: In {tmp_path}: {fault}\n"


def test_every_role_needs_its_password(tmp_path: Path) -> None:
    """Every role needs a file with its password: there is no default."""
    done = plek(tmp_path, "cluster", "--users", str(tmp_path), **NOWHERE)
    assert done.stderr == f"plek: In {tmp_path}: {', '.join(ROLES)} has no password\n"


def test_without_kafka_it_ends(tmp_path: Path) -> None:
    """The verb ends with one line where Kafka does not answer, where no Kafka is named, and where the passwords can't be read."""
    users = str(_users(tmp_path))
    assert plek(tmp_path, "cluster", "--users", users, **NOWHERE).stderr == "plek: Kafka does not answer at 127.0.0.1:1\n"
    assert plek(tmp_path, "cluster", "--users", users).stderr == "plek: Which Kafka? Set PLEK_KAFKA; `plek up` makes what its own needs\n"
    assert plek(tmp_path, "cluster", "--users", "/nowhere", **NOWHERE).stderr == "plek: The passwords in /nowhere can't be read\n"
