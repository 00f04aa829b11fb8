"""The front door on real Kafka, Faust and Valkey: events in over HTTP, the state out over HTTP, and what happens when a part is away."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics, create_topics
from services.gateway.cloudevents_body import BATCH
from services.local.processes.free_ports import LOOPBACK
from tests import tapes
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.leak.oracle import Oracle
from tests.leak.planting import plant, plant_in_intake
from tests.leak.watch import WATCH
from tests.sent import admitted, declared, kafka_headers, registered
from tests.servers import Service, serving, settings_for
from tests.waiting import PATIENCE_S, until
from tests.world import world

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@dataclass
class Front:
    """A gateway, a processor and an API with their issuer."""

    callers: Callers
    gateway: httpx.AsyncClient
    api: httpx.AsyncClient
    services: dict[str, Service]
    prefix: str = ""

    async def send(self, events: list[Any]) -> httpx.Response:
        """Send a batch as the operator."""
        return await self.gateway.post("/v1/events", headers=self.callers.operator | {"Content-Type": BATCH}, content=orjson.dumps(events))

    async def state(self) -> Any:
        """Read the whole state."""
        return (await self.api.get("/v1/operator/state", headers=self.callers.operator)).json()

    async def until_counted(self, shelter: str, **counts: int) -> None:
        """Ask until the counts of a shelter are these."""

        async def counted() -> bool:
            found: dict[str, Any] = (await self.state())["shelters"]
            return shelter in found and counts.items() <= found[shelter]["counts"].items()

        await until(counted)

    async def confirm_until_counted(self, shelter: str, **counts: int) -> None:
        """Confirm as an operator what is proposed, the oldest first, until the counts of a shelter are these."""

        async def counted() -> bool:
            listed = (await self.gateway.get("/v1/proposals", headers=self.callers.operator)).json().get("proposals", [])
            for each in reversed([each for each in listed if each["status"] == "proposed"]):
                await self.gateway.post(f"/v1/proposals/{each['proposal']}/confirm", headers=self.callers.operator)
            found: dict[str, Any] = (await self.state())["shelters"]
            return shelter in found and counts.items() <= found[shelter]["counts"].items()

        await until(counted)

    async def until(self, client: httpx.AsyncClient, path: str, status: int) -> httpx.Response:
        """Ask until the answer has this status."""
        answers: list[httpx.Response] = []

        async def answered() -> bool:
            with suppress(httpx.TransportError):
                answers.append(await client.get(path, headers=self.callers.operator))
            return bool(answers) and answers[-1].status_code == status

        await until(answered)
        return answers[-1]


@asynccontextmanager
async def _front(kafka: Kafka, valkey: Valkey, prefix: str, folder: Path) -> AsyncIterator[Front]:
    async with issuing(folder) as callers:
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer)
        async with serving(settings, folder, "gateway", "api") as served:
            front = Front(callers, served.gateway, served.api, served.services, prefix)
            await front.until(served.api, "/v1/shelters", 200)
            await WATCH.sow(callers, served.gateway, served.api)
            yield front


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def redis(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Valkey]:
    """Start a Valkey of this module, which a test may stop or empty, and has to bring back."""
    async with Valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server
        await WATCH.left_in(server)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def front(kafka: Kafka, redis: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Front]:
    """Open one front for the tests that leave it as good as it was."""
    folder = tmp_path_factory.mktemp("front")
    async with _front(kafka, redis, folder.name, folder) as front:
        yield front


@pytest.mark.parametrize("tape", tapes.names(timed=False))
async def test_a_tape_gives_its_state(tape: str, kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """Over HTTP every good line counts and every dead one is refused; sent again, nothing changes.

    Written past the gateway as well, as the systems of shelters do, with all spoiled bytes: only dead letters are new.
    """
    lines, expected = tapes.load(tape), tapes.expected(tape)
    async with _front(kafka, valkey, prefix, tmp_path) as front, world(kafka, valkey, prefix) as here:
        for _ in range(2):
            await _play(front, lines)
            state = await front.state()
            assert {name: state[name] for name in expected} == expected | {"dead_letters": 0}
            assert (state["degraded"], state["rebuilding"], state["halted"]) == (False, False, {})
        await here.play(lines)
        await here.folded()
        state = await front.state()
        assert {name: state[name] for name in expected} == expected


async def _play(front: Front, lines: list[tapes.Line]) -> None:
    """Send a tape in batches, and wait until the last event of each partition is shown."""
    ends: dict[int, int] = {}
    for start in range(0, len(lines), 100):
        sent = b"[" + b",".join(line.value or b"" for line in lines[start : start + 100] if _is_json(line)) + b"]"
        answer = await front.gateway.post("/v1/events", headers=front.callers.operator | {"Content-Type": BATCH}, content=sent)
        assert answer.status_code in {200, 400}
        for told in answer.json()["events"]:
            if told["status"] == "accepted":
                ends[told["partition"]] = told["offset"]
    wanted = [f"{partition}:{offset}" for partition, offset in ends.items()]
    await _shown(front, wanted)


def _is_json(line: tapes.Line) -> bool:
    try:
        return bool(orjson.loads(line.value or b""))
    except orjson.JSONDecodeError:
        return False


async def _shown(front: Front, at_least: list[str]) -> Any:
    """Ask for the shelters until they show these events."""
    answers: list[httpx.Response] = []

    async def shown() -> bool:
        answers.append(await front.api.get("/v1/shelters", params={"atLeast": at_least}, headers=front.callers.operator))
        return answers[-1].status_code == 200 and bool(answers[-1].json()["at_least_reached"])

    await until(shown)
    return answers[-1].json()["shelters"]


async def test_what_was_sent_is_shown_at_once(front: Front) -> None:
    """The answer to an event says that the view shows it, and the next read does."""
    answer = await front.send([registered(), declared(), admitted()])
    assert [told["visible"] for told in answer.json()["events"]] == [True, True, True]
    shelter = (await front.api.get("/v1/shelters/berk", headers=front.callers.shelter("berk"))).json()["shelter"]
    assert (shelter["counts"]["occupied"], shelter["freshness"], shelter["units"][0]["state"]) == (1, "fresh", "occupied")


@pytest.mark.asyncio(loop_scope="function")
async def test_kafka_away_and_back(own_kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """503 within five seconds and not ready while Kafka is dead; by itself right again when it is back."""
    async with _front(own_kafka, valkey, prefix, tmp_path) as front:
        await own_kafka.kill()
        async with asyncio.timeout(5):
            answer = await front.send([registered()])
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        await front.until(front.gateway, "/readyz", 503)
        await own_kafka.start()
        await front.until(front.gateway, "/readyz", 200)
        assert (await front.send([registered()])).status_code == 200


async def test_redis_away_and_back(front: Front, redis: Valkey) -> None:
    """Events are taken and not shown, whoever reads is told to phone; by itself right again when Redis is back, empty."""
    await redis.kill()
    try:
        answer = await front.api.get("/v1/shelters", headers=front.callers.operator)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:plek:problem:data-unavailable")
        parts = (await front.until(front.api, "/readyz", 200)).json()["parts"]
        assert (parts["issuer"], parts["view"]) == (True, False)
        told = (await front.send([registered()])).json()["events"][0]
        assert told["visible"] is False
    finally:
        await redis.start()
    shelters = await _shown(front, [f"{told['partition']}:{told['offset']}"])
    assert "berk" in {shelter["shelter"] for shelter in shelters}


async def test_redis_that_hangs(front: Front, redis: Valkey) -> None:
    """A Redis that is there and does not answer: events are taken, and whoever reads is told to phone, within five seconds."""
    redis.child.send_signal(signal.SIGSTOP)
    try:
        async with asyncio.timeout(5):
            read = await front.api.get("/v1/shelters", headers=front.callers.operator)
        async with asyncio.timeout(5):
            sent = await front.send([registered()])
    finally:
        redis.child.send_signal(signal.SIGCONT)
    assert (read.status_code, sent.status_code, sent.json()["events"][0]["visible"]) == (503, 200, False)
    told = sent.json()["events"][0]
    await _shown(front, [f"{told['partition']}:{told['offset']}"])


@pytest.mark.asyncio(loop_scope="function")
async def test_a_service_starts_before_all_it_needs_and_stops_in_time(
    kafka: Kafka, valkey: Valkey, prefix: str, service: Callable[[str, Settings], Service], tmp_path: Path
) -> None:
    """With nothing but its disk it runs and is not ready; told to stop, it ends within five seconds with exit code 0."""
    nowhere = {"kafka": f"{LOOPBACK}:1", "redis": f"redis://{LOOPBACK}:1/0", "issuer": f"http://{LOOPBACK}:1"}
    settings = settings_for(kafka, valkey, prefix).model_copy(update=nowhere)
    for name in ("gateway", "api"):
        made = service(name, settings)
        made.child.start()
        async with httpx.AsyncClient(base_url=made.url) as client:
            answer = await Front(Callers(tmp_path), client, client, {}).until(client, "/readyz", 503)
            assert {part for part, ready in answer.json()["parts"].items() if ready} <= {"disk"}
        async with asyncio.timeout(5):
            await made.stop()


async def test_what_an_organisation_writes_to_its_own_topic(front: Front, kafka: Kafka) -> None:
    """A topic made while the gateway runs is found; good records count, bad ones are put aside and answered, in order and once.

    One of them is in binary mode; the refusals stand on the organisation's own topic, and are those that its shelter reads over HTTP.
    """
    topics = Topics(front.prefix)
    await create_topics(kafka.brokers, front.prefix, organisations=["org-1"])
    sent = [
        *(registered("els"), declared("u1", "els"), b"{", declared("u2", "els"), admitted("u1", "els")),
        registered("els", organisation="org-2", number=9),
    ]
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        for each in sent:
            await producer.send_and_wait(topics.intake("org-1"), each if isinstance(each, bytes) else orjson.dumps(each), b"els")
        binary = declared("u3", "els")
        await producer.send_and_wait(topics.intake("org-1"), orjson.dumps(binary["data"]), b"els", headers=kafka_headers(binary))
    await front.confirm_until_counted("els", occupied=1, capacity=3)
    letters = await _letters(kafka, topics.dead_letters, 2)
    assert sorted(dict(letter.headers)["reason"] for letter in letters) == [b"not_yours", b"unreadable"]
    assert {letter.value for letter in letters} >= {b"{"}
    refused = [orjson.loads(letter.value) for letter in await _letters(kafka, topics.refused("org-1"), 2)]
    assert [(each["offset"], each["reason"]) for each in refused] == [(2, "unreadable"), (5, "not_yours")]
    answer = await front.gateway.get("/v1/refusals", headers=front.callers.shelter("els"))
    assert answer.json()["refusals"] == [each | {"organisation": "org-1"} for each in refused[::-1]]
    assert (await front.gateway.get("/v1/refusals", headers=front.callers.shelter("nowhere"))).json()["refusals"] == []


@pytest.mark.long
async def test_nothing_of_what_must_not_be_there_comes_out_again(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """Canaries by every way in, an organisation's own topic too: none in an answer, a header, a log, a metric, a topic or Redis."""
    async with _front(kafka, valkey, prefix, tmp_path) as front:
        oracle = Oracle()
        for client in (front.gateway, front.api):
            client.event_hooks = oracle.hooks
        await plant(front.callers, (front.gateway, front.api), oracle.texts, by_all=True)
        await front.send([registered(), declared(), admitted()])
        settings = settings_for(kafka, valkey, prefix)
        await create_topics(settings.brokers, prefix, organisations=["org-1"])
        refused = await plant_in_intake(settings, "org-1", oracle.canaries)
        await _letters(kafka, Topics(prefix).dead_letters, refused)
        for headers in (front.callers.shelter("berk"), front.callers.operator, front.callers.coordinator("R07")):
            await front.api.get("/v1/shelters", headers=headers)
        await front.api.get("/v1/audit", headers=front.callers.of("auditor"), params={"limit": 1_000})
        logs = [each.child.log for each in front.services.values() if each.child.log]
        await oracle.sweep(settings, logs, [each.url for each in front.services.values()])
    oracle.insist()
    assert {"answer", "header", "log", "metrics", "topic", "redis"} == {kind for kind, size in oracle.looked.items() if size > 1_000}


async def _letters(kafka: Kafka, topic: str, number: int) -> list[Any]:
    async with AIOKafkaConsumer(topic, bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest") as consumer:
        async with asyncio.timeout(PATIENCE_S):
            return [await consumer.getone() for _ in range(number)]
