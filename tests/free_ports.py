"""Ports for the servers of tests, each handed out once: what starts a minute after its port was chosen still finds it free.

A port that is bound and closed to see that it is free may be chosen by a test of another process before its server starts, and then
one server answers for the other. So every process of the tests has a range of its own, below the ports that the system gives away
by itself, and goes through it in turn.
"""

import itertools
import os
from collections.abc import Iterator
from typing import Final

from services.local.processes.free_ports import is_free

_FIRST: Final = 10_000
_END: Final = 32_000
_RANGES: Final = 8


def _range() -> range:
    """Return the ports of this process: by the number of the worker where several run the tests."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _RANGES
    size = (_END - _FIRST) // _RANGES
    return range(_FIRST + worker * size, _FIRST + (worker + 1) * size)


def _in_turn() -> Iterator[int]:
    """Go round the range for ever, from a place that differs between two runs at once."""
    ports = _range()
    return itertools.islice(itertools.cycle(ports), os.getpid() * 97 % len(ports), None)


_PORTS: Final = _in_turn()


def free_ports(count: int) -> list[int]:
    """Return ports that are free now, and that no other test is given; RuntimeError when the whole range is taken."""
    looked_at = itertools.islice(_PORTS, len(_range()))
    found = list(itertools.islice((port for port in looked_at if is_free(port)), count))
    if len(found) < count:
        raise RuntimeError("no free port is left in the range of the tests")
    return found
