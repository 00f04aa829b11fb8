"""A port is free when it can be bound on loopback; one that was used before is preferred, so addresses survive a restart."""

import socket
from collections.abc import Iterable
from contextlib import ExitStack

import psutil

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Return whether no process listens there (a connection that lingers after its listener's end does not count)."""
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        return False
    return True


def holder_of(port: int) -> str | None:
    """Return which program listens at a port of this machine; None where that can't be known, as of another user's."""
    try:
        for each in psutil.net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr[1:] == (port,) and each.pid:
                return f"{psutil.Process(each.pid).name()} (process {each.pid})"
    except (psutil.Error, OSError):  # macOS lets only root see the connections of others
        return None
    return None


def free_ports(count: int) -> list[int]:
    """Return distinct free ports; all are held open while choosing, so that none comes up twice."""
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind((LOOPBACK, 0))
        return [int(sock.getsockname()[1]) for sock in sockets]


def choose_ports(names: Iterable[str], remembered: dict[str, int]) -> dict[str, int]:
    """Return a port for every name: its remembered one when that is still free, else a new one."""
    kept = {name: remembered[name] for name in names if name in remembered and is_free(remembered[name])}
    missing = [name for name in names if name not in kept]
    fresh = [port for port in free_ports(len(missing) + len(kept)) if port not in kept.values()]
    return kept | dict(zip(missing, fresh, strict=False))
