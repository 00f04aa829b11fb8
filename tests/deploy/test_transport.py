"""TLS between all parts: with the files of deploy/ and certificates of deploy/secrets.sh, on real servers; and no start without it."""

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest
import uvicorn
from aiokafka.errors import KafkaConnectionError
from redis import exceptions
from redis.asyncio import from_url
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.config.settings import Settings, read
from services.adapters.config.transport import plain_connections
from services.adapters.kafka.clients import new_admin
from services.gateway.cloudevents_body import BATCH
from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK
from services.web.clients.plek_client import PlekClient
from tests.deploy.brokers import DEPLOY, ThreeBrokers
from tests.deploy.composed import make_secrets, program
from tests.free_ports import free_ports
from tests.issuing import issuing
from tests.sent import registered
from tests.waiting import until

_SASL: Final = {"kafka_user": "gateway", "kafka_password": "quite-secret"}
_KAFKA: Final = "PLEK_KAFKA needs SASL_SSL or SSL as PLEK_KAFKA_SECURITY"
_ELSEWHERE: Final = "without TLS beyond this machine: "


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({}, None),
        ({"kafka": "kafka-1:9092"}, _KAFKA),
        ({"kafka": "127.0.0.1:9092,kafka-2:9092", "kafka_security": "SASL_PLAINTEXT", **_SASL}, _KAFKA),
        ({"kafka": "kafka-1:9092", "kafka_security": "SASL_SSL", **_SASL}, None),
        ({"kafka": "127.0.0.1:9092,localhost:9093,[::1]:9094"}, None),
        ({"redis": "redis://redis:6379/0"}, "PLEK_REDIS must begin with rediss://"),
        ({"redis": "rediss://redis:6379/0"}, None),
        ({"redis": "unix:///run/redis.sock"}, None),
        ({"host": "::"}, "PLEK_HOST needs PLEK_TLS_FILE"),
        ({"host": "10.0.0.7"}, "PLEK_HOST needs PLEK_TLS_FILE"),
        ({"host": "::1"}, None),
        ({"web_behind": "http://front:8080"}, "PLEK_WEB_BEHIND must begin with https://"),
        ({"web_behind": "https://front:8080"}, None),
        ({"issuer": "http://login.example"}, "PLEK_ISSUER must begin with https://"),
        ({"kafka": "k:1", "redis": "redis://r:1/0"}, f"{_KAFKA}; PLEK_REDIS must begin with rediss://"),
    ],
)
def test_what_leaves_the_machine_without_tls_is_named(settings: dict[str, Any], fault: str | None) -> None:
    """Each connection beyond loopback without TLS is named with what it needs, all in one line; loopback and sockets need none."""
    line = plain_connections(Settings.model_validate(settings))
    assert line == (f"{_ELSEWHERE}{fault}. PLEK_PLAINTEXT=anywhere allows it, where the network encrypts by itself" if fault else None)


def test_a_mesh_may_encrypt_instead(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With PLEK_PLAINTEXT=anywhere a service reads settings with which it does not start otherwise."""
    monkeypatch.setenv("PLEK_REDIS", "redis://redis:6379/0")
    with pytest.raises(SystemExit):
        read()
    assert capsys.readouterr().err.startswith(f"{_ELSEWHERE}PLEK_REDIS")
    monkeypatch.setenv("PLEK_PLAINTEXT", "anywhere")
    assert read().redis == "redis://redis:6379/0"


@pytest.mark.parametrize(("name", "holds"), [("tls_file", "no key with its certificate"), ("web_behind_ca_file", "no certificates")])
def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path, name: str, holds: str) -> None:
    """What is named as certificate must be one, and nothing of the file is shown."""
    (tmp_path / "file").write_text("quite-secret")
    with pytest.raises(ValueError, match=f"the file that PLEK_{name.upper()} names holds {holds}") as refused:
        Settings.model_validate({name: tmp_path / "file"})
    assert "quite-secret" not in str(refused.value)


@pytest.mark.e2e
@pytest.mark.parametrize("service", ["processor", "gateway", "api", "monitor", "web"])
def test_no_service_listens_beyond_loopback_without_tls(service: str) -> None:
    """As the image starts it without settings, each ends with one line that names the setting."""
    done = subprocess.run(
        (sys.executable, "-m", f"services.{service}"),
        env={name: value for name, value in os.environ.items() if not name.startswith("PLEK_")} | {"PLEK_HOST": "0.0.0.0"},  # noqa: S104
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{_ELSEWHERE}PLEK_HOST needs PLEK_TLS_FILE")
    assert done.stderr.count("\n") == 1


@asynccontextmanager
async def _redis(secrets: Path, folder: Path) -> AsyncIterator[int]:
    """Start Redis by the files of deploy/redis with TLS: the Valkey that comes as a package has none, and Debian's Redis 7.0 has.

    One word of users.acl is newer than that Redis, and left out of the copy: the client does without it.
    """
    (port,) = free_ports(1)
    shutil.copytree(DEPLOY / "redis", folder / "redis")
    rights = folder / "redis" / "users.acl"
    rights.write_text(rights.read_text("utf-8").replace(" +client|setinfo", ""), "utf-8")
    for name in ("bin", "data"):
        (folder / name).mkdir()
    (folder / "bin" / "valkey-server").symlink_to(program("redis-server"))
    env = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "REDIS_USERS": str(secrets / "redis-users"),
        "REDIS_TLS": str(secrets / "tls" / "redis.pem"),
        "REDIS_CA": str(secrets / "tls" / "ca.pem"),
        "REDIS_PORT": str(port),
        "REDIS_DATA": str(folder / "data"),
    }
    child = ChildProcess("Redis", ("/bin/sh", str(folder / "redis" / "start.sh")), folder / "redis.log", env)
    child.start()
    try:
        await child.wait_until_ready(lambda: _pings(_redis_url(secrets, port, "operator")), 30)
        yield port
    finally:
        await child.kill()


def _redis_url(secrets: Path, port: int, user: str) -> str:
    file = secrets / "redis-users" / user
    url = f"rediss://{user}@{LOOPBACK}:{port}/0?ssl_ca_certs={secrets / 'tls' / 'ca.pem'}"
    return Settings.model_validate({"redis": url, "redis_password_file": file}).redis


async def _pings(url: str) -> bool:
    async with from_url(url) as client:
        try:
            return bool(await client.ping())
        except (exceptions.ConnectionError, ssl.SSLError, OSError):
            return False


@pytest.mark.e2e
async def test_redis_answers_by_tls_alone(tmp_path: Path) -> None:
    """Redis of deploy/ answers a client that trusts its authority, and neither one without TLS nor one with another authority."""
    secrets = make_secrets(tmp_path / "secrets")
    others = make_secrets(tmp_path / "others")
    async with _redis(secrets, tmp_path) as port:
        url = _redis_url(secrets, port, "api")
        assert await _pings(url)
        assert not await _pings(url.replace("rediss://", "redis://").partition("?")[0])
        assert not await _pings(url.replace(str(secrets), str(others)))


@pytest.mark.e2e
def test_redis_does_not_start_without_a_word_about_tls(tmp_path: Path) -> None:
    """Without REDIS_TLS there is a line and no server; `none` must be said, and listens on loopback."""
    users = make_secrets(tmp_path / "secrets") / "redis-users"
    done = subprocess.run(
        ("/bin/sh", str(DEPLOY / "redis" / "start.sh")),
        env={"PATH": os.environ["PATH"], "REDIS_USERS": str(users)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Redis does not start: REDIS_TLS must name a file of key and certificate" in done.stderr


@pytest.mark.e2e
@pytest.mark.timeout(240)
async def test_kafka_answers_by_tls_alone(three: ThreeBrokers, tmp_path: Path) -> None:
    """A broker of deploy/ answers a user who trusts its authority; without TLS, or with another authority, there is no connection."""
    others = make_secrets(tmp_path / "others") / "tls" / "ca.pem"
    good = three.brokers("gateway")
    assert await _connects(good)
    assert not await _connects(KafkaConnection(good.addresses, "SASL_PLAINTEXT", good.user, good.password))
    assert not await _connects(KafkaConnection(good.addresses, "SASL_SSL", good.user, good.password, ca_file=others))


async def _connects(brokers: KafkaConnection) -> bool:
    admin = new_admin(brokers, request_timeout_ms=5_000)
    try:
        await admin.start()
    except (KafkaConnectionError, ssl.SSLError):
        return False
    else:
        return True
    finally:
        await admin.close()


@pytest.mark.e2e
@pytest.mark.timeout(300)
async def test_an_event_goes_through_with_tls_everywhere(three: ThreeBrokers, tmp_path: Path) -> None:
    """From the gateway by Kafka, processor and Redis to the API: each listens by HTTPS with its own certificate, and by nothing else."""
    async with AsyncExitStack() as stack:
        callers = await stack.enter_async_context(issuing(tmp_path / "keys"))
        redis = await stack.enter_async_context(_redis(three.folder, tmp_path))
        trusted = ssl.create_default_context(cafile=three.authority)
        at = {}
        for name in ("processor", "gateway", "api"):
            at[name] = await stack.enter_async_context(_served(name, three, redis, callers.issuer, tmp_path, trusted))
        client = await stack.enter_async_context(httpx.AsyncClient(verify=trusted, timeout=30))
        headers = callers.operator | {"Content-Type": BATCH}
        sent = await client.post(f"{at['gateway']}/v1/events", headers=headers, content=orjson.dumps([registered("huis-1")]))
        assert sent.status_code == 200, sent.text

        async def is_shown() -> bool:
            answer = await client.get(f"{at['api']}/v1/shelters/huis-1", headers=callers.shelter("huis-1"))
            return answer.status_code == 200

        await until(is_shown)
        for url in at.values():
            with pytest.raises(httpx.TransportError):
                await client.get(url.replace("https://", "http://") + "/healthz")
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            async with httpx.AsyncClient() as other:
                await other.get(f"{at['api']}/healthz")


@asynccontextmanager
async def _served(name: str, three: ThreeBrokers, redis: int, issuer: str, folder: Path, trusted: ssl.SSLContext) -> AsyncIterator[str]:
    """Start a service as its user, with its certificate, and wait until it is ready."""
    (port,) = free_ports(1)
    settings = Settings.model_validate(
        three.settings(name)
        | {"redis": _redis_url(three.folder, redis, name), "tls_file": three.folder / "tls" / f"{name}.pem", f"{name}_port": port}
        | {"issuer": issuer, "pseudonym_key_file": three.folder / "pseudonym-key", "need_key_file": three.folder / "need-key"}
        | {"data": folder / name}
    )
    child = ChildProcess(name, (sys.executable, "-m", f"services.{name}"), folder / f"{name}.log", settings.environment())
    child.start()
    url = f"https://{LOOPBACK}:{port}"
    try:
        async with httpx.AsyncClient(verify=trusted) as client:
            await child.wait_until_ready(lambda: _is_ready(client, url), 90)
        yield url
    finally:
        await child.kill()


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/readyz")).status_code == 200
    except httpx.TransportError:
        await asyncio.sleep(0.1)
        return False


@pytest.mark.e2e
async def test_the_pages_trust_their_door_alone(tmp_path: Path) -> None:
    """With the authority of the installation the pages are answered by HTTPS; with that of another the door is away for them."""
    tls, others = make_secrets(tmp_path / "secrets") / "tls", make_secrets(tmp_path / "others") / "tls"
    (port,) = free_ports(1)
    app = Starlette(routes=[Route("/v1/me", lambda _: JSONResponse({"role": "worker"}))])
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_level="critical", ssl_certfile=tls / "front.pem"))
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started)
        at = f"https://{LOOPBACK}:{port}"
        for authority, answered in ((tls / "ca.pem", True), (others / "ca.pem", False)):
            client = PlekClient.at(at, at, at, authority=authority)
            assert (await client.get("token", "/v1/me")).ok is answered
            await client.close()
    finally:
        server.should_exit = True
        await serving
