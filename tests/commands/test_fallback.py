"""The verbs of a worker for whom there is no place, on real servers: a hotel, a waiting list, and what is said while the log is away."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.local.kafka import Kafka
from services.local.part import start
from services.local.valkey import Valkey
from tests.commands.spine import Spine, spine
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest_asyncio.fixture
async def plek(own_kafka: Kafka, valkey: Valkey, tmp_path: Path, prefix: str) -> AsyncIterator[Spine]:
    """Run all of it, with a log that can be killed."""
    async with spine(own_kafka, valkey, tmp_path / prefix) as running:
        yield running


def _open(plek: Spine) -> dict[str, Any]:
    return {each["fallback"]: each for each in plek.json("fallbacks", "--json")["fallbacks"]}


async def _until_open(plek: Spine, *fallbacks: str) -> None:
    def those() -> bool:
        listed = plek.plek("fallbacks", "--json")  # told to phone while the view is behind a log that was away
        return listed.returncode == 0 and {each["fallback"] for each in json.loads(listed.stdout)["fallbacks"]} == set(fallbacks)

    await until(those)


async def _until_waiting(plek: Spine, *entries: str) -> None:
    def placed() -> list[tuple[str, int]]:
        return [(each["entry"], each["position"]) for each in plek.json("waiting-list", "list", "--json")["entries"]]

    await until(lambda: placed() == [(entry, place) for place, entry in enumerate(entries, start=1)])


async def test_a_hotel_from_its_night_to_its_end(plek: Spine) -> None:
    """Six words log it; the list tells since when; its end takes it off, the end taken back puts it there again, a mistake is gone."""
    said = plek.plek("fallback", "hotel", "1+2", "--reason", "nothing_fitting")
    assert (said.returncode, "say --boy AGE for each son" in said.stderr) == (0, True)
    assert said.stdout.startswith("Logged: fallback ")
    fallback = said.stdout.split()[-1]
    await _until_open(plek, fallback)
    told = _open(plek)[fallback]
    assert (told["accommodation"], told["adults"], told["children"]) == ("hotel", 1, 2)
    shown = plek.plek("fallbacks").stdout
    assert shown.startswith("1 open, as of ")
    assert re.search(rf"{fallback} +hotel +R\d\d +nothing_fitting +1\+2 +\d+ min", shown)

    assert plek.plek("fallback", "end", fallback, "placed").stdout.startswith("Logged")
    await _until_open(plek)
    assert plek.plek("fallback", "end", fallback, "home").stdout.startswith("Nothing has changed, it had ended already: fallback ")
    assert plek.plek("fallback", "undo", fallback, "--end").stdout.startswith("Logged")
    await _until_open(plek, fallback)
    assert plek.plek("fallback", "undo", fallback).stdout.startswith("Logged")
    await _until_open(plek)


async def test_a_waiting_list_is_joined_and_left(plek: Spine) -> None:
    """The second of a kind is the second in the list, and the first when the first has left."""
    entries = [plek.plek("waiting-list", "join", "crisis", household).stdout.split()[-1] for household in ("1", "2+1")]
    await _until_waiting(plek, *entries)
    assert plek.plek("waiting-list", "leave", entries[0], "placed").stdout.startswith("Logged: entry ")
    await _until_waiting(plek, entries[1])
    assert "2+1" in plek.plek("waiting-list", "list").stdout


async def test_what_waits_for_the_log_is_called_queued_and_counted_once(plek: Spine, own_kafka: Kafka) -> None:
    """Kafka killed: the line says so; the same key logs the same one. Kafka there again: it is listed, once, and can be ended."""
    await own_kafka.kill()
    first, again = (plek.plek("fallback", "hotel", "1", "--reason", "at_night", "--key", "one-night") for _ in range(2))
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Queued: the log is away")
    assert again.stdout == first.stdout
    await own_kafka.start()
    processor = plek.parts["processor"]  # it may have given up, as it should: nobody watches over it here
    await processor.child.stop()
    await start(processor)
    fallback = first.stdout.split()[-1]
    await _until_open(plek, fallback)
    assert plek.plek("fallback", "end", fallback, "home").stdout.startswith("Logged")
    await _until_open(plek)


async def test_what_is_wrong_is_one_line(plek: Spine) -> None:
    """No reason, a household that is none, a reason and an outcome that are no codes, a case that is not hers, no API."""
    for words, said in (
        (("fallback", "hotel", "1"), "--reason"),
        (("fallback", "hotel", "x", "--reason", "other"), "typed as adults+children"),
        (("fallback", "hotel", "1", "--reason", "rain"), "--reason is one of nothing_free, nothing_fitting"),
        (("fallback", "end", "nothing", "paid"), "OUTCOME is one of placed, home, family, other"),
        (("fallback", "end", "nothing", "placed"), "Not yours, or it does not exist"),
        (("waiting-list", "join", "castle", "1"), "KIND is one of emergency, crisis"),
        (("fallback", "hotel", "1", "--reason", "other", "--api", "http://127.0.0.1:1", "--key", "k"), "with --key k logs it once"),
    ):
        wrong = plek.plek(*words)
        assert wrong.returncode in (1, 2), words
        assert said in wrong.stderr
        assert wrong.stderr.count("\n") == 1
