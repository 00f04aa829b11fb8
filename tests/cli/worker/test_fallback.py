"""The verbs for a household without a place, on real servers: a hotel, a waiting list, and both while the log is away."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.local.processes.component import start
from tests.cli.spine import Spine, spine
from tests.controlled_servers import Kafka, Valkey
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plek(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Spine]:
    """Run all of it for the tests that kill nothing; each ends the cases that it opens."""
    async with spine(kafka, valkey, tmp_path_factory.mktemp("fallback")) as running:
        yield running


@pytest_asyncio.fixture
async def with_own_log(own_kafka: Kafka, valkey: Valkey, tmp_path: Path, prefix: str) -> AsyncIterator[Spine]:
    """Run all of it, with a log that can be killed."""
    async with spine(own_kafka, valkey, tmp_path / prefix) as running:
        yield running


def _open(plek: Spine) -> dict[str, Any]:
    return {each["fallback"]: each for each in plek.json("fallbacks", "--json")["fallbacks"]}


async def _until_open(plek: Spine, *fallbacks: str) -> None:
    def those() -> bool:
        listed = plek.plek("fallbacks", "--json")  # refused while the view is behind a log that was away
        return listed.returncode == 0 and {each["fallback"] for each in json.loads(listed.stdout)["fallbacks"]} == set(fallbacks)

    await until(those)


async def _until_waiting(plek: Spine, *entries: str) -> None:
    def placed() -> list[tuple[str, int]]:
        return [(each["entry"], each["position"]) for each in plek.json("waiting-list", "list", "--json")["entries"]]

    await until(lambda: placed() == [(entry, place) for place, entry in enumerate(entries, start=1)])


async def test_a_hotel_from_its_night_to_its_end(plek: Spine) -> None:
    """A logged hotel is listed; its end takes it off the list, the end taken back puts it there again, and an undone mistake is gone."""
    done = plek.plek("fallback", "hotel", "1+2", "--reason", "nothing_fitting", "--region", "Breda")
    assert (done.returncode, "say --boy AGE for each son" in done.stderr) == (0, True)
    assert done.stdout.startswith("Logged: fallback ")
    fallback = done.stdout.split()[-1]
    await _until_open(plek, fallback)
    case = _open(plek)[fallback]
    assert (case["accommodation"], case["adults"], case["children"]) == ("hotel", 1, 2)
    shown = plek.plek("fallbacks").stdout
    assert shown.startswith("1 open, as of ")
    assert re.search(rf"{fallback}\n +1\+2 · hotel · Breda \(R07\) · nothing fitting · ", shown)

    assert plek.plek("fallback", "end", fallback[:8], "placed").stdout == f"Ended: fallback {fallback}\n"
    await _until_open(plek)
    assert plek.plek("fallback", "end", fallback, "home").stdout.startswith("Nothing has changed, what stands is: placed in a shelter, ")
    assert plek.plek("fallback", "undo", fallback, "--end").stdout.startswith("Its end is taken back: ")
    await _until_open(plek, fallback)
    assert plek.plek("fallback", "undo", fallback[:8]).stdout.startswith("Taken back: ")
    await _until_open(plek)


async def test_a_waiting_list_is_joined_and_left(plek: Spine) -> None:
    """The second entry of a kind is second in the list, and first once the first has left."""
    entries = [plek.plek("waiting-list", "join", "crisis", household, "--region", "Breda").stdout.split()[-1] for household in ("1", "2+1")]
    await _until_waiting(plek, *entries)
    assert plek.plek("waiting-list", "leave", entries[0][:8], "placed").stdout.startswith("Left: entry ")
    await _until_waiting(plek, entries[1])
    assert "2+1" in plek.plek("waiting-list", "list").stdout


@pytest.mark.asyncio(loop_scope="function")
async def test_a_case_that_waits_for_the_log_is_queued_and_counts_once(with_own_log: Spine, own_kafka: Kafka) -> None:
    """Without Kafka a fallback is queued, once for each key; when Kafka is back it is listed once, and can be ended."""
    await own_kafka.kill()
    first, again = (
        with_own_log.plek("fallback", "hotel", "1", "--reason", "at_night", "--key", "one-night", "--region", "R07") for _ in range(2)
    )
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Queued: the log is away")
    assert again.stdout == first.stdout
    await own_kafka.start()
    processor = with_own_log.parts["processor"]  # it may have ended, as it should: nothing restarts it here
    await processor.child.stop()
    await start(processor)
    fallback = first.stdout.split()[-1]
    await _until_open(with_own_log, fallback)
    assert with_own_log.plek("fallback", "end", fallback, "home").stdout.startswith("Ended")
    await _until_open(with_own_log)


async def test_an_error_is_one_line(plek: Spine) -> None:
    """A missing reason, a malformed household, wrong codes, an unknown case and an unreachable API each end the verb with one line."""
    for words, text in (
        (("fallback", "hotel", "1"), "--reason"),
        (("fallback", "hotel", "x", "--reason", "other", "--region", "R07"), "typed as adults+children"),
        (("fallback", "hotel", "1", "--reason", "rain"), "--reason is one of nothing_free, nothing_fitting"),
        (("fallback", "end", "nothing", "paid"), "OUTCOME is one of placed, home, family, other"),
        (("fallback", "end", "nothing", "placed"), "No open fallback begins with that: `plek fallbacks` lists them"),
        (("waiting-list", "join", "castle", "1"), "KIND is one of emergency, crisis"),
        (
            ("fallback", "hotel", "1", "--reason", "other", "--region", "R07", "--api", "http://127.0.0.1:1", "--key", "k"),
            "with --key k logs it once",
        ),
    ):
        wrong = plek.plek(*words)
        assert wrong.returncode in (1, 2), words
        assert text in wrong.stderr
        assert wrong.stderr.count("\n") == 1
