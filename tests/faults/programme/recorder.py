"""What the actors see, as it happens: each request with its time and its outcome, and the history that the checker reads."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from services.adapters.clock import now_ms
from tests.bench.connection import AWAY, JSON, Client
from tests.faults.checker.history import History

# Longer than any answer that is worth having; what takes longer is an error
_PATIENCE_S: Final = 8.0
_PAUSE_S: Final = 0.2
# What is no error: an answer that says what is wrong with the request, or that another was first
_FAILED: Final = 500
_TOO_MANY: Final = 429


class Failed(NamedTuple):
    """A request that was not answered (status 0), or with a fault of the server."""

    at: int
    service: str
    what: str


@dataclass(slots=True)
class Recorder:
    """The history of a run; of each service when it answered, and what failed."""

    history: History = field(default_factory=History)
    answered: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    failed: list[Failed] = field(default_factory=list)
    over: bool = False
    modes: Counter[str] = field(default_factory=Counter)
    """What the senders do wrong now: duplicates, disorder, late, poison; counted, for faults of one kind overlap."""

    def note(self, service: str, status: int, kind: str) -> None:
        """Note that a service answered, or (status 0) did not."""
        if status == 0 or status >= _FAILED:
            self.failed.append(Failed(now_ms(), service, f"{kind} {status}"))
        else:
            self.answered[service].append(now_ms())


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its times (ms); status 0 is none."""

    sent: int
    received: int
    status: int
    body: Any = None


@dataclass(slots=True)
class Caller:
    """Asks services of one kind, over their links: the next one where one does not answer."""

    names: tuple[str, ...]
    clients: list[Client]
    recorder: Recorder
    turn: int = 0

    async def ask(self, method: str, path: str, who: str, body: bytes = b"", kind: str = JSON, key: str | None = None) -> Reply:
        """Ask once; the next question goes to another service where this one fails."""
        index = self.turn % len(self.names)
        sent, status, found = now_ms(), 0, None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                status, found = await self.clients[index].ask(method, path, who, body, kind, key)
        except (*AWAY, TimeoutError, ValueError, IndexError):
            pass
        self.recorder.note(self.names[index], status, f"{method} {_shape(path)}")
        if status == 0 or status >= _FAILED:
            self.turn += 1
        return Reply(sent, now_ms(), status, found)

    async def until_taken(self, method: str, path: str, who: str, body: bytes, kind: str) -> Reply | None:
        """Ask until there is an answer that is none of a fault; None where the run ends before."""
        while not self.recorder.over:
            reply = await self.ask(method, path, who, body, kind)
            if 0 < reply.status < _FAILED and reply.status != _TOO_MANY:
                return reply
            await asyncio.sleep(_PAUSE_S)
        return None


def _shape(path: str) -> str:
    """Return a path without ids."""
    parts = path.strip("/").split("/")
    return "/".join("*" if index == 2 else part for index, part in enumerate(parts))
