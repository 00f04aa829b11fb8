"""The table of rights in Kafka; tests/deploy tries it on real brokers."""

import pytest

from services.adapters.kafka.acl_rules import ADMIN, ROLES, grants, is_ours, organisation_of, organisation_user
from services.adapters.kafka.topics import Topics, plans

NAMES = Topics("sim")


def test_every_topic_has_a_writer_and_a_reader() -> None:
    """Every topic has a right to write and a right to read; without, it would work on loopback only. Only the admin writes checkpoints."""
    found = grants(NAMES, ["org-1"])
    for plan in plans(NAMES, brokers=3, organisations=["org-1"]):
        for operation in ("read",) if plan.name == NAMES.checkpoints else ("write", "read"):
            assert [
                g for g in found if g.operation == operation and (g.name == plan.name or (g.begins and plan.name.startswith(g.name)))
            ], f"{operation} {plan.name}"


def test_the_table_stays_within_its_data_set() -> None:
    """Rights in one data set are none in another with a prefix that begins alike: revoking in `sim` leaves `sim-2023` alone."""
    assert all(NAMES.owns(grant.name) for grant in grants(NAMES))
    assert not any(NAMES.owns(grant.name) for grant in grants(Topics("sim-2023")))


def test_a_right_to_write_names_one_topic() -> None:
    """Each right to write names one topic, and no prefix."""
    assert not [grant for grant in grants(NAMES, ["org-1"]) if grant.operation == "write" and grant.begins]


@pytest.mark.parametrize("user", [*ROLES, organisation_user("org-1")])
def test_roles_and_organisations_are_ours(user: str) -> None:
    """The table rules the users of roles and organisations."""
    assert is_ours(user)
    assert organisation_of(user) == (None if user in ROLES else "org-1")


@pytest.mark.parametrize("user", [ADMIN, "broker", "", "organisation-", "organisation-Org", "organisation-a.b", f"organisation-{'a' * 41}"])
def test_others_are_left_alone(user: str) -> None:
    """The table does not rule other users, nor names that are no id of an organisation."""
    assert not is_ours(user)
