"""Requests for holds in Redis, so that they outlive a process and all processes share them; while it is away, those of this process."""

import asyncio
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.resources import files
from typing import Any, Final

import orjson

from services.adapters.redis.auto_pipeline import AutoPipeline
from services.adapters.redis.clients import AWAY, brief_redis
from services.api.holds.pending_requests import MemoryPendingHolds, PendingHoldsUnavailableError
from services.api.holds.request_life import NEAR_MS, PendingHold
from services.domain.durations import DAY_S

# Longer than any hold lives (accepted, twelve hours and what was left of it), and as long as what became of it is shown.
_KEPT_S: Final = DAY_S


class RedisPendingHolds:
    """Requests in Redis; while it is away, those of this process beside it.

    <prefix>:waiting           hash    hold -> its request (JSON), while it waits
    <prefix>:asked:<hold>      string  its request, for a day
    <prefix>:asking:<person>   zset    what a person requested within a minute: hold -> until when it counts (ms)
    <prefix>:over:<hold>       string  there once the hold was answered or given back, for a day
    <prefix>:search:<search>   string  its hold, for a day
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix, self._beside = prefix, MemoryPendingHolds()
        self._redis = brief_redis(url)
        self._joined = AutoPipeline(self._redis)
        self._confirm: Any = self._redis.register_script(files(__package__).joinpath("request_confirm.lua").read_text("utf-8"))
        self._reassign: Any = self._redis.register_script(files(__package__).joinpath("request_reassign.lua").read_text("utf-8"))
        self._begin: Any = self._redis.register_script(files(__package__).joinpath("request_begin.lua").read_text("utf-8"))

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    @property
    def _waiting(self) -> str:
        return f"{self._prefix}:waiting"

    def _search(self, search: str) -> str:
        return f"{self._prefix}:search:{search}"

    def _asked(self, hold: str) -> str:
        return f"{self._prefix}:asked:{hold}"

    def _asking(self, person: str) -> str:
        return f"{self._prefix}:asking:{person}"

    async def begin(self, request: PendingHold, now: int) -> set[str]:
        """Write that a request waits, unless the same was written before; return the other holds that its person requested just now."""
        keys = [self._waiting, self._asked(request.hold), self._asking(request.asked_by)]
        try:
            others = await self._joined.run(self._begin, keys, [request.hold, _written(request), _KEPT_S, now, request.due])
        except AWAY:
            return await self._beside.begin(request, now)
        return {other.decode() for other in others} - {request.hold}

    async def withdraw(self, request: PendingHold) -> None:
        """Write that a request was not made."""
        await self._beside.withdraw(request)
        with suppress(*AWAY):
            await self._joined.execute("ZREM", self._asking(request.asked_by), request.hold)

    async def save(self, request: PendingHold) -> None:
        """Write a request that waits."""
        written, execute = _written(request), self._joined.execute
        try:
            await asyncio.gather(
                execute("HSET", self._waiting, request.hold, written),
                execute("SET", self._asked(request.hold), written, "EX", _KEPT_S),
            )
        except AWAY:
            await self._beside.save(request)

    async def get(self, hold: str) -> PendingHold | None:
        """Read the request for a hold that waits, or has waited within a day. PendingHoldsUnavailableError."""
        beside = await self._beside.get(hold)
        execute = self._joined.execute
        try:
            waiting, recent = await asyncio.gather(execute("HGET", self._waiting, hold), execute("GET", self._asked(hold)))
        except AWAY as away:
            raise PendingHoldsUnavailableError from away
        if waiting:  # that it was refunded is written to the other alone
            return replace(_read(waiting), paid=_read(recent or waiting).paid)
        if beside and beside.waits:
            return beside
        return replace(_read(recent), waits=False) if recent else beside

    async def confirm(self, hold: str, now: int) -> bool:
        """Write that a request waits no longer, and return True; False where that step can't be taken. PendingHoldsUnavailableError."""
        try:
            removed = await self._joined.run(self._confirm, [self._waiting], [hold, now + NEAR_MS])
        except AWAY as away:
            raise PendingHoldsUnavailableError from away
        if removed is None:
            return await self._beside.confirm(hold, now)
        if removed:
            await self._beside.remove(hold)
        return bool(removed)

    async def remove(self, hold: str) -> None:
        """Write that a request waits no longer. PendingHoldsUnavailableError."""
        await self._beside.remove(hold)
        try:
            await self._joined.execute("HDEL", self._waiting, hold)
        except AWAY as away:
            raise PendingHoldsUnavailableError from away

    async def mark_refunded(self, request: PendingHold) -> None:
        """Write that what a request was charged was given back, whether it waits or not."""
        await self._beside.mark_refunded(request)
        with suppress(*AWAY):
            await self._joined.execute("SET", self._asked(request.hold), _written(replace(request, paid=False)), "EX", _KEPT_S)

    async def mark_finished(self, hold: str) -> bool:
        """Return whether this is the first time within a day that a hold is answered or given back."""
        try:
            return bool(await self._joined.execute("SET", f"{self._prefix}:over:{hold}", "1", "NX", "EX", _KEPT_S))
        except AWAY:
            return await self._beside.mark_finished(hold)

    async def list_waiting(self) -> list[PendingHold]:
        """List the requests that wait; those that can't be read now will be listed later."""
        try:
            written = (await self._redis.hgetall(self._waiting)).values()
        except AWAY:
            written = ()
        return [*map(_read, written), *await self._beside.list_waiting()]

    async def claim_search(self, search: str, hold: str) -> str:
        """Give a search its hold, unless it has one: return the one it has."""
        try:
            if not await self._joined.execute("SET", self._search(search), hold, "NX", "EX", _KEPT_S):
                before = await self._joined.execute("GET", self._search(search))
                return before.decode() if before else hold
        except AWAY:
            return await self._beside.claim_search(search, hold)
        return hold

    async def reassign_search(self, search: str, hold: str, before: str) -> bool:
        """Give a search another hold in place of the one it had; False when another request was faster."""
        try:
            return bool(await self._joined.run(self._reassign, [self._search(search)], [before, hold, _KEPT_S]))
        except AWAY:
            return await self._beside.reassign_search(search, hold, before)


def _written(request: PendingHold) -> bytes:
    """Return a request as it is stored; that it waits is the key it is stored under."""
    members = asdict(request)
    del members["waits"]
    return orjson.dumps(members)


def _read(written: bytes) -> PendingHold:
    return PendingHold(**orjson.loads(written))
