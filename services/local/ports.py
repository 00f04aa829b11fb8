"""A port is free when it can be bound on loopback; one that was used before is preferred, so addresses survive a restart."""

import socket
from collections.abc import Iterable

LOOPBACK = "127.0.0.1"


def _bound(port: int) -> socket.socket | None:
    sock = socket.socket()
    try:
        sock.bind((LOOPBACK, port))
    except OSError:
        sock.close()
        return None
    return sock


def is_free(port: int) -> bool:
    """Whether nobody listens there (a connection that lingers after its listener's end does not count)."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
    except OSError:
        return False
    else:
        return True
    finally:
        sock.close()


def free_ports(count: int) -> list[int]:
    """Return distinct free ports; all are held open while choosing, so that none comes up twice."""
    held = [sock for sock in (_bound(0) for _ in range(count)) if sock is not None]
    ports = [int(sock.getsockname()[1]) for sock in held]
    for sock in held:
        sock.close()
    return ports


def settle(names: Iterable[str], remembered: dict[str, int]) -> dict[str, int]:
    """Give every name its remembered port when that is still free, else a new one."""
    kept = {name: remembered[name] for name in names if name in remembered and is_free(remembered[name])}
    missing = [name for name in names if name not in kept]
    fresh = [port for port in free_ports(len(missing) + len(kept)) if port not in kept.values()]
    return kept | dict(zip(missing, fresh, strict=False))
