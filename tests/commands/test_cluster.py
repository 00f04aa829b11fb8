"""`plek cluster` before it has reached anything: what it is given must make sense. On real brokers: tests/deploy."""

from pathlib import Path

import pytest

from services.adapters.grants import ROLES
from tests.commands.test_elsewhere import NOWHERE, plek


def _users(folder: Path, **passwords: str) -> Path:
    for user, password in (dict.fromkeys(ROLES, "quite-secret") | passwords).items():
        (folder / user).write_text(password)
    return folder


@pytest.mark.parametrize(
    ("passwords", "says"),
    [
        ({"gatewy": "quite-secret"}, "gatewy is no user of Plek"),
        ({"admin": "quite-secret"}, "admin is no user of Plek"),
        ({"organisation-Org 1": "quite-secret"}, "organisation-Org 1 is no user of Plek"),
        ({"gateway": "\n"}, "gateway has no password"),
        ({"organisation-org-1": ""}, "organisation-org-1 has no password"),
    ],
)
def test_users_that_make_no_sense_are_named(tmp_path: Path, passwords: dict[str, str], says: str) -> None:
    """In one line, before Kafka is asked, and without a password."""
    done = plek(tmp_path, "cluster", "--users", str(_users(tmp_path, **passwords)), **NOWHERE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"plek: In {tmp_path}: {says}\n"


def test_every_role_needs_its_password(tmp_path: Path) -> None:
    """There is no default secret."""
    done = plek(tmp_path, "cluster", "--users", str(tmp_path), **NOWHERE)
    assert done.stderr == f"plek: In {tmp_path}: {', '.join(ROLES)} has no password\n"


def test_without_kafka_it_says_so(tmp_path: Path) -> None:
    """Where Kafka does not answer, and where nobody said which one is meant."""
    users = str(_users(tmp_path))
    assert plek(tmp_path, "cluster", "--users", users, **NOWHERE).stderr == "plek: Kafka does not answer at 127.0.0.1:1\n"
    assert plek(tmp_path, "cluster", "--users", users).stderr == "plek: Which Kafka? Set PLEK_KAFKA; `plek up` makes what its own needs\n"
    assert plek(tmp_path, "cluster", "--users", "/nowhere", **NOWHERE).stderr == "plek: The passwords in /nowhere can't be read\n"
