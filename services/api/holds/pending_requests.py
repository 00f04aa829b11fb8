"""Stores what must be remembered between two requests about a hold and is no fact: who waits for a decision, which hold a search has.

Stored in Redis, so that it outlives a process and all of them share it; while Redis is away, in the process. If Redis is emptied, a request
that is not asked after lives until its time is over, and a search can have a second hold; who gets a place depends on the log alone.
"""

from dataclasses import replace
from typing import Protocol

from services.api.holds.request_life import PendingHold


class PendingHoldsUnavailableError(Exception):
    """Redis is away, so that no process knows of all requests."""


class PendingHolds(Protocol):
    """Stores requests for holds; their life is `request_life.py`."""

    async def begin(self, request: PendingHold, now: int) -> set[str]:
        """Write that a request waits, unless the same request was written before, however its copies arrive.

        Return the other holds that its person began to request and that are not due yet (ms): of requests at one instant, on whichever
        machines, each sees those before it.
        """

    async def withdraw(self, request: PendingHold) -> None:
        """Write that a request was not made: those that begin after it do not see it."""

    async def save(self, request: PendingHold) -> None:
        """Write a request that waits, in place of what was stored of it."""

    async def get(self, hold: str) -> PendingHold | None:
        """Read the request for a hold that waits, or has waited within a day. PendingHoldsUnavailableError."""

    async def confirm(self, hold: str, now: int) -> bool:
        """Write that a request waits no longer, because its caller is answered, and return True.

        Return False where that step can't be taken: it was given up, or will be in a moment. PendingHoldsUnavailableError.
        """

    async def remove(self, hold: str) -> None:
        """Write that a request waits no longer. PendingHoldsUnavailableError."""

    async def mark_refunded(self, request: PendingHold) -> None:
        """Write that what a request was charged was given back, whether it waits or not."""

    async def mark_finished(self, hold: str) -> bool:
        """Return whether this is the first time within a day that a hold is answered or given back."""

    async def list_waiting(self) -> list[PendingHold]:
        """List the requests that wait."""

    async def claim_search(self, search: str, hold: str) -> str:
        """Give a search its hold, unless it has one: return the one it has."""

    async def reassign_search(self, search: str, hold: str, before: str) -> bool:
        """Give a search another hold in place of the one it had, which is over; False when another request was faster."""


class MemoryPendingHolds:
    """Requests in memory."""

    def __init__(self) -> None:
        self._requests: dict[str, PendingHold] = {}
        self._holds: dict[str, str] = {}
        self._finished: set[str] = set()
        self._just_begun: dict[str, dict[str, int]] = {}

    async def begin(self, request: PendingHold, now: int) -> set[str]:
        """Write that a request waits, unless the same was written before; return the other holds that its person requested just now."""
        others = {hold: due for hold, due in self._just_begun.get(request.asked_by, {}).items() if due > now}
        self._just_begun[request.asked_by] = others | {request.hold: request.due}
        self._requests.setdefault(request.hold, request)
        return set(others) - {request.hold}

    async def withdraw(self, request: PendingHold) -> None:
        """Write that a request was not made."""
        self._just_begun.get(request.asked_by, {}).pop(request.hold, None)

    async def save(self, request: PendingHold) -> None:
        """Write a request that waits."""
        self._requests[request.hold] = request

    async def get(self, hold: str) -> PendingHold | None:
        """Read the request for a hold."""
        return self._requests.get(hold)

    async def confirm(self, hold: str, now: int) -> bool:
        """Write that a request waits no longer, and return True; False where that step can't be taken."""
        request = self._requests.get(hold)
        if request and not request.can("confirm", now):
            return False
        await self.remove(hold)
        return True

    async def remove(self, hold: str) -> None:
        """Write that a request waits no longer."""
        if hold in self._requests:
            self._requests[hold] = replace(self._requests[hold], waits=False)

    async def mark_refunded(self, request: PendingHold) -> None:
        """Write that what a request was charged was given back."""
        stored = self._requests.get(request.hold, replace(request, waits=False))
        self._requests[request.hold] = replace(stored, paid=False)

    async def mark_finished(self, hold: str) -> bool:
        """Return whether this is the first time that a hold is answered or given back."""
        first = hold not in self._finished
        self._finished.add(hold)
        return first

    async def list_waiting(self) -> list[PendingHold]:
        """List the requests that wait."""
        return [request for request in self._requests.values() if request.waits]

    async def claim_search(self, search: str, hold: str) -> str:
        """Give a search its hold, unless it has one: return the one it has."""
        return self._holds.setdefault(search, hold)

    async def reassign_search(self, search: str, hold: str, before: str) -> bool:
        """Give a search another hold in place of the one it had; False when another request was faster."""
        if self._holds.get(search, hold) not in {before, hold}:
            return False
        self._holds[search] = hold
        return True
