"""Law: whoever may do something in Kafka may do it by a row of this table; everybody else is refused everything.

A role is a user of the cluster that services of one kind share. Write and read imply that a topic may be looked at; nobody but the
admin, who is above the table, may make, change or delete one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from services.adapters.topics import Topics

Operation = Literal["read", "write", "describe", "describe-configs"]
Resource = Literal["topic", "group"]

ADMIN: Final = "admin"
"""Above the table: `deploy/kafka/server.properties` makes it a super user."""
ROLES: Final = ("gateway", "processor", "api", "monitor", "operator")
_ORGANISATION: Final = "organisation-"
_ORGANISATIONS: Final = re.compile(rf"{_ORGANISATION}([a-z0-9-]{{1,40}})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A user may do something with one thing, or with everything whose name begins so."""

    user: str
    operation: Operation
    resource: Resource
    name: str
    begins: bool = False


def organisation_user(organisation: str) -> str:
    """Name the user of an organisation's own system."""
    return f"{_ORGANISATION}{organisation}"


def organisation_of(user: str) -> str | None:
    """Tell whose own system a user is; None when it is none."""
    found = _ORGANISATIONS.fullmatch(user)
    return found[1] if found else None


def is_ours(user: str) -> bool:
    """Whether the table says what this user may do; all others are the operator's."""
    return user in ROLES or organisation_of(user) is not None


def grants(names: Topics, organisations: Iterable[str] = ()) -> list[Grant]:
    """List all that anybody may do in the world of this prefix."""
    return sorted({*_of_services(names), *(Grant(organisation_user(each), "write", "topic", names.intake(each)) for each in organisations)})


def _of_services(names: Topics) -> Iterator[Grant]:
    truth = (names.bed_events, names.demand_events)
    # All look at the topics when they start: whether nothing acknowledged can be lost is a matter of how these are set
    for role in ROLES:
        yield Grant(role, "describe", "topic", names.family, begins=True)
        yield Grant(role, "describe-configs", "topic", names.family, begins=True)
    for topic in truth:
        yield Grant("gateway", "write", "topic", topic)
        yield Grant("api", "write", "topic", topic)
        yield Grant("processor", "read", "topic", topic)
        yield Grant("monitor", "read", "topic", topic)
    for role in ("gateway", "api"):
        # Read too: each record carries the hash of the one before it, and a service goes on from the last
        yield Grant(role, "write", "topic", names.audit)
        yield Grant(role, "read", "topic", names.audit)
    yield Grant("gateway", "write", "topic", names.dead_letters)
    yield Grant("gateway", "read", "topic", names.intake(""), begins=True)
    yield Grant("gateway", "read", "group", names.intake_group)
    yield Grant("processor", "write", "topic", names.dead_letters)
    yield Grant("processor", "read", "group", names.processor_group, begins=True)
    yield Grant("monitor", "read", "topic", names.monitor_snapshots)
    yield Grant("monitor", "write", "topic", names.monitor_snapshots)
    # An operator doubts the view and reads what was refused; what happened she can't write
    yield Grant("operator", "read", "topic", names.family, begins=True)
    yield Grant("operator", "describe", "group", names.intake_group)
    yield Grant("operator", "describe", "group", names.processor_group, begins=True)
