"""What must not be forgotten between two requests about a hold, and is no fact: who waits for a decision, which hold a search has.

Kept in Redis, so that it outlives a process and all of them share it; while Redis is away, in the process. If Redis is emptied, a request
that nobody asks after lives until its time is over, and a search can have a second hold; who wins a place hangs on the log alone.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

import orjson

from services.adapters.joined import Joined
from services.adapters.redis import AWAY, brief_redis

# Longer than any hold lives (accepted, twelve hours and what was left of it), and as long as what became of it is shown.
_KEPT_S = 86_400


class NotesAwayError(Exception):
    """It can't be written down that somebody asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A hold that was requested: of which shelter, by whom (a pseudonym), and when it is given up if nobody asks after it (ms).

    One that was given up is kept until it is due again, for who asks too late.
    """

    hold: str
    shelter: str
    asked_by: str
    due: int
    given_up: bool = False
    paid: bool = True
    """A turn was taken for it: the same request again takes no other."""


class Notes(Protocol):
    """Keeps notes."""

    async def wait_for(self, note: Note) -> None:
        """Note that a request waits to be asked after, or that it was asked after and waits again."""

    async def find(self, hold: str) -> Note | None:
        """Find the note of a hold that waits."""

    async def told(self, hold: str, due: int) -> bool:
        """Note that it waits no longer, for who asked is told; False when it was given up, or will be before `due` (ms).

        NotesAwayError when nobody can tell.
        """

    async def done(self, hold: str) -> None:
        """Note that it waits no longer: it was given up, or was never asked for. NotesAwayError when nobody can tell that it is done."""

    async def was(self, hold: str) -> Note | None:
        """Find the note of a hold that waits or has waited, within a day."""

    async def amend(self, note: Note) -> None:
        """Write down anew what was noted of a hold, whether it waits or not."""

    async def first(self, hold: str) -> bool:
        """Say whether this is the first time within a day that a hold is answered or given back."""

    async def all(self) -> list[Note]:
        """List the notes."""

    async def hold_of(self, search: str, hold: str) -> str:
        """Give a search its hold, unless it has one: return the one it has."""

    async def give(self, search: str, hold: str) -> None:
        """Give a search another hold: the one it had is over."""


class MemoryNotes:
    """Notes in memory."""

    def __init__(self) -> None:
        self._waiting: dict[str, Note] = {}
        self._was: dict[str, Note] = {}
        self._holds: dict[str, str] = {}
        self._over: set[str] = set()

    async def wait_for(self, note: Note) -> None:
        """Note that a request waits to be asked after."""
        self._waiting[note.hold] = self._was[note.hold] = note

    async def find(self, hold: str) -> Note | None:
        """Find the note of a hold that waits."""
        return self._waiting.get(hold)

    async def told(self, hold: str, due: int) -> bool:
        """Note that it waits no longer, for who asked is told; False when it was given up, or will be before `due`."""
        note = self._waiting.get(hold)
        if note and (note.given_up or note.due < due):
            return False
        await self.done(hold)
        return True

    async def done(self, hold: str) -> None:
        """Note that it waits no longer."""
        self._waiting.pop(hold, None)

    async def was(self, hold: str) -> Note | None:
        """Find the note of a hold that waits or has waited."""
        return self._was.get(hold)

    async def amend(self, note: Note) -> None:
        """Write down anew what was noted of a hold."""
        self._was[note.hold] = note

    async def first(self, hold: str) -> bool:
        """Say whether this is the first time that a hold is answered or given back."""
        first = hold not in self._over
        self._over.add(hold)
        return first

    async def all(self) -> list[Note]:
        """List the notes."""
        return list(self._waiting.values())

    async def hold_of(self, search: str, hold: str) -> str:
        """Give a search its hold, unless it has one: return the one it has."""
        return self._holds.setdefault(search, hold)

    async def give(self, search: str, hold: str) -> None:
        """Give a search another hold."""
        self._holds[search] = hold


class RedisNotes:
    """Notes in Redis; while it is away, those of this process beside it.

    <prefix>:waiting           hash    hold -> its note (JSON), while it waits
    <prefix>:asked:<hold>      string  its note, for a day
    <prefix>:over:<hold>       string  there once it was answered or given back, for a day
    <prefix>:search:<search>   string  its hold, for a day
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix, self._beside = prefix, MemoryNotes()
        self._redis = brief_redis(url)
        self._joined = Joined(self._redis)
        self._told: Any = self._redis.register_script(files(__package__).joinpath("notes.lua").read_text("utf-8"))

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

    async def wait_for(self, note: Note) -> None:
        """Note that a request waits to be asked after."""
        try:
            written, ask = orjson.dumps(note), self._joined.ask
            await asyncio.gather(ask("HSET", self._waiting, note.hold, written), ask("SET", self._asked(note.hold), written, "EX", _KEPT_S))
        except AWAY:
            await self._beside.wait_for(note)

    async def find(self, hold: str) -> Note | None:
        """Find the note of a hold that waits; NotesAwayError when nobody can tell."""
        found = await self._beside.find(hold)
        try:
            written = await self._joined.ask("HGET", self._waiting, hold)
        except AWAY as away:
            raise NotesAwayError from away
        return _note(written) if written else found

    async def was(self, hold: str) -> Note | None:
        """Find the note of a hold that waits or has waited, within a day; NotesAwayError when nobody can tell."""
        found = await self._beside.was(hold)
        try:
            written = await self._joined.ask("GET", self._asked(hold))
        except AWAY as away:
            raise NotesAwayError from away
        return _note(written) if written else found

    async def told(self, hold: str, due: int) -> bool:
        """Note that it waits no longer, for who asked is told; False when it was given up, or will be before `due`. NotesAwayError."""
        try:
            found = await self._joined.run(self._told, [self._waiting], [hold, due])
        except AWAY as away:
            raise NotesAwayError from away
        if found is None:
            return await self._beside.told(hold, due)
        if found:
            await self._beside.done(hold)
        return bool(found)

    async def done(self, hold: str) -> None:
        """Note that it waits no longer; NotesAwayError when nobody can tell that it is done."""
        await self._beside.done(hold)
        try:
            await self._joined.ask("HDEL", self._waiting, hold)
        except AWAY as away:
            raise NotesAwayError from away

    async def amend(self, note: Note) -> None:
        """Write down anew what was noted of a hold, whether it waits or not."""
        await self._beside.amend(note)
        with suppress(*AWAY):
            await self._joined.ask("SET", self._asked(note.hold), orjson.dumps(note), "EX", _KEPT_S)

    async def first(self, hold: str) -> bool:
        """Say whether this is the first time within a day that a hold is answered or given back."""
        try:
            return bool(await self._joined.ask("SET", f"{self._prefix}:over:{hold}", "1", "NX", "EX", _KEPT_S))
        except AWAY:
            return await self._beside.first(hold)

    async def all(self) -> list[Note]:
        """List the notes; those that can't be reached will be listed later."""
        try:
            written = (await self._redis.hgetall(self._waiting)).values()
        except AWAY:
            written = ()
        return [*map(_note, written), *await self._beside.all()]

    async def hold_of(self, search: str, hold: str) -> str:
        """Give a search its hold, unless it has one: return the one it has."""
        try:
            if not await self._joined.ask("SET", self._search(search), hold, "NX", "EX", _KEPT_S):
                found = await self._joined.ask("GET", self._search(search))
                return found.decode() if found else hold
        except AWAY:
            return await self._beside.hold_of(search, hold)
        return hold

    async def give(self, search: str, hold: str) -> None:
        """Give a search another hold."""
        try:
            await self._joined.ask("SET", self._search(search), hold, "EX", _KEPT_S)
        except AWAY:
            await self._beside.give(search, hold)


def _note(written: bytes) -> Note:
    return Note(**orjson.loads(written))
