"""Valkey, from a Python package alone."""

import pytest
import redis.asyncio as redis

from services.local.valkey import Valkey

pytestmark = pytest.mark.e2e


async def test_what_is_written_is_there_after_a_clean_restart(own_valkey: Valkey) -> None:
    """A stop and a start keep the data and the address."""
    async with redis.from_url(own_valkey.url) as client:
        await client.set("a", "1")
    await own_valkey.stop()
    await own_valkey.start()
    async with redis.from_url(own_valkey.url) as client:
        assert await client.get("a") == b"1"


async def test_a_wiped_server_starts_empty(own_valkey: Valkey) -> None:
    """After wipe() the next start knows nothing."""
    async with redis.from_url(own_valkey.url) as client:
        await client.set("a", "1")
    await own_valkey.wipe()
    await own_valkey.start()
    async with redis.from_url(own_valkey.url) as client:
        assert await client.dbsize() == 0


async def test_it_never_evicts(valkey: Valkey) -> None:
    """The view is complete or fails loudly: the policy is noeviction."""
    async with redis.from_url(valkey.url) as client:
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
