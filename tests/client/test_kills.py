"""Killed with -9 again and again, over a network that loses, doubles and delays: no event is lost, none is doubled, the order is kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from services.local.processes.free_ports import LOOPBACK
from tests.client.hostile_network import HostileNetwork
from tests.client.killed_writers import check_log, write_and_kill
from tests.free_ports import free_ports
from tests.gateway.conftest import Desk
from tests.leak.watch import WATCH
from tests.waiting import until

pytestmark = pytest.mark.e2e


@asynccontextmanager
async def _served(desk: Desk) -> AsyncIterator[int]:
    """Serve the gateway of the test on a port."""
    [port] = free_ports(1)
    app = desk.client._transport.app  # type: ignore[attr-defined]  # that of httpx.ASGITransport
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield port
    finally:
        server.should_exit = True
        await serving


async def _run(desk: Desk, file: Path, total: int, kills: int) -> HostileNetwork:
    await WATCH.sow(desk.callers, desk.client)
    desk.log.records.clear()
    async with _served(desk) as gateway:
        network = await write_and_kill(desk.callers, gateway, file, total, kills)
    check_log((value for _, value in desk.records), total)
    return network


async def test_twenty_kills_lose_nothing(desk: Desk, tmp_path: Path) -> None:
    """Two writers of a file, killed 20 times in 200 events: 0 lost, 0 doubled, the order of each shelter is kept."""
    await _run(desk, tmp_path / "plek.sqlite", 200, 20)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_two_hundred_kills_lose_nothing(desk: Desk, tmp_path: Path) -> None:
    """Two writers of a file, killed 200 times in 2,000 events: 0 lost, 0 doubled, the order of each shelter is kept."""
    network = await _run(desk, tmp_path / "plek.sqlite", 2_000, 200)
    assert {"lost", "answer lost", "torn", "doubled", "slow", "delivered late", "busy", "portal", "passed"} == set(network.fates)
