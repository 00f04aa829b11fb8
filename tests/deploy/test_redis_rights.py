"""The users of Redis as deployed: what each may do is done, and all else is refused. `tests/matrix` runs every route with these rights."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from redis.asyncio import from_url
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.adapters.view.last_checks import RedisLastChecks, ViewCheck
from services.adapters.view.ports import PartitionCheck, Position, Saved, Write
from services.adapters.view.redis_acl_rules import ROLES
from services.adapters.view.redis_reader import RedisDemandReader, RedisReader
from services.adapters.view.redis_writer import RedisWriter
from tests.controlled_servers import Kafka
from tests.deploy.command import plek
from tests.deploy.redis import DeployedRedis

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

P: Final = "plek"
# Of nobody but the admin of the machine: what empties, configures, watches or stops the server, or lists and copies what is in it
_DANGEROUS: Final = (
    "FLUSHALL",
    "FLUSHDB",
    "CONFIG GET *",
    "CONFIG SET maxmemory 1",
    "SHUTDOWN NOSAVE",
    "MONITOR",
    "KEYS *",
    "SCAN 0",
    "RANDOMKEY",
    f"DUMP {P}:duty",
    "SAVE",
    "REPLICAOF NO ONE",
    "ACL LIST",
    "ACL SETUSER api on nopass allkeys allcommands",
    "CLIENT LIST",
    "CLIENT KILL TYPE normal",
    "MODULE LIST",
    "SCRIPT FLUSH",
    "FUNCTION FLUSH",
    "SWAPDB 0 1",
    "EVAL return 0",
    "PUBSUB CHANNELS",
)
_WRITES_VIEW: Final = (
    f"HSET {P}:{{0}}:position offset 1",
    f"HSET {P}:{{0}}:counts national:free 1",
    f"HDEL {P}:{{0}}:shelters berk",
    f"SET {P}:{{0}}:halted x",
    f"SET {P}:{{0}}:checked x",
    f"XADD {P}:{{0}}:changes * a b",
    f"HSET {P}:demand:{{0}}:open a b",
)
_FORGES: Final = (f"PUBLISH {P}:moved x", f"PUBLISH {P}:demand:moved x")
_MEMORY: Final = (f"HGETALL {P}:{{0}}:facts", f"ZRANGE {P}:{{0}}:seen 0 -1", f"ZRANGE {P}:{{0}}:corrected 0 -1")
_OF_API: Final = (f"GET {P}:owner:h", f"HGETALL {P}:waiting", f"HGETALL {P}:duty", f"GET {P}:search:s", f"SET {P}:owner:h x")
_OF_VIEW: Final = (f"HGETALL {P}:{{0}}:position", f"HGETALL {P}:{{0}}:shelters", f"HGETALL {P}:demand:{{0}}:open")
_REFUSED: Final[dict[str, tuple[str, ...]]] = {
    "gateway": (
        *_WRITES_VIEW,
        *_FORGES,
        *_MEMORY,
        *_OF_API,
        f"GET {P}:{{0}}:checked",
        f"HSET {P}:last-checks view x",
        f"DEL {P}:{{0}}:position",
    ),
    "processor": (*_OF_API, f"SET {P}:turn:p:call 1", f"HGETALL {P}:last-checks", f"SUBSCRIBE {P}:moved"),
    "api": (*_WRITES_VIEW, *_FORGES, *_MEMORY, f"HSET {P}:last-checks view x", f"INCRBY {P}:events:s 1", f"DEL {P}:{{0}}:position"),
    "monitor": (*_WRITES_VIEW, *_FORGES, *_MEMORY, *_OF_API, *_OF_VIEW, f"SUBSCRIBE {P}:moved", f"GET {P}:attempt:a"),
    "operator": (*_WRITES_VIEW, *_FORGES, *_OF_API, f"DEL {P}:{{0}}:shelters", f"DEL {P}:turn:p:call", f"GET {P}:attempt:a"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def redis(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DeployedRedis]:
    """One Redis as it is deployed."""
    async with DeployedRedis(tmp_path_factory.mktemp("redis-rights"), P) as server:
        yield server


async def _run(redis: DeployedRedis, user: str, command: str) -> Any:
    async with from_url(redis.url(user)) as client:
        send: Any = client.execute_command  # redis-py declares no types of it
        return await send(*command.split(" "))


@pytest.mark.parametrize("user", ROLES)
async def test_no_service_runs_a_dangerous_command(redis: DeployedRedis, user: str) -> None:
    """None empties, configures, watches or stops the server, or lists its keys."""
    for command in _DANGEROUS:
        with pytest.raises(NoPermissionError):
            await _run(redis, user, command)


@pytest.mark.parametrize(("user", "command"), [(user, command) for user, commands in _REFUSED.items() for command in commands])
async def test_what_is_not_its_own_is_refused(redis: DeployedRedis, user: str, command: str) -> None:
    """Only the processor writes the view and says that it moved, and no service reads what another keeps."""
    with pytest.raises(NoPermissionError):
        await _run(redis, user, command)


async def test_an_operator_sees_who_was_refused_what(redis: DeployedRedis) -> None:
    """The user, and the command or key: a service that lacks a right goes on as if Redis were away, and this alone shows why."""
    for user, command in (("monitor", "FLUSHALL"), ("gateway", f"GET {P}:owner:seen-by-an-operator")):
        with pytest.raises(NoPermissionError):
            await _run(redis, user, command)
    assert {"monitor: command flushall", f"gateway: key {P}:owner:seen-by-an-operator"} <= set(await redis.refusals())


@pytest.mark.parametrize("user", ["gateway", "api", "operator"])
async def test_no_script_does_what_its_caller_may_not(redis: DeployedRedis, user: str) -> None:
    """A script that writes the view, or names other keys than it declares, is refused where it does so."""
    async with from_url(redis.url(user)) as client:
        for text in (f"return redis.call('HSET', '{P}:{{0}}:counts', 'a', 1)", "return redis.call('HSET', KEYS[1], 'a', 1)"):
            with pytest.raises(ResponseError, match=r"(?i)permission|ACL"):
                await client.register_script(text)(keys=[f"{P}:{{0}}:counts" if user == "operator" else f"{P}:{{0}}:shelters"])
    async with from_url(redis.url("operator")) as client:
        assert await client.hgetall(f"{P}:{{0}}:counts") == {}


async def test_without_a_password_nothing_is_done(redis: DeployedRedis) -> None:
    """The user without a name is off, and a wrong password is one."""
    address = redis.url("api").partition("@")[2]
    async with from_url(f"redis://{address}") as client:
        with pytest.raises(AuthenticationError):
            await client.ping()
    async with from_url(f"redis://api:wrong@{address}") as client:
        with pytest.raises(AuthenticationError):
            await client.ping()


def _write(offset: int) -> Write:
    return Write(
        after=offset - 1, position=Position(offset=offset), counts={"national:free": offset}, facts={offset: b"{}"}, seen={b"n": 1}
    )


async def test_the_view_is_written_read_and_followed(redis: DeployedRedis) -> None:
    """The processor begins, writes, halts; gateway, API and operator read it at one instant and hear that it moved."""
    writer = RedisWriter(redis.url("processor"), P, 12)
    readers = [RedisReader(redis.url(user), P, 12) for user in ("gateway", "api", "operator")]
    demand = [RedisDemandReader(redis.url(user), P, 12) for user in ("gateway", "api", "operator")]
    try:
        heard = [asyncio.ensure_future(anext(reader.subscribe())) for reader in readers]
        await asyncio.sleep(0.2)
        await writer.begin(3, _write(-1).position)
        await writer.assign(3, 1)
        assert await writer.write(3, _write(0))
        assert await asyncio.wait_for(asyncio.gather(*heard), 5) == [(3, 0)] * 3
        await writer.halt(3, "version_too_new")
        assert await writer.faults() == []
        await writer.mark_checked(3, PartitionCheck(at=1, log_at=0, differences=0))
        assert await writer.sample(3, Saved(position=Position(offset=0), counts={"national:free": 0})) is not None
        for reader in readers[1:]:
            assert (await reader.checks())[3].differences == 0
        assert await writer.load(3) is not None
        for reader in readers:
            assert (await reader.read_partition(3)).halted == "version_too_new"
            assert (await reader.positions())[3].offset == 0
            assert await reader.hold(3, "berk", "h") is None
            await reader.changes_since(3, "0", [])
            await reader.changes(3, "0")
        for each in demand:
            assert (await each.read_partition(3)).position is None
            assert await each.case(3, "search", "s") is None
        await writer.halt(3, None)
    finally:
        await asyncio.gather(*(each.close() for each in (writer, *readers, *demand)))


async def test_an_operator_rebuilds_and_keeps_the_result_of_a_check(redis: DeployedRedis) -> None:
    """An operator removes the position of a partition, reads the whole view of it, and writes what a check found; the API reads that."""
    operator, check = RedisWriter(redis.url("operator"), P, 12), ViewCheck(at=1, partitions=24, all=True, records=7, differences=0)
    written, read = RedisLastChecks(redis.url("operator"), P), RedisLastChecks(redis.url("api"), P)
    try:
        await operator.load(3)
        await operator.forget(3)
        assert await operator.position(3) is None
        await written.write(check)
        assert (await read.read()).view == check
    finally:
        for each in (operator, written, read):
            await each.close()


async def test_the_command_verifies_as_an_operator(redis: DeployedRedis, kafka: Kafka) -> None:
    """`plek verify` reads everything with the operator's rights alone, and stores what it found."""
    folder = redis.folder / "verified"
    folder.mkdir()
    async with DeployedRedis(folder, "rights-verified") as own:
        settings = Settings.model_validate(own.settings("operator") | {"kafka": kafka.bootstrap, "prefix": own.prefix})
        await create_topics(settings.brokers, settings.prefix)
        done = await asyncio.to_thread(plek, settings, "verify")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "0 differences" in done.stdout
        assert await own.refusals() == []
