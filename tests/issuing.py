"""An issuer over HTTP from the test's own process, for services that are processes of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from services.local.processes.free_ports import LOOPBACK
from services.local.servers.oidc_issuer import create_app
from tests.callers import Callers
from tests.free_ports import free_ports


@asynccontextmanager
async def issuing(folder: Path) -> AsyncIterator[Callers]:
    """Serve the keys of an issuer, and make its tokens."""
    (port,) = free_ports(1)
    callers = Callers(folder, f"http://{LOOPBACK}:{port}")
    server = uvicorn.Server(uvicorn.Config(create_app(callers.keys, callers.issuer), host=LOOPBACK, port=port, log_level="critical"))
    serving = asyncio.create_task(server.serve())
    try:
        yield callers
    finally:
        server.should_exit = True
        await serving
