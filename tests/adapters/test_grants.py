"""The table of who may do what in Kafka; tests/deploy tries it on real brokers."""

import pytest

from services.adapters.grants import ADMIN, ROLES, grants, is_ours, organisation_of, organisation_user
from services.adapters.topics import Topics, plans

NAMES = Topics("sim")


def test_every_topic_has_somebody_who_writes_it_and_somebody_who_reads_it() -> None:
    """A topic that was added and forgotten here works on loopback, and nowhere else."""
    found = grants(NAMES, ["org-1"])
    for plan in plans(NAMES, brokers=3, organisations=["org-1"]):
        for operation in ("write", "read"):
            assert [
                g for g in found if g.operation == operation and (g.name == plan.name or (g.begins and plan.name.startswith(g.name)))
            ], f"{operation} {plan.name}"


def test_the_table_stays_within_its_world() -> None:
    """Rights in one world are none in another whose name begins alike: what is taken back in `sim` leaves `sim-2023` alone."""
    assert all(NAMES.owns(grant.name) for grant in grants(NAMES))
    assert not any(NAMES.owns(grant.name) for grant in grants(Topics("sim-2023")))


def test_nobody_is_a_writer_of_everything() -> None:
    """A right to write names one topic."""
    assert not [grant for grant in grants(NAMES, ["org-1"]) if grant.operation == "write" and grant.begins]


@pytest.mark.parametrize("user", [*ROLES, organisation_user("org-1")])
def test_users_are_told_apart(user: str) -> None:
    """Roles and organisations are ours to change, and nobody else is."""
    assert is_ours(user)
    assert organisation_of(user) == (None if user in ROLES else "org-1")


@pytest.mark.parametrize("user", [ADMIN, "broker", "", "organisation-", "organisation-Org", "organisation-a.b", f"organisation-{'a' * 41}"])
def test_others_are_left_alone(user: str) -> None:
    """Those whom somebody else made, and what is no id of an organisation."""
    assert not is_ours(user)
