"""The table of rights in Kafka: a user may do what a row of it grants, and nothing else (ADR 17).

A role is a user of the cluster that the services of one kind share. Write and read imply describe. Only the admin, who is above the table,
may create, change or delete a topic.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from services.adapters.kafka.topics import Topics

Operation = Literal["read", "write", "describe", "describe-configs"]
Resource = Literal["topic", "group"]

ADMIN: Final = "admin"
"""Above the table: `deploy/kafka/server.properties` makes it a super user."""
ROLES: Final = ("gateway", "processor", "api", "monitor", "operator")
_ORGANISATION: Final = "organisation-"
_ORGANISATIONS: Final = re.compile(rf"{_ORGANISATION}([a-z0-9-]{{1,40}})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A user may do `operation` with the resource `name`, or if `begins`, with all resources that begin with it."""

    user: str
    operation: Operation
    resource: Resource
    name: str
    begins: bool = False


def organisation_user(organisation: str) -> str:
    """Return the name of the user of an organisation's own system."""
    return f"{_ORGANISATION}{organisation}"


def organisation_of(user: str) -> str | None:
    """Return the organisation that a user's own system belongs to; None for any other user."""
    match = _ORGANISATIONS.fullmatch(user)
    return match[1] if match else None


def is_ours(user: str) -> bool:
    """Return whether the table rules this user; all others are the operator's."""
    return user in ROLES or organisation_of(user) is not None


def grants(names: Topics, organisations: Iterable[str] = ()) -> list[Grant]:
    """List every right in the data set of this prefix."""
    return sorted({*_of_services(names), *(grant for name in organisations for grant in organisation_grants(names, name))})


def organisation_grants(names: Topics, organisation: str) -> Iterator[Grant]:
    """Yield what an organisation's own system may do, and the gateway's right to answer it: nothing of any other organisation."""
    user = organisation_user(organisation)
    yield Grant(user, "write", "topic", names.intake(organisation))
    yield Grant(user, "read", "topic", names.refused(organisation))
    # The consumer group in which it reads: it has the name of its topic
    yield Grant(user, "read", "group", names.intake(organisation))
    yield Grant("gateway", "write", "topic", names.refused(organisation))


def _of_services(names: Topics) -> Iterator[Grant]:
    # Every service checks the settings of its topics at the start: they decide whether an acknowledged record can be lost
    for role in ROLES:
        yield Grant(role, "describe", "topic", names.family, begins=True)
        yield Grant(role, "describe-configs", "topic", names.family, begins=True)
    yield from _of_the_log(names)
    yield from _of_records_beside_it(names)
    # An operator verifies the view and reads dead letters, and can't write events
    yield Grant("operator", "read", "topic", names.family, begins=True)
    yield Grant("operator", "describe", "group", names.intake_group)
    yield Grant("operator", "describe", "group", names.processor_group, begins=True)


def _of_the_log(names: Topics) -> Iterator[Grant]:
    for topic in (names.bed_events, names.demand_events):
        yield Grant("gateway", "write", "topic", topic)
        yield Grant("api", "write", "topic", topic)
        yield Grant("processor", "read", "topic", topic)
        yield Grant("monitor", "read", "topic", topic)
    # With a checkpoint both begin their fold
    for role in ("processor", "monitor"):
        yield Grant(role, "read", "topic", names.checkpoints)
    # What a shelter sent lately is read from the log itself
    yield Grant("gateway", "read", "topic", names.bed_events)
    yield Grant("gateway", "write", "topic", names.dead_letters)
    yield Grant("gateway", "read", "topic", names.intake(""), begins=True)
    yield Grant("gateway", "read", "group", names.intake_group)
    yield Grant("processor", "write", "topic", names.dead_letters)
    # It answers operators with their reasons
    yield Grant("api", "read", "topic", names.dead_letters)
    yield Grant("processor", "read", "group", names.processor_group, begins=True)
    yield Grant("monitor", "read", "topic", names.monitor_snapshots)
    yield Grant("monitor", "write", "topic", names.monitor_snapshots)


def _of_records_beside_it(names: Topics) -> Iterator[Grant]:
    for role in ("gateway", "api", "monitor"):
        # Read too: each record carries the hash of the one before it, and a service continues from the last
        yield Grant(role, "write", "topic", names.audit)
        yield Grant(role, "read", "topic", names.audit)
    # Only the monitor signs what the audit log holds: neither of the two that write most of it can
    yield Grant("monitor", "write", "topic", names.audit_heads)
    yield Grant("monitor", "read", "topic", names.audit_heads)
    # The gateway decides on proposals, the API lists and pushes them; both raise alarms, and each follows what the other appends
    for role in ("gateway", "api"):
        for topic in (names.proposals, names.alarms):
            yield Grant(role, "write", "topic", topic)
            yield Grant(role, "read", "topic", topic)
    # A token that was given back is refused everywhere
    yield Grant("api", "write", "topic", names.revoked_tokens)
    for role in ("gateway", "api", "monitor"):
        yield Grant(role, "read", "topic", names.revoked_tokens)
    # Which browsers are notified: each API follows what the others append, and nothing else does
    yield Grant("api", "write", "topic", names.push_subscriptions)
    yield Grant("api", "read", "topic", names.push_subscriptions)
    # The API makes the keys of needs and destroys them; the monitor opens what figures depend on before that. No other service can
    yield Grant("api", "write", "topic", names.need_keys)
    for role in ("api", "monitor"):
        yield Grant(role, "read", "topic", names.need_keys)
    # Two auditors open a pseudonym: each API follows what the others append, and nothing else reads or writes it
    yield Grant("api", "write", "topic", names.audit_openings)
    yield Grant("api", "read", "topic", names.audit_openings)
