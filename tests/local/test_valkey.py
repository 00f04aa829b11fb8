"""Valkey, from a Python package alone."""

import socket
import sys
from pathlib import Path

import pytest
import redis.asyncio as redis

from services.local.ports import LOOPBACK
from services.local.trouble import Trouble
from services.local.valkey import Valkey


async def test_one_that_hangs_is_given_up(tmp_path: Path) -> None:
    """It takes the connection and never answers: the limit to a start holds all the same."""
    with socket.create_server((LOOPBACK, 0)) as deaf:
        valkey = Valkey(tmp_path, deaf.getsockname()[1])
        valkey.child.argv = [sys.executable, "-c", "import time; time.sleep(600)"]
        valkey.child.start()
        with pytest.raises(Trouble, match="Valkey was not ready within 0 s"):
            await valkey.child.ready(valkey.is_ready, 0.1)
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
    """After wipe() the next start knows nothing."""
    async with redis.from_url(own_valkey.url) as client:
        await client.set("a", "1")
    await own_valkey.wipe()
    await own_valkey.start()
    async with redis.from_url(own_valkey.url) as client:
        assert await client.dbsize() == 0


@pytest.mark.e2e
async def test_it_never_evicts(valkey: Valkey) -> None:
    """The view is complete or fails loudly: the policy is noeviction."""
    async with redis.from_url(valkey.url) as client:
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
