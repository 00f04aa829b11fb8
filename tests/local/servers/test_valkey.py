"""Valkey from a Python package alone."""

import socket
import sys
from pathlib import Path

import pytest
import redis.asyncio as redis

from services.local.processes.free_ports import LOOPBACK
from services.local.user_error import UserError
from tests.controlled_servers import Valkey


@pytest.mark.e2e
async def test_a_server_that_hangs_is_given_up(tmp_path: Path) -> None:
    """A server that accepts a connection and never answers is given up when the limit of a start is over."""
    with socket.create_server((LOOPBACK, 0)) as deaf:
        valkey = Valkey(tmp_path, deaf.getsockname()[1])
        valkey.child.argv = [sys.executable, "-c", "import time; time.sleep(600)"]
        valkey.child.start()
        with pytest.raises(UserError, match="Valkey was not ready within 0 s"):
            await valkey.child.wait_until_ready(valkey.is_ready, 0.1)
        await valkey.kill()


@pytest.mark.e2e
async def test_what_is_written_is_there_after_a_clean_restart(own_valkey: Valkey) -> None:
    """A stop and a start keep the data and the address."""
    async with redis.from_url(own_valkey.url) as client:
        await client.set("a", "1")
    await own_valkey.stop()
    await own_valkey.start()
    async with redis.from_url(own_valkey.url) as client:
        assert await client.get("a") == b"1"


@pytest.mark.e2e
async def test_a_wiped_server_starts_empty(own_valkey: Valkey) -> None:
    """A server starts empty after its data was deleted."""
    async with redis.from_url(own_valkey.url) as client:
        await client.set("a", "1")
    await own_valkey.wipe()
    await own_valkey.start()
    async with redis.from_url(own_valkey.url) as client:
        assert await client.dbsize() == 0


@pytest.mark.e2e
async def test_no_key_is_evicted(valkey: Valkey) -> None:
    """The eviction policy is noeviction: writing fails before a key of the view is evicted."""
    async with redis.from_url(valkey.url) as client:
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
