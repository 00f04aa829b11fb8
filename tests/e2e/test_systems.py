"""Systems of organisations on a real broker with SCRAM and ACLs: the four examples of docs/integrate.md, and what an account can't do."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest
import pytest_asyncio
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, TopicAuthorizationFailedError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.config.settings import Settings
from services.adapters.kafka.clients import new_consumer, new_producer
from services.adapters.kafka.topics import Topics, partition_of
from services.adapters.view.redis_reader import RedisReader
from services.cli.instance.intake_accounts import IntakeAccounts, NewAccount
from services.gateway.cloudevents_body import BATCH
from services.local.processes.free_ports import LOOPBACK
from services.local.servers.kafka_jars import fetch_jars
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import admitted, declared, registered
from tests.servers import serving, settings_for
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

_EXAMPLES: Final = Path(__file__).parents[2] / "docs" / "integrate"
# The organisation of each language has a shelter of its own; of every one, den is another's
_LANGUAGES: Final = ("python", "node", "java", "curl")
_PATIENCE_S: Final = 120


@dataclass
class Systems:
    """A processor and a gateway, an account for the system of each organisation, and how it logs in."""

    callers: Callers
    gateway: httpx.AsyncClient
    settings: Settings
    accounts: dict[str, NewAccount]
    brokers: str

    def login(self, organisation: str, password: str | None = None) -> KafkaConnection:
        """Return how an organisation's system logs in."""
        account = self.accounts[organisation]
        return KafkaConnection(self.brokers, "SASL_PLAINTEXT", account.user, password or account.password)

    def environment(self, organisation: str) -> dict[str, str]:
        """Return the variables that an example reads."""
        account = self.accounts[organisation]
        return {
            "INTAKE_BOOTSTRAP": self.brokers,
            "INTAKE_SECURITY": "SASL_PLAINTEXT",
            "INTAKE_TOPIC": account.topic,
            "INTAKE_USER": account.user,
            "INTAKE_PASSWORD": account.password,
        }

    async def occupied(self, shelter: str) -> int:
        """Return how many units of a shelter are occupied, as the view shows it."""
        view = RedisReader(self.settings.redis, self.settings.prefix, self.settings.partitions)
        try:
            snapshot = await view.read_partition(partition_of(shelter.encode(), self.settings.partitions))
        finally:
            await view.close()
        return sum(bool(unit.stays) for unit in snapshot.shelters[shelter].units.values())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def systems(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Systems]:
    """Start a processor and a gateway on the Kafka of the session, and add an account for each organisation while they run."""
    folder = tmp_path_factory.mktemp("systems")
    async with issuing(folder) as callers:
        settings = settings_for(kafka, valkey, folder.name, issuer=callers.issuer)
        async with serving(settings, folder, "gateway") as served:
            shelters = [each for name in _LANGUAGES for each in (registered(name, organisation=name), declared("u1", name))]
            others = [registered("den", organisation="org-2"), declared("u1", "den")]
            headers = callers.operator | {"Content-Type": BATCH}
            assert (await served.gateway.post("/v1/events", headers=headers, content=orjson.dumps([*shelters, *others]))).status_code == 200
            await WATCH.sow(callers, served.gateway)
            # All at once: none of them takes away the rights of another
            names = (*_LANGUAGES, "org-2")
            accounts = await asyncio.gather(*(IntakeAccounts(settings).add(name, new_password=False) for name in names))
            yield Systems(callers, served.gateway, settings, dict(zip(names, accounts, strict=True)), f"{LOOPBACK}:{kafka.systems_port}")


def _absent(what: str) -> None:
    """Leave a test out where a program is absent: Plek itself needs none of them."""
    pytest.skip(what)


def _program(language: str, cache: Path) -> list[str]:
    """Return the command of an example."""
    if language == "python":
        return [sys.executable, str(_EXAMPLES / "intake.py")]
    if language == "curl":
        if not shutil.which("curl"):
            _absent("curl is not installed")
        return ["/bin/sh", str(_EXAMPLES / "intake.sh")]
    if language == "node":
        if not shutil.which("node") or not (_EXAMPLES / "node_modules").is_dir():
            _absent("node or kafkajs is not installed: npm ci --prefix docs/integrate")
        return ["node", str(_EXAMPLES / "intake.mjs")]
    if not shutil.which("javac"):
        _absent("no JDK is installed, which runs a Java file as it is")
    return ["java", "-cp", os.pathsep.join(map(str, fetch_jars(cache))), str(_EXAMPLES / "Intake.java")]


async def _run(command: list[str], environment: dict[str, str]) -> list[str]:
    """Run an example, and return the lines it printed."""
    done = await asyncio.create_subprocess_exec(
        *command, env=os.environ | environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, errors = await asyncio.wait_for(done.communicate(), _PATIENCE_S)
    assert done.returncode == 0, errors.decode()
    return out.decode().splitlines()


@pytest.mark.parametrize("language", ["python", "node", "java"])
async def test_an_example_sends_and_reads_what_was_refused(systems: Systems, language: str, cache: Path) -> None:
    """An example sends an admission of its own shelter, which counts, and one of another's, which comes back with its position."""
    command, environment = _program(language, cache), systems.environment(language)
    [good] = await _run([*command, "send", language, "u1"], environment)
    [bad] = await _run([*command, "send", "den", "u1"], environment)
    topic = systems.accounts[language].topic
    assert [good, bad] == [f"sent: {topic} 0 0", f"sent: {topic} 0 1"]

    async def counted() -> bool:
        return await systems.occupied(language) == 1

    await until(counted)
    [refused] = await _run([*command, "refusals"], environment)
    refusal: dict[str, Any] = json.loads(refused.removeprefix("refused: "))
    assert (refusal["reason"], refusal["topic"], refusal["offset"]) == ("not_yours", topic, 1)
    assert await systems.occupied("den") == 0
    assert await _run([*command, "refusals"], environment) == [], "read once, it does not come again"


async def test_the_example_of_curl_sends_and_reads(systems: Systems, cache: Path, tmp_path: Path) -> None:
    """The same over HTTP, in binary mode: an own admission is accepted, another's is a 403, and refusals are read with the same token."""
    command, token = _program("curl", cache), tmp_path / "token"
    token.write_text(systems.callers.shelter("curl")["Authorization"].removeprefix("Bearer "))
    environment = {"INTAKE_GATEWAY": str(systems.gateway.base_url).rstrip("/"), "INTAKE_TOKEN_FILE": str(token)}
    [answer] = await _run([*command, "send", "curl", "u1"], environment)
    assert json.loads(answer)["events"][0]["status"] == "accepted"
    async with new_producer(systems.login("curl")) as producer:
        sent = await producer.send_and_wait(systems.accounts["curl"].topic, b"{", b"curl")
    listed: list[dict[str, Any]] = []

    async def refused() -> bool:
        [answer] = await _run([*command, "refusals"], environment)
        listed[:] = json.loads(answer)["refusals"]
        return bool(listed)

    await until(refused)
    assert [(each["reason"], each["offset"], each["organisation"]) for each in listed] == [("unreadable", sent.offset, "curl")]
    with pytest.raises(AssertionError, match="403"):
        await _run([*command, "send", "den", "u1"], environment)


async def _writes(brokers: KafkaConnection, topic: str) -> None:
    async with new_producer(brokers, request_timeout_ms=10_000) as producer:
        await producer.send_and_wait(topic, orjson.dumps(admitted(shelter="den")), b"den", partition=0)


async def _reads(brokers: KafkaConnection, topic: str) -> None:
    async with new_consumer(brokers, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer._client.force_metadata_update()
        if topic in consumer._client.cluster.unauthorized_topics:
            raise TopicAuthorizationFailedError  # aiokafka knows it, and would wait all the same
        await asyncio.wait_for(consumer.getone(), 5)


async def _joins(brokers: KafkaConnection, topic: str, group: str) -> None:
    async with new_consumer(brokers, group_id=group) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.commit({partition: 0})


async def test_an_account_can_do_nothing_for_another_organisation(systems: Systems) -> None:
    """An account neither writes nor reads the topics of another, nor any of Plek's, joins no other group and reads nothing back."""
    names, own, other = Topics(systems.settings.prefix), systems.login("curl"), systems.accounts["org-2"]
    truth = (names.bed_events, names.demand_events, names.dead_letters, names.audit)
    for topic in (other.topic, other.refused, systems.accounts["curl"].refused, *truth):
        with pytest.raises(TopicAuthorizationFailedError):
            await _writes(own, topic)
    for topic in (other.topic, other.refused, systems.accounts["curl"].topic, *truth):
        with pytest.raises(TopicAuthorizationFailedError):
            await _reads(own, topic)
    for group in (other.group, names.intake_group, names.processor_group):
        with pytest.raises(GroupAuthorizationFailedError):
            await _joins(own, systems.accounts["curl"].refused, group)
    for brokers in (systems.login("curl", "wrong"), systems.login("curl", other.password)):
        with pytest.raises(KafkaConnectionError):
            await _writes(brokers, systems.accounts["curl"].topic)


async def test_an_account_is_listed_renewed_and_removed(systems: Systems) -> None:
    """An account is listed; another password replaces the first; removed, it can write no more, and its topics and refusals are gone."""
    accounts = IntakeAccounts(systems.settings)
    made = await accounts.add("left", new_password=False)
    assert made.found_after_s is not None
    login = KafkaConnection(systems.brokers, "SASL_PLAINTEXT", made.user, made.password)
    await _writes(login, made.topic)
    renewed = await accounts.add("left", new_password=True)
    with pytest.raises(KafkaConnectionError):
        await _writes(login, made.topic)
    login = KafkaConnection(systems.brokers, "SASL_PLAINTEXT", renewed.user, renewed.password)
    await _writes(login, made.topic)

    async def answered() -> bool:
        [found] = [each for each in await accounts.list() if each.organisation == "left"]
        return (found.may_write, found.is_read, found.unread, found.refused) == (True, True, 0, 2)

    await until(answered)
    await accounts.remove("left")
    assert "left" not in {each.organisation for each in await accounts.list()}
    with pytest.raises(KafkaConnectionError):
        await _writes(login, made.topic)
    again = await accounts.add("left", new_password=False)
    await _writes(KafkaConnection(systems.brokers, "SASL_PLAINTEXT", again.user, again.password), again.topic)

    async def read_from_the_beginning() -> bool:
        [found] = [each for each in await accounts.list() if each.organisation == "left"]
        return (found.unread, found.refused) == (0, 1)

    await until(read_from_the_beginning)
