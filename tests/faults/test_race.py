"""Many at once on the last place, and what happens to a hold when everything is taken away around it."""

import asyncio
import random
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from services.adapters.kafka.topics import partition_of
from tests.bench.connection import AWAY
from tests.controlled_servers import Kafka, Valkey
from tests.faults.race import Arena, arena, doubts, line, summary
from tests.faults.test_kill_and_wipe import empty
from tests.sent import declared, registered
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


async def test_a_last_place_has_one_winner(kafka: Kafka, own_valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """Three rounds of sixty workers, in one of them the processor killed with -9: a winner each, told alike, and so says the log."""
    async with arena(kafka, own_valkey, prefix, tmp_path, random.Random(7)) as here:
        rounds = [await here.round(number, 60, killed=number == 1) for number in range(3)]
        sys.stdout.write(f"{summary(rounds)}\n")
        assert await doubts(here, rounds) == []


async def _place(here: Arena, name: str) -> tuple[dict[str, str], str]:
    """Have one free place, and an offer of it."""
    await here.world.play([line(registered(name)), line(declared("u1", name))])
    await here.world.folded()
    who = here.callers.worker(f"w-{name}")
    return who, await here.offer(who)


async def _status(here: Arena, who: dict[str, str], hold: str) -> tuple[int, str]:
    """Look until the API tells something of a hold."""
    seen: list[tuple[int, str]] = []

    async def told() -> bool:
        with suppress(*AWAY):
            answered, found = await here.asked("GET", f"/v1/holds/{hold}", who)
            if answered == 200:
                seen.append((answered, found["status"]))
        return bool(seen)

    await until(told)
    return seen[-1]


async def _asked(here: Arena, who: dict[str, str], offer: str) -> str:
    """Ask with a key, again while nothing can be promised; return the id of the hold."""
    status, found = await here.answer("POST", "/v1/holds", who | {"Idempotency-Key": "one"}, {"offer": offer})
    assert status in (201, 202), found
    hold: str = found["hold"]
    return hold


async def test_a_hold_outlives_all_that_is_taken_away(kafka: Kafka, own_valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """The processor killed before it decides, Redis emptied, the API started again before the shelter accepts: one hold, not lost."""
    async with arena(kafka, own_valkey, prefix, tmp_path, random.Random(7)) as here:
        who, offer = await _place(here, "berk")
        await here.processor.kill()
        hold = await _asked(here, who, offer)
        await here.processor.start()
        assert await _status(here, who, hold) == (200, "granted")

        await empty(here.world)
        await here.world.folded()
        assert await _status(here, who, hold) == (200, "granted")
        assert await _asked(here, who, offer) == hold  # the same key, after what remembers keys was emptied

        await here.api.stop()
        await here.api.start()
        shelter = here.callers.shelter("berk")
        status, accepted = await here.answer("POST", f"/v1/holds/{hold}/accept", shelter)
        assert (status, accepted["accepted"]) == (200, True)
        assert await _status(here, who, hold) == (200, "granted")
        listed = (await here.answer("GET", "/v1/holds", who))[1]["holds"]
        assert [each["hold"] for each in listed] == [hold]
        look = await here.world.view.read_partition(partition_of(b"berk", 12))
        assert [name for name, kept in look.holds.items() if kept.status == "granted"] == [("berk", hold)]


async def test_an_undecided_request_is_known_to_the_next_api(kafka: Kafka, own_valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """Noted in Redis, so it outlives the process that was asked: killed with -9, the next one knows whose it is, and what becomes of it."""
    async with arena(kafka, own_valkey, prefix, tmp_path, random.Random(7)) as here:
        who, offer = await _place(here, "berk")
        await here.processor.kill()
        hold = await _asked(here, who, offer)
        await here.api.kill()
        await here.api.start()
        looked = asyncio.create_task(_status(here, who, hold))
        await here.processor.start()
        assert await looked == (200, "granted")
