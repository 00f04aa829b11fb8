"""The errors that mean that Redis is away, so that a caller waits and retries."""

import asyncio
from typing import Any

import pytest
from redis import exceptions
from redis._parsers.base import BaseParser

from services.adapters.redis.clients import is_away, new_redis
from services.adapters.view.ports import Position, ViewUnavailableError
from services.adapters.view.redis_reader import RedisReader
from tests.controlled_servers import Valkey

REFUSALS = [
    "NOREPLICAS Not enough good replicas to write.",
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "READONLY You can't write against a read only replica.",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "LOADING Redis is loading the dataset in memory",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "CLUSTERDOWN The cluster is down",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
]
FAULTS = [
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "NOSCRIPT No matching script. Please use EVAL.",
    "NOPERM this user has no permissions to run the 'set' command",
    "BUSYGROUP Consumer Group name already exists",
    "ERR unknown command 'BUSYNESS'",
]


def parsed(line: str) -> Exception:
    """Return the exception that redis-py makes of an error line of a server."""
    parse: Any = BaseParser.parse_error
    found: Exception = parse(line)
    return found


@pytest.mark.parametrize("line", REFUSALS)
def test_a_refusal_that_passes_by_itself_is_away(line: str) -> None:
    """A temporary refusal is away: as a server sends it, within a script of an older server, and in a pipeline."""
    assert is_away(parsed(line))
    assert is_away(parsed(f"ERR Error running script (call to f_1): @user_script:1: -{line}"))
    assert is_away(exceptions.ResponseError(f"Command # 1 (SET a b) of pipeline caused error: {line}"))


@pytest.mark.parametrize("line", FAULTS)
def test_a_mistake_of_ours_is_not_away(line: str) -> None:
    """An error that no waiting ends is raised as it is."""
    assert not is_away(parsed(line))


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ConnectionError("no connection available"),
        exceptions.TimeoutError(),
        exceptions.MaxConnectionsError(),
        ConnectionResetError(),
        asyncio.IncompleteReadError(b"", 1),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_connection_that_fails_is_away(error: Exception) -> None:
    """A server that can't be reached, or does not answer in time, is away."""
    assert is_away(error)


def test_nothing_else_is_away() -> None:
    """A fault of ours is not taken for a Redis that is away."""
    assert not is_away(ValueError("NOREPLICAS"))


async def test_a_real_server_without_replicas_is_away_to_a_view(own_valkey: Valkey) -> None:
    """A server without the replicas that it needs refuses every write of the view temporarily, and reads go on."""
    view, admin = RedisReader(own_valkey.url, "plek", 2), new_redis(own_valkey.url)
    await view.halt(0, "before")
    await admin.config_set("min-replicas-to-write", "1")
    for write in (view.halt(0, None), view.forget(0), view.begin(0, Position(offset=0))):
        with pytest.raises(ViewUnavailableError, match="accepts nothing"):
            await write
    assert await view.halted() == {0: "before"}
    await admin.config_set("min-replicas-to-write", "0")
    await view.halt(0, None)
    assert await view.halted() == {}
    await admin.aclose()
    await view.close()


async def test_a_caller_waits_for_a_connection(valkey: Valkey) -> None:
    """Five hundred commands at once are more than there are connections, and all get a reply."""
    client = new_redis(valkey.url, socket_timeout=5)
    assert await asyncio.gather(*(client.ping() for _ in range(500))) == [True] * 500
    assert len(client.connection_pool._available_connections) <= 50
    await client.aclose()
