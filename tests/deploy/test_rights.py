"""Each role may do what it needs in Kafka, and is refused the rest: tried by real clients on three brokers."""

import asyncio
import base64
import json
import os
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
    for_code,
)

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.config.settings import Settings
from services.adapters.kafka.acl_admin import AclAdmin, RefusedError
from services.adapters.kafka.acl_rules import ADMIN, grants
from services.adapters.kafka.clients import new_admin, new_consumer, new_producer
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import Topics, check_topics
from tests.deploy.brokers import ORGANISATION, USERS, ThreeBrokers
from tests.deploy.command import plek, plek_cluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

NAMES: Final = Topics()
_REFUSED: Final = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError, GroupAuthorizationFailedError)
_TOPICS: Final = {
    "beds": NAMES.bed_events,
    "demand": NAMES.demand_events,
    "letters": NAMES.dead_letters,
    "snapshots": NAMES.monitor_snapshots,
    "audit": NAMES.audit,
    "heads": NAMES.audit_heads,
    "openings": NAMES.audit_openings,
    "checkpoints": NAMES.checkpoints,
    "proposals": NAMES.proposals,
    "alarms": NAMES.alarms,
    "revoked": NAMES.revoked_tokens,
    "push": NAMES.push_subscriptions,
    "needkeys": NAMES.need_keys,
    "intake": NAMES.intake(ORGANISATION),
    "refused": NAMES.refused(ORGANISATION),
}

_DECISIONS: Final = {"write proposals", "read proposals", "write alarms", "read alarms"}
# Role by role, written down a second time: what may be written, read, asked and consumed as a group. All else must be refused.
_MAY: Final[dict[str, set[str]]] = {
    "gateway": {"write beds", "write demand", "write letters", "write audit", "read audit", "read intake", "group plek.intake", "look"}
    | {"read beds", "read refused", "write refused", "read revoked"}
    | _DECISIONS,
    "processor": {"read beds", "read demand", "read checkpoints", "write letters", "group plek-processor", "look"},
    "api": {"write beds", "write demand", "read letters", "write audit", "read audit", "read revoked", "write revoked", "look"}
    | {"read push", "write push", "read needkeys", "write needkeys", "read openings", "write openings"}
    | _DECISIONS,
    "monitor": {"read beds", "read demand", "read snapshots", "write snapshots", "write audit", "read audit", "read revoked", "look"}
    | {"write heads", "read heads", "read needkeys", "read checkpoints"},
    "operator": {"read beds", "read demand", "read letters", "read snapshots", "read audit", "read heads", "read intake", "look"}
    | {"read refused", "read proposals", "read alarms", "read revoked", "read push", "read needkeys", "read openings", "read checkpoints"},
    f"organisation-{ORGANISATION}": {"write intake", "read refused", f"group {NAMES.intake(ORGANISATION)}"},
}
_OPERATIONS: Final = (
    *(f"{what} {name}" for what in ("write", "read") for name in _TOPICS),
    *(f"group {name}" for name in (NAMES.intake_group, NAMES.processor_group, NAMES.intake(ORGANISATION))),
    "look",
    "make",
    "grow",
    "set",
    "drop",
    "users",
    "rights",
)


@asynccontextmanager
async def _started(client: Any) -> Any:
    """Start a client, and end it also when it could not be started."""
    try:
        await client.start()
        yield client
    finally:
        await (client.close() if hasattr(client, "close") else client.stop())


async def _write(brokers: KafkaConnection, topic: str) -> None:
    async with _started(new_producer(brokers, request_timeout_ms=10_000)) as producer:
        await producer.send_and_wait(topic, b"{}", b"x", partition=0)


async def _read(brokers: KafkaConnection, topic: str) -> None:
    async with _started(new_consumer(brokers, auto_offset_reset="earliest")) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer._client.force_metadata_update()
        if topic in consumer._client.cluster.unauthorized_topics:
            raise TopicAuthorizationFailedError  # aiokafka knows it, and would wait all the same
        await asyncio.wait_for(consumer.getone(), 10)


async def _group(brokers: KafkaConnection, group: str) -> None:
    """Commit as a group that nobody is a member of: the coordinator looks at the right before it looks at anything else."""
    async with _started(new_consumer(brokers, group_id=group)) as consumer:
        topics = {NAMES.intake_group: _TOPICS["intake"], NAMES.intake(ORGANISATION): _TOPICS["refused"]}
        of = TopicPartition(topics.get(group, NAMES.bed_events), 0)
        consumer.assign([of])
        await consumer.commit({of: 0})


async def _look(brokers: KafkaConnection, _: str) -> None:
    if await check_topics(brokers, NAMES.prefix):
        raise TopicAuthorizationFailedError


def _heed(codes: list[int]) -> None:
    for code in codes:
        if code:
            raise for_code(code)


async def _make(brokers: KafkaConnection, _: str) -> None:
    async with _started(new_admin(brokers, request_timeout_ms=10_000)) as admin:
        _heed([code for _, code, *_ in (await admin.create_topics([NewTopic("plek.other", 1, 3)])).topic_errors])


async def _grow(brokers: KafkaConnection, _: str) -> None:
    async with _started(new_admin(brokers, request_timeout_ms=10_000)) as admin:
        answer = await admin.create_partitions({NAMES.bed_events: NewPartitions(13)})
        _heed([code for _, code, *_ in answer.topic_errors])


async def _set(brokers: KafkaConnection, _: str) -> None:
    async with _started(new_admin(brokers, request_timeout_ms=10_000)) as admin:
        answers = await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, NAMES.bed_events, {"retention.ms": "1000"})])
        _heed([code for answer in answers for code, *_ in answer.resources])


async def _drop(brokers: KafkaConnection, _: str) -> None:
    async with _started(new_admin(brokers, request_timeout_ms=10_000)) as admin:
        _heed([code for _, code in (await admin.delete_topics([NAMES.bed_events])).topic_error_codes])


async def _users(brokers: KafkaConnection, _: str) -> None:
    async with AclAdmin(brokers) as cluster:
        await cluster.set_passwords({"operator": "another"})


async def _rights(brokers: KafkaConnection, _: str) -> None:
    async with AclAdmin(brokers) as cluster:
        await cluster.allow(grants(NAMES), NAMES)


_DO: Final[dict[str, Callable[[KafkaConnection, str], Awaitable[None]]]] = {
    "write": _write,
    "read": _read,
    "group": _group,
    "look": _look,
    "make": _make,
    "grow": _grow,
    "set": _set,
    "drop": _drop,
    "users": _users,
    "rights": _rights,
}


async def _may(brokers: KafkaConnection, operation: str) -> bool:
    verb, _, what = operation.partition(" ")
    try:
        await _DO[verb](brokers, _TOPICS.get(what, what))
    except (*_REFUSED, TopicsError, RefusedError):
        return False
    return True


def test_every_user_has_a_row() -> None:
    """A role without a row of what it may do would be tried for nothing."""
    assert set(_MAY) == set(USERS)


@pytest.mark.parametrize("user", USERS)
async def test_a_role_may_do_what_it_needs_and_nothing_else(three: ThreeBrokers, user: str) -> None:
    """Of all that can be done in Kafka, exactly its row; the admin has written a record into each topic, so that a read can succeed."""
    for topic in _TOPICS.values():
        await _write(three.brokers(), topic)
    found = await asyncio.gather(*(_may(three.brokers(user), operation) for operation in _OPERATIONS))
    assert {operation for operation, may in zip(_OPERATIONS, found, strict=True) if may} == _MAY[user]


async def test_who_does_not_know_the_password_may_do_nothing(three: ThreeBrokers) -> None:
    """Not even look; and whoever names nobody is not let in either."""
    for brokers in (three.brokers("gateway", "wrong"), three.brokers("nobody", "wrong"), KafkaConnection(three.brokers().addresses)):
        with pytest.raises(KafkaConnectionError):
            await _write(brokers, NAMES.bed_events)
    with pytest.raises(TopicsError, match=r"or does not accept PLEK_KAFKA_USER with its password$"):
        await check_topics(three.brokers("gateway", "wrong"), NAMES.prefix)


async def test_said_again_nothing_changes(three: ThreeBrokers) -> None:
    """`plek cluster` gives what is missing and takes back what is not in the table any more; passwords are those of the files."""
    assert plek_cluster(three).stdout == f"plek.*: {len(USERS)} users; 0 rights given, 0 taken back\n"


async def test_an_organisation_without_a_file_keeps_its_account(three: ThreeBrokers, tmp_path: Path) -> None:
    """An account of `plek intake add` has no file: `plek cluster` leaves it alone, and says how it is taken away."""
    for user in USERS[:-1]:
        (tmp_path / user).write_text((three.users / user).read_text())
    [first, second] = plek_cluster(three, tmp_path).stdout.splitlines()
    assert first == f"plek.*: {len(USERS) - 1} users; 0 rights given, 0 taken back"
    assert second == f"{ORGANISATION} has an account and no file: `plek intake remove {ORGANISATION}` takes it away"
    assert await _may(three.brokers(USERS[-1]), "write intake")


async def test_an_organisation_that_left_may_do_nothing_any_more(three: ThreeBrokers) -> None:
    """After `plek intake remove` its user is unknown and its topics are gone; with its file, `plek cluster` makes all of it again."""
    assert _intake(three, "remove", ORGANISATION, "--yes").returncode == 0
    with pytest.raises(KafkaConnectionError):
        await _may(three.brokers(USERS[-1]), "write intake")
    assert ORGANISATION not in _intake(three, "list").stdout
    assert "4 rights given, 0 taken back" in plek_cluster(three).stdout
    assert await _may(three.brokers(USERS[-1]), "write intake")


async def test_an_account_is_made_in_a_deployed_cluster(three: ThreeBrokers) -> None:
    """`plek intake add` prints what a supplier needs, with a password that lets in, and says that no gateway runs; list shows it."""
    made = json.loads(_intake(three, "add", "org-9", "--json").stdout)
    expected = {"bootstrap": three.brokers().addresses, "security": "SASL_SSL", "topic": "plek.intake.org-9", "found_after_s": None}
    assert expected.items() <= made.items()
    await _write(three.brokers(made["user"], made["password"]), made["topic"])
    assert not await _may(three.brokers(made["user"], made["password"]), "write intake")
    [row] = [each for each in json.loads(_intake(three, "list", "--json").stdout) if each["organisation"] == "org-9"]
    assert row == {"organisation": "org-9", "may_write": True, "is_read": False, "unread": 1, "refused": 0}
    again = _intake(three, "add", "org-9")
    assert (again.returncode, "has a topic and a user already" in again.stderr) == (1, True)
    lines = _intake(three, "add", "org-9", "--new-password").stdout.splitlines()
    assert [line.split()[0] for line in lines[:7]] == ["bootstrap", "security", "topic", "refused", "user", "password", "schema"]
    assert _intake(three, "remove", "org-9", "--yes").stdout == "org-9 can write no more; what it sent before stays counted\n"


def _intake(cluster: ThreeBrokers, *words: str) -> subprocess.CompletedProcess[str]:
    return plek(Settings.model_validate(cluster.settings(ADMIN)), "intake", *words)


async def test_no_secret_stands_in_a_log_or_on_a_command_line(three: ThreeBrokers) -> None:
    """Neither plain nor in base64, in whatever the brokers wrote, nor among the arguments that their tools were started with."""
    assert "format --ignore-formatted" in (three.folder / "arguments.log").read_text()
    written = "".join(log.read_text() for log in three.folder.glob("*.log"))
    secrets = [
        file.read_text() for folder in ("broker", "users") for file in (three.folder / folder).iterdir() if file.name != "cluster-id"
    ]
    assert len(secrets) == len(USERS) + 3
    assert not [each for each in secrets if each in written or base64.b64encode(each.encode()).decode() in written]


@pytest.mark.parametrize("missing", ["broker", "admin"])
async def test_without_a_secret_no_broker_starts(three: ThreeBrokers, tmp_path: Path, missing: str) -> None:
    """There is no default secret: one line says which is missing, and nothing is formatted."""
    child = three.children[0]
    assert child.env is not None
    for file in (three.folder / "broker").iterdir():
        (tmp_path / file.name).write_text("" if file.name == missing else file.read_text())
    env = {**child.env, "BROKER_SECRETS": str(tmp_path), "BROKER_DATA": str(tmp_path / "data")}
    started = await asyncio.create_subprocess_exec(
        *child.argv, env=os.environ | env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(started.communicate(), 30)
    assert (started.returncode, said.decode()) == (1, f"Kafka does not start: the secret {missing} is missing\n")
    assert not (tmp_path / "data").exists()
