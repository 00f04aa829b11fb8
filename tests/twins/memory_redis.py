"""A Redis in memory, which runs the scripts in Lua: the adapters of Redis pass their suites on it, and no process is started.

`fakeredis` answers on a port of loopback in threads of this process, so an adapter connects as it does to a server.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, Final

import pytest
from fakeredis import TcpFakeServer

_LOOPBACK: Final = "127.0.0.1"
# As old as the oldest server that the view may be in
_VERSION: Final = (6, 2)


@contextmanager
def memory_redis() -> Iterator[str]:
    """Serve a Redis in memory, and yield its address."""
    server = TcpFakeServer((_LOOPBACK, 0), server_version=_VERSION)
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    serving.start()
    try:
        # A caller waits as long as on a server of the tests: a busy machine may need more than the quarter of a second
        yield f"redis://{_LOOPBACK}:{server.server_address[1]}/0?socket_timeout=10&socket_connect_timeout=10&timeout=10"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def in_redis(kind: str = "redis") -> tuple[Any, Any]:
    """Return the parameters of a suite that pass an adapter of Redis: on a server, and on a Redis in memory."""
    return pytest.param(kind, marks=pytest.mark.e2e), pytest.param(kind, id=f"{kind} in memory", marks=pytest.mark.in_memory)
