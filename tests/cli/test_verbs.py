"""The verbs on real Kafka, Faust and Valkey. One world for all tests: they run in this order."""

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

import httpx
import pytest
import pytest_asyncio
import redis

from services.adapters.view.keys import partition_keys
from services.local.processes.component import start
from tests import tapes
from tests.cli.spine import Spine, spine
from tests.controlled_servers import Kafka, Valkey
from tests.progress_lines import without_progress
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


@cache
def reader(plek: Spine, path: str) -> Callable[[], Any]:
    """Return a function that reads something as an operator."""
    token = plek.plek("token", "operator").stdout.strip()
    return lambda: httpx.get(f"{plek.parts['api'].address}{path}", headers={"Authorization": f"Bearer {token}"}).json()


def state_reader(plek: Spine) -> Callable[[], Any]:
    """Return a function that reads the whole state."""
    return reader(plek, "/v1/operator/state")


def settled(plek: Spine) -> Any:
    """Return the whole state when the view has all that the log has."""
    partitions, deadline = reader(plek, "/v1/operator/partitions"), time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if all(each["behind"] == 0 and not each["rebuilding"] for each in partitions().get("partitions", [{"behind": None}])):
            return state_reader(plek)()
        time.sleep(0.1)
    pytest.fail("the view does not reach the end of the log")


@asynccontextmanager
async def underway(plek: Spine, *words: str) -> AsyncIterator[subprocess.Popen[str]]:
    """Send a tape; go on when the view has folded its first records and it is still being sent."""
    look = state_reader(plek)
    begin = reached(settled(plek))
    command, environment = plek.command("emit", *words)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as emit:
        await until(lambda: reached(look()) >= begin + FIRST, PATIENCE_S)
        assert emit.poll() is None, "it is sent already: choose a lower rate"
        yield emit


def reached(state: dict[str, Any]) -> int:
    """Return the sum of the offsets of the view."""
    return sum(offset for offset in state["positions"].values() if offset is not None)


def shown(state: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Return the members of the state that a tape has too."""
    return {member: state[member] for member in expected}


async def test_a_tape_through_the_gateway_gives_its_state(plek: Spine) -> None:
    """A tape sent through the gateway gives the state that two other programs reached, its dead lines counted by reason; again the same."""
    expected = tapes.expected("rough") | {"dead_letters": 0}
    sent = plek.plek("emit", str(ROUGH))
    assert sent.stdout.startswith(f"sent {ROUGH_LINES:,}: {ROUGH_LINES - DEAD:,} accepted, {DEAD:,} refused (")
    assert (sent.returncode, sent.stderr) == (1, "")
    assert shown(settled(plek), expected) == expected
    again = plek.plek("emit", "-", "--allow-refused", send=ROUGH.read_text("utf-8"))
    assert (again.returncode, again.stdout) == (0, sent.stdout)
    assert shown(settled(plek), expected) == expected


async def test_straight_to_kafka_its_bytes_are_the_same(plek: Spine) -> None:
    """A tape sent again past the gateway adds only its dead letters, which are listed."""
    expected = tapes.expected("rough")
    sent = plek.plek("emit", "--kafka", str(ROUGH))
    assert (sent.returncode, sent.stdout) == (0, f"sent {ROUGH_LINES:,}: {ROUGH_LINES:,} accepted, 0 refused\n")
    assert shown(settled(plek), expected) == expected
    letters = [json.loads(line) for line in plek.plek("dead-letters", "--json", "--limit", str(2 * DEAD)).stdout.splitlines()]
    assert len(letters) == DEAD
    assert all(set(letter) == {"time", "reason", "topic", "partition", "offset"} for letter in letters)
    assert len(plek.plek("dead-letters", "--limit", "5").stdout.splitlines()) == 5


async def test_dead_letters_can_be_sent_again(plek: Spine) -> None:
    """Dead letters with their bytes are a tape; sent again unchanged, they become the same dead letters."""
    before = plek.plek("dead-letters", "--json", "--show-bytes", "--limit", str(2 * DEAD)).stdout
    assert plek.plek("emit", "--kafka", "-", send=before).returncode == 0
    assert settled(plek)["dead_letters"] == 2 * DEAD
    after = plek.plek("dead-letters", "--json", "--show-bytes", "--limit", str(DEAD)).stdout
    assert sorted(_bytes(before)) == sorted(_bytes(after))


def _bytes(letters: str) -> list[str]:
    named = [json.loads(line) for line in letters.splitlines()]
    return [json.dumps({name: letter[name] for name in letter if name.startswith(("key", "raw", "reason"))}) for letter in named]


def fresh(printed: str, plek: Spine) -> bool:
    """Return whether the first line has an age below the limit of degraded.

    The view is stamped once a second; how much later it is read depends on the machine.
    """
    age = re.match(r"True (\d+\.\d) s ago", printed)
    return age is not None and float(age[1]) < plek.settings.degraded_after_s


async def test_the_counts_are_those_of_the_tape(plek: Spine) -> None:
    """The counts of the API and of the view are those of the tape, as a table and as JSON."""
    national = tapes.expected("rough")["national"]
    for way in ((), ("--redis",)):
        assert plek.json("counts", "--json", *way)["national"] == national
        table = plek.plek("counts", "--once", "--region", "R20", *way)
        assert table.returncode == 0
        assert fresh(table.stdout, plek)
        assert [line.split()[0] for line in table.stdout.splitlines()[2:]] == ["Nation", "R20"]


async def test_watch_shows_what_was_sent(plek: Spine) -> None:
    """`plek watch` into a pipe prints once: the nation and its areas, the holds by status, and the last events."""
    watched = plek.plek("watch", "--once")
    assert (watched.returncode, watched.stderr) == (0, "")
    assert fresh(watched.stdout, plek)
    first = watched.stdout.splitlines()[0]
    assert f" · 0 behind the log · 0 new · {2 * DEAD:,} dead letters" in first
    national = tapes.expected("rough")["national"]
    (nation,) = (line.split() for line in watched.stdout.splitlines() if line.startswith("Nation"))
    shown = ("capacity", "occupied", "closed", "held", "paused", "unknown", "free")
    assert [int(number) for number in nation[2:]] == [national[state] for state in shown]
    assert "hold-requested" in watched.stdout


def _without_a_reader(command: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        return subprocess.run(command, env=environment, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    "line", ["counts", "counts --redis --once", "watch", "dead-letters", "verify", "regions", "status", "find --help", "shelter --help"]
)
async def test_a_reader_that_has_gone_away_ends_a_verb_with_0(plek: Spine, line: str) -> None:
    """Into `head`, which reads no more, a verb ends with 0 and without a traceback; only that it drew once is said."""
    done = _without_a_reader(*plek.command(*line.split()))
    assert done.returncode == 0
    assert done.stderr in {"", "Drawn once, as with --once: the output is no terminal\n"}


async def test_ctrl_c_ends_a_watch_in_silence(plek: Spine) -> None:
    """On a terminal `plek watch` draws again each second; Ctrl-C ends it without a message."""
    command, environment = plek.command("watch")
    screen, terminal = pty.openpty()
    os.set_blocking(screen, False)
    drawn = bytearray()

    def drawn_again() -> bool:
        with suppress(BlockingIOError):
            drawn.extend(os.read(screen, 65_536))
        return drawn.count(b"Nation") > 1

    def ended() -> bool:
        drawn_again()  # a terminal that is not read is full after a page, and its writer waits
        return watch.poll() is not None

    with subprocess.Popen(command, env=environment, stdout=terminal, stderr=subprocess.PIPE, text=True) as watch:
        await until(drawn_again)
        watch.send_signal(signal.SIGINT)
        await until(ended)
        _, stderr = watch.communicate()
    os.close(screen)
    os.close(terminal)
    assert (watch.returncode, stderr) == (0, "")


async def test_any_redis_client_reads_a_count_with_one_hget_a_partition(plek: Spine) -> None:
    """The sum of a count over the partitions in Redis is that of the nation, as docs/view.md describes it."""
    national = tapes.expected("rough")["national"]
    with redis.Redis.from_url(plek.settings.redis) as store:
        keys = [partition_keys(plek.settings.prefix, number).counts for number in range(plek.settings.partitions)]
        assert {state: sum(int(store.hget(key, f"national:{state}") or 0) for key in keys) for state in national} == national


async def test_verify_finds_a_change_and_rebuild_repairs_it(plek: Spine) -> None:
    """A number changed in Redis is a difference for `plek verify`, and `plek rebuild` takes it away."""
    whole = plek.plek("verify")
    assert whole.stdout.startswith("0 differences: ")
    with redis.Redis.from_url(plek.settings.redis) as store:
        key, other = (partition_keys(plek.settings.prefix, number) for number in (5, 7))
        store.hincrby(key.counts, "national:free", 1)
        store.hdel(other.facts, next(iter(store.hkeys(other.facts))))
    found = plek.plek("verify")
    assert found.returncode == 1
    lines = found.stdout.splitlines()
    assert lines[0].startswith(f"{key.counts} national:free: the view has ")
    assert lines[1].startswith(f"{other.facts} ")
    assert lines[2].startswith("2 differences: ")
    rebuilt = plek.plek("rebuild", "--partition", "5", "--partition", "7", "--yes")
    assert rebuilt.stdout.splitlines()[0].startswith("The view of 2 partitions will be deleted")
    assert rebuilt.returncode == 0
    assert plek.plek("verify").stdout.startswith("0 differences: ")
    assert settled(plek)["dead_letters"] == 2 * DEAD
    assert len(plek.plek("dead-letters", "--json", "--limit", str(3 * DEAD)).stdout.splitlines()) == 2 * DEAD


async def test_rebuild_asks_first(plek: Spine) -> None:
    """`plek rebuild` asks first, and does nothing without an answer."""
    asked = plek.plek("rebuild", "--all")
    assert asked.returncode == 1
    assert "shows no number" in asked.stdout
    assert settled(plek)["rebuilding"] is False


async def test_a_killed_gateway_is_waited_for(plek: Spine) -> None:
    """`plek emit` waits for a killed gateway and sends again what was not answered: the result is exact, and verify runs beside it."""
    async with underway(plek, str(WEEK), "--rate", "1000") as emit:
        await plek.parts["gateway"].child.kill()
        assert plek.plek("verify").stdout.startswith("0 differences: ")
        assert emit.poll() is None, "it did not wait for the gateway"
        await start(plek.parts["gateway"])
        stdout, stderr = emit.communicate(timeout=60)
    assert (emit.returncode, stdout, without_progress(stderr)) == (0, f"sent {WEEK_LINES:,}: {WEEK_LINES:,} accepted, 0 refused\n", "")
    both = {**tapes.expected("week")["shelters"], **tapes.expected("rough")["shelters"]}
    assert settled(plek)["shelters"] == both
    assert plek.plek("verify").stdout.startswith("0 differences: ")


async def test_ctrl_c_prints_the_progress(plek: Spine) -> None:
    """Ctrl-C ends `plek emit` with how many lines were sent."""
    async with underway(plek, str(WEEK), "--rate", "100") as emit:
        emit.send_signal(signal.SIGINT)
        stdout, stderr = emit.communicate(timeout=60)
    assert (emit.returncode, without_progress(stderr)) == (130, "")
    assert stdout.startswith(f"Stopped before the end of {WEEK_LINES:,} lines: sent ")


async def test_a_part_that_is_away_is_one_line(plek: Spine) -> None:
    """An unreachable API and a refused token end a verb with one line and an exit code, without a log line of a library."""
    await plek.parts["api"].child.stop()
    away = plek.plek("counts", "--once")
    assert (away.returncode, away.stdout) == (1, "")
    assert away.stderr == "plek: The API can't be reached: see `plek status`, or read the view itself with `plek counts --redis`\n"
    assert plek.plek("counts", "--once", "--redis").returncode == 0
    wrong = plek.plek("emit", str(WEEK), "--token", "x")
    assert wrong.stderr.startswith("plek: The gateway does not accept this token")
