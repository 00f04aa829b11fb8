"""The contract suite of notes: Redis and its twin in memory keep the same promises."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.notes import MemoryNotes, Note, Notes, NotesAwayError, RedisNotes
from services.local.valkey import Valkey

NOTE = Note(hold="h1", shelter="berk", asked_by="f" * 16, due=1)


@pytest_asyncio.fixture(params=["memory", "redis"])
async def notes(request: pytest.FixtureRequest, valkey: Valkey, prefix: str) -> AsyncIterator[Any]:
    """Keep the same promises twice."""
    if request.param == "memory":
        yield MemoryNotes()
        return
    redis = RedisNotes(valkey.url, prefix)
    yield redis
    await redis.close()


async def test_a_note_is_there_until_it_is_done(notes: Notes) -> None:
    """The last one of a hold counts; that there was one can be asked for a day."""
    await notes.wait_for(NOTE)
    await notes.wait_for(replace(NOTE, due=2, given_up=True))
    assert await notes.find("h1") == replace(NOTE, due=2, given_up=True)
    assert await notes.all() == [replace(NOTE, due=2, given_up=True)]
    await notes.done("h1")
    assert (await notes.find("h1"), await notes.all()) == (None, [])
    assert await notes.was("h1") == replace(NOTE, due=2, given_up=True)


async def test_who_is_told_waits_no_longer(notes: Notes) -> None:
    """Unless her request was given up, or soon will be: then it stays. Of one that nobody waits for she may be told."""
    for kept in (replace(NOTE, due=9), replace(NOTE, due=20, given_up=True)):
        await notes.wait_for(kept)
        assert not await notes.told("h1", 10)
        assert await notes.find("h1") == kept
    await notes.wait_for(replace(NOTE, due=10))
    assert await notes.told("h1", 10)
    assert await notes.find("h1") is None
    assert await notes.told("h1", 10)


async def test_a_search_has_the_hold_it_was_given_first(notes: Notes) -> None:
    """Until it is given another."""
    assert [await notes.hold_of("s1", hold) for hold in ("h1", "h2", "h1")] == ["h1", "h1", "h1"]
    await notes.give("s1", "h2")
    assert await notes.hold_of("s1", "h3") == "h2"
    assert await notes.hold_of("s2", "h3") == "h3"


async def test_notes_outlive_a_process(valkey: Valkey, prefix: str) -> None:
    """Another one, or the same started again, finds them."""
    one, other = RedisNotes(valkey.url, prefix), RedisNotes(valkey.url, prefix)
    await one.wait_for(NOTE)
    await one.hold_of("s1", "h1")
    assert (await other.find("h1"), await other.hold_of("s1", "h2")) == (NOTE, "h1")
    for each in (one, other):
        await each.close()


async def test_while_redis_is_away_a_process_notes_for_itself() -> None:
    """But nobody can tell whether another has forgotten a note, or has one."""
    notes = RedisNotes("redis://127.0.0.1:1/0", "plek")
    await notes.wait_for(NOTE)
    assert await notes.all() == [NOTE]
    assert [await notes.hold_of("s1", hold) for hold in ("h1", "h2")] == ["h1", "h1"]
    for ask in (notes.find("h1"), notes.was("h1"), notes.told("h1", 0), notes.done("h1")):
        with pytest.raises(NotesAwayError):
            await ask
    await notes.close()
