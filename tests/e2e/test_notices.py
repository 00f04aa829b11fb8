"""Notices on real Kafka, Faust and Valkey: an organisation's pager is called when a hold waits, once, and with no datum."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.adapters.redis.clients import new_redis
from tests.controlled_servers import Kafka, Valkey
from tests.faults.race import line
from tests.free_ports import free_ports
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.pager import Received, listening_at
from tests.sent import declared, registered
from tests.servers import KEY, Service, running, settings_for
from tests.waiting import until
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
SECRET = b"0123456789abcdef01234567"
_Make = Callable[[str, Settings], Service]


def _verified(request: Received) -> dict[str, Any]:
    """Verify a request as the page for integrators says, and return its body."""
    name, at, signature = (request.headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    digest = hmac.new(SECRET, f"{name}.{at}.".encode() + request.body, hashlib.sha256).digest()
    assert signature == "v1," + base64.b64encode(digest).decode()
    body: dict[str, Any] = orjson.loads(request.body)
    assert body["id"] == name
    return body


async def _held(client: httpx.AsyncClient, worker: dict[str, str]) -> str:
    """Hold a place for a mother with two children."""
    offers: list[str] = []

    async def offered() -> bool:
        answer = await client.post("/v1/searches", headers=worker, json={"adults": 1, "children": 2})
        offers.extend(offer["offer"] for offer in answer.json().get("offers", ()))
        return bool(offers)

    await until(offered)
    answer = await client.post("/v1/holds", headers=worker, json={"offer": offers[0]})
    assert answer.status_code == 201, answer.text
    hold: str = answer.json()["hold"]
    return hold


async def test_a_pager_is_called_once_for_a_hold_and_with_no_datum(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """With two processes of the API one signed POST comes, without name, number or region.

    One that is killed and started anew sends what is new, and no second one of what was sent. With the marks in Redis wiped and an API
    started anew the notices come again, under the same ids.
    """
    async with issuing(tmp_path) as callers, listening_at() as pager:
        hooks = {"org-1": {"url": pager.url, "secret": "whsec_" + base64.b64encode(SECRET).decode()}}
        file = tmp_path / "hooks.json"
        file.write_bytes(orjson.dumps(hooks))
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, pseudonym_key=KEY, notice_hooks_file=file)
        await create_topics(settings.brokers, settings.prefix)
        apis = [
            Service(
                "api", settings.model_copy(update={"api_port": port, "outbox": tmp_path / f"outbox-{port}"}), tmp_path / f"api-{port}.log"
            )
            for port in free_ports(2)
        ]
        async with (
            running(Service("processor", settings, tmp_path / "processor.log"), *apis),
            World(settings) as world,
            httpx.AsyncClient(base_url=apis[0].url, timeout=30, event_hooks=WATCH.oracle.hooks) as client,
        ):
            await WATCH.sow(callers, client)
            await world.play([line(registered()), line(registered("den", "R01", "org-2")), line(declared()), line(declared("u2"))])
            await world.folded()
            hold = await _held(client, callers.worker())
            await until(lambda: bool(pager.received))
            [request] = pager.received
            body = _verified(request)
            assert sorted(body) == ["id", "timestamp", "type"]
            assert body["type"] == "hold_waits"
            for datum in (hold, "berk", "Locatie", "org-1", "R07", "u1", "crisis", "0800", "adults", "children"):
                assert datum.encode() not in request.whole, datum

            await apis[1].kill()  # only the process that is started anew can send now
            await apis[0].kill()
            await apis[0].start()
            await _held(client, callers.worker("w2"))
            await until(lambda: len(pager.received) > 1)  # so it has looked at both holds
            ids = [_verified(request)["id"] for request in pager.received]
            assert (ids[0], len(set(ids))) == (body["id"], 2)

            await _wipe_marks(settings)
            await apis[0].kill()
            await apis[0].start()
            await until(lambda: len(pager.received) == 4)
            assert {_verified(again)["id"] for again in pager.received} == set(ids)


async def _wipe_marks(settings: Settings) -> None:
    redis = new_redis(settings.redis)
    keys = [key async for key in redis.scan_iter(f"{settings.prefix}:notice:*")]
    assert len(keys) == 2
    await redis.delete(*keys)
    await redis.aclose()


async def test_a_pager_that_is_away_is_called_when_it_is_back(
    kafka: Kafka, valkey: Valkey, prefix: str, service: _Make, tmp_path: Path
) -> None:
    """While it answers 500 the API answers as always, and counts and logs the failure without the address; then the notice comes."""
    async with issuing(tmp_path) as callers, listening_at("/a-path-of-a-pager", answer=b"HTTP/1.1 500 No\r\n\r\n") as pager:
        hooks = {"org-1": {"url": pager.url, "secret": "whsec_" + base64.b64encode(SECRET).decode()}}
        settings = settings_for(
            kafka,
            valkey,
            prefix,
            issuer=callers.issuer,
            outbox=tmp_path / "outbox",
            pseudonym_key=KEY,
            notice_hooks=orjson.dumps(hooks).decode(),
        )
        await create_topics(settings.brokers, settings.prefix)
        api, processor = service("api", settings), service("processor", settings)
        await processor.start()
        await api.start()
        async with World(settings) as world, httpx.AsyncClient(base_url=api.url, timeout=30, event_hooks=WATCH.oracle.hooks) as client:
            await WATCH.sow(callers, client)
            await world.play([line(registered()), line(declared())])
            await world.folded()
            await _held(client, callers.worker())
            await until(lambda: bool(pager.received))
            pager.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
            failed = len(pager.received)

            async def counted() -> bool:
                return 'plek_notices_total{channel="webhook",outcome="sent"} 1.0' in (await client.get("/metrics")).text

            await until(counted)
            metrics = (await client.get("/metrics")).text
            assert f'plek_notices_total{{channel="webhook",outcome="failed"}} {failed}.0' in metrics
            assert len({_verified(request)["id"] for request in pager.received}) == 1
        logged = "".join(file.read_text() for file in tmp_path.rglob("*.log"))
        assert "a notice was not delivered" in logged
        assert "a-path-of-a-pager" not in logged


async def test_a_subscription_outlives_a_restart_and_a_wiped_redis(
    kafka: Kafka, valkey: Valkey, prefix: str, service: _Make, tmp_path: Path
) -> None:
    """An API that is killed and started anew over an empty Redis knows the browser: its shelter ends it there, and no other does."""
    async with issuing(tmp_path) as callers:
        settings = settings_for(
            kafka,
            valkey,
            prefix,
            issuer=callers.issuer,
            outbox=tmp_path / "outbox",
            pseudonym_key=KEY,
            push_key="A" * 42 + "E",
            push_hosts="push.example",  # leads nowhere (RFC 2606)
        )
        await create_topics(settings.brokers, settings.prefix)
        api, processor = service("api", settings), service("processor", settings)
        await processor.start()
        await api.start()
        path, shelter = "/v1/notices/subscriptions", callers.shelter("berk")
        async with httpx.AsyncClient(base_url=api.url, timeout=30, event_hooks=WATCH.oracle.hooks) as client:
            await WATCH.sow(callers, client)
            made = await client.post(path, headers=shelter, json={"endpoint": "https://push.example/send/abc"})
            assert made.json()["status"] == "subscribed", made.text
            name = made.json()["subscription"]
            await api.kill()
            redis = new_redis(settings.redis)
            await redis.delete(*[key async for key in redis.scan_iter(f"{settings.prefix}:*")])
            await redis.aclose()
            await api.start()
            other = await client.delete(f"{path}/{name}", headers=callers.shelter("den"))
            assert other.json()["status"] == "unchanged"

            async def ended() -> bool:
                answer = await client.delete(f"{path}/{name}", headers=shelter)
                return answer.status_code == 200 and answer.json()["status"] == "ended"

            await until(ended)  # once the topic was read again
