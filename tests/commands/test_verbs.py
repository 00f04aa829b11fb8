"""The verbs on real Kafka, Faust and Valkey, typed as a person types them. One world for all: they run in this order."""

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
import pytest_asyncio
import redis

from services.adapters.view.keys import Keys
from services.local.kafka import Kafka
from services.local.part import start
from services.local.valkey import Valkey
from tests import tapes
from tests.commands.spine import Spine, spine
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

PATIENCE_S = 30.0
# Enough to be in the middle of a tape, few enough to be far from its end
FIRST = 200
WEEK, ROUGH = (tapes._find(f"{name}.jsonl") for name in ("week", "rough"))
WEEK_LINES, ROUGH_LINES = (len(tapes.load(name)) for name in ("week", "rough"))
DEAD = tapes.expected("rough")["dead_letters"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plek(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Spine]:
    """All of Plek."""
    async with spine(kafka, valkey, tmp_path_factory.mktemp("verbs")) as running:
        yield running


def looking(plek: Spine) -> Callable[[], Any]:
    """Return what asks for the whole state."""
    token = plek.plek("token", "operator").stdout.strip()
    return lambda: httpx.get(f"{plek.parts['api'].address}/v1/operator/state", headers={"Authorization": f"Bearer {token}"}).json()


def settled(plek: Spine) -> Any:
    """Return the whole state when it no longer changes."""
    look = looking(plek)
    before, deadline = None, time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        state = look()
        if before and state["positions"] == before["positions"] and not state["rebuilding"]:
            return state
        before = state
        time.sleep(0.5)
    pytest.fail("the view does not come to rest")


@asynccontextmanager
async def underway(plek: Spine, *words: str) -> AsyncIterator[subprocess.Popen[str]]:
    """Send a tape; go on when the view has folded its first records and it is still being sent."""
    look = looking(plek)
    begin = reached(settled(plek))
    command, environment = plek.command("emit", *words)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as emit:
        await until(lambda: reached(look()) >= begin + FIRST, PATIENCE_S)
        assert emit.poll() is None, "it is sent already: choose a lower rate"
        yield emit


def reached(state: dict[str, Any]) -> int:
    """Tell how far the view has come, over all partitions."""
    return sum(offset for offset in state["positions"].values() if offset is not None)


def shown(state: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Leave out what stands beside the state of a tape."""
    return {member: state[member] for member in expected}


async def test_a_tape_through_the_gateway_gives_its_state(plek: Spine) -> None:
    """Dead lines are refused and counted by reason, the rest gives the state two other programs agree on; sent again, the same."""
    expected = tapes.expected("rough") | {"dead_letters": 0}
    sent = plek.plek("emit", str(ROUGH))
    assert sent.stdout.startswith(f"sent {ROUGH_LINES:,}: {ROUGH_LINES - DEAD:,} accepted, {DEAD:,} refused (")
    assert (sent.returncode, sent.stderr) == (1, "")
    assert shown(settled(plek), expected) == expected
    again = plek.plek("emit", "-", "--allow-refused", send=ROUGH.read_text("utf-8"))
    assert (again.returncode, again.stdout) == (0, sent.stdout)
    assert shown(settled(plek), expected) == expected


async def test_straight_to_kafka_its_bytes_are_the_same(plek: Spine) -> None:
    """Sent a third time, past the gateway, only the dead letters are new, and they are listed."""
    expected = tapes.expected("rough")
    sent = plek.plek("emit", "--kafka", str(ROUGH))
    assert (sent.returncode, sent.stdout) == (0, f"sent {ROUGH_LINES:,}: {ROUGH_LINES:,} accepted, 0 refused\n")
    assert shown(settled(plek), expected) == expected
    letters = [json.loads(line) for line in plek.plek("dead-letters", "--json", "--limit", str(2 * DEAD)).stdout.splitlines()]
    assert len(letters) == DEAD
    assert all(set(letter) == {"time", "reason", "topic", "partition", "offset"} for letter in letters)
    assert len(plek.plek("dead-letters", "--limit", "5").stdout.splitlines()) == 5


async def test_dead_letters_can_be_sent_again(plek: Spine) -> None:
    """With their bytes they are a tape; as nothing has changed they come back as they were."""
    before = plek.plek("dead-letters", "--json", "--show-bytes", "--limit", str(2 * DEAD)).stdout
    assert plek.plek("emit", "--kafka", "-", send=before).returncode == 0
    assert settled(plek)["dead_letters"] == 2 * DEAD
    after = plek.plek("dead-letters", "--json", "--show-bytes", "--limit", str(DEAD)).stdout
    assert sorted(_bytes(before)) == sorted(_bytes(after))


def _bytes(letters: str) -> list[str]:
    named = [json.loads(line) for line in letters.splitlines()]
    return [json.dumps({name: letter[name] for name in letter if name.startswith(("key", "raw", "reason"))}) for letter in named]


def fresh(printed: str, plek: Spine) -> bool:
    """Say whether it tells how old it is, and that it is not old.

    Stamped once a second, and read a little later: how much later is the machine's affair, up to where it would say that it is old.
    """
    age = re.match(r"True (\d+\.\d) s ago", printed)
    return age is not None and float(age[1]) < plek.settings.degraded_after_s


async def test_the_counts_are_those_of_the_tape(plek: Spine) -> None:
    """From the API and from the view itself, as a table and as JSON."""
    national = tapes.expected("rough")["national"]
    for way in ((), ("--redis",)):
        assert plek.json("counts", "--json", *way)["national"] == national
        table = plek.plek("counts", "--once", "--region", "R20", *way)
        assert table.returncode == 0
        assert fresh(table.stdout, plek)
        assert [line.split()[0] for line in table.stdout.splitlines()[2:]] == ["Nation", "R20"]


async def test_what_is_watched_is_what_was_sent(plek: Spine) -> None:
    """Once, for a pipe: the nation and its areas, what became of holds, and what was logged last."""
    watched = plek.plek("watch", "--once")
    assert (watched.returncode, watched.stderr) == (0, "")
    assert fresh(watched.stdout, plek)
    first = watched.stdout.splitlines()[0]
    assert f" · 0 behind the log · 0 events since you look · {2 * DEAD:,} dead letters" in first
    national = tapes.expected("rough")["national"]
    (nation,) = (line.split() for line in watched.stdout.splitlines() if line.startswith("Nation"))
    assert [int(nation[2]), int(nation[6])] == [national["capacity"], national["free"]]
    assert "hold-requested" in watched.stdout


async def test_ctrl_c_ends_a_watch_in_silence(plek: Spine) -> None:
    """On a terminal it draws itself anew until then."""
    command, environment = plek.command("watch")
    screen, terminal = pty.openpty()
    os.set_blocking(screen, False)
    drawn = bytearray()

    def drawn_again() -> bool:
        with suppress(BlockingIOError):
            drawn.extend(os.read(screen, 65_536))
        return drawn.count(b"Nation") > 1

    def ended() -> bool:
        drawn_again()  # a terminal that nobody reads is full after a page, and whoever writes to it waits
        return watch.poll() is not None

    with subprocess.Popen(command, env=environment, stdout=terminal, stderr=subprocess.PIPE, text=True) as watch:
        await until(drawn_again)
        watch.send_signal(signal.SIGINT)
        await until(ended)
        _, trouble = watch.communicate()
    os.close(screen)
    os.close(terminal)
    assert (watch.returncode, trouble) == (0, "")


async def test_any_redis_client_reads_a_count_with_one_hget_a_partition(plek: Spine) -> None:
    """As docs/view.md has it: the sum over the partitions is the nation."""
    national = tapes.expected("rough")["national"]
    with redis.Redis.from_url(plek.settings.redis) as store:
        keys = [Keys(plek.settings.prefix, number).counts for number in range(plek.settings.partitions)]
        assert {state: sum(int(store.hget(key, f"national:{state}") or 0) for key in keys) for state in national} == national


async def test_verify_finds_what_was_changed_and_rebuild_mends_it(plek: Spine) -> None:
    """0 differences; a number changed behind the back of the fence is one, and folding the log anew takes it away."""
    whole = plek.plek("verify")
    assert whole.stdout.startswith("0 differences: ")
    with redis.Redis.from_url(plek.settings.redis) as store:
        key, other = (Keys(plek.settings.prefix, number) for number in (5, 7))
        store.hincrby(key.counts, "national:free", 1)
        store.hdel(other.facts, next(iter(store.hkeys(other.facts))))
    found = plek.plek("verify")
    assert found.returncode == 1
    lines = found.stdout.splitlines()
    assert lines[0].startswith(f"{key.counts} national:free: the view has ")
    assert lines[1].startswith(f"{other.facts} ")
    assert lines[2].startswith("2 differences: ")
    rebuilt = plek.plek("rebuild", "--partition", "5", "--partition", "7", "--yes")
    assert rebuilt.stdout.splitlines()[0].startswith("The view of 2 partitions will be forgotten")
    assert rebuilt.returncode == 0
    assert plek.plek("verify").stdout.startswith("0 differences: ")
    assert settled(plek)["dead_letters"] == 2 * DEAD
    assert len(plek.plek("dead-letters", "--json", "--limit", str(3 * DEAD)).stdout.splitlines()) == 2 * DEAD


async def test_rebuild_asks_first(plek: Spine) -> None:
    """No answer is no."""
    asked = plek.plek("rebuild", "--all")
    assert asked.returncode == 1
    assert "nobody sees a number" in asked.stdout
    assert settled(plek)["rebuilding"] is False


async def test_a_gateway_killed_on_the_way_is_waited_for(plek: Spine) -> None:
    """What was not answered is sent again: the end result is exact, and verify runs beside it."""
    async with underway(plek, str(WEEK), "--rate", "1000") as emit:
        await plek.parts["gateway"].child.kill()
        assert plek.plek("verify").stdout.startswith("0 differences: ")
        assert emit.poll() is None, "it did not wait for the gateway"
        await start(plek.parts["gateway"])
        told, trouble = emit.communicate(timeout=60)
    assert (emit.returncode, told, trouble) == (0, f"sent {WEEK_LINES:,}: {WEEK_LINES:,} accepted, 0 refused\n", "")
    both = {**tapes.expected("week")["shelters"], **tapes.expected("rough")["shelters"]}
    assert settled(plek)["shelters"] == both
    assert plek.plek("verify").stdout.startswith("0 differences: ")


async def test_ctrl_c_says_how_far_it_came(plek: Spine) -> None:
    """Nothing is half sent in silence."""
    async with underway(plek, str(WEEK), "--rate", "100") as emit:
        emit.send_signal(signal.SIGINT)
        told, trouble = emit.communicate(timeout=60)
    assert (emit.returncode, trouble) == (130, "")
    assert told.startswith(f"Stopped before the end of {WEEK_LINES:,} lines: sent ")


async def test_one_line_says_that_a_part_is_away(plek: Spine) -> None:
    """No traceback, no log of a library, and an exit code."""
    await plek.parts["api"].child.stop()
    away = plek.plek("counts", "--once")
    assert (away.returncode, away.stdout) == (1, "")
    assert away.stderr == "plek: The API can't be reached: see `plek status`, or read the view itself with `plek counts --redis`\n"
    assert plek.plek("counts", "--once", "--redis").returncode == 0
    wrong = plek.plek("emit", str(WEEK), "--token", "x")
    assert wrong.stderr.startswith("plek: The gateway does not accept this token")
