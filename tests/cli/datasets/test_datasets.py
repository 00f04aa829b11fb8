"""Worlds on real servers: one is started beside the real country, history is imported into it, read, and removed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.adapters import rfc3339
from tests import played, tapes
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.forked import run_verb
from tests.leak.watch import WATCH
from tests.reference.tape import record
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(250)]
_RECORDED = Path(__file__).parents[2] / "recorded"
_COMPARED = ("shelters", "holds", "dead_letters", "regions", "national")


class Beside:
    """`plek up --world` as a process, and the command that finds it."""

    def __init__(self, kafka: Kafka, valkey: Valkey, data: Path, name: str) -> None:
        bare = {key: value for key, value in os.environ.items() if not key.startswith("PLEK_")}
        self.environment = bare | {"PLEK_DATA": str(data), "COLUMNS": "200", "PLEK_KAFKA": kafka.bootstrap, "PLEK_REDIS": valkey.url}
        self.name = name
        self.process: subprocess.Popen[str] | None = None
        self._operator: tuple[str, dict[str, str]] | None = None

    def command(self, *words: str) -> tuple[str, ...]:
        """Return a command line of plek."""
        return (sys.executable, "-m", "services.cli", *words)

    def plek(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end."""
        done = run_verb(words, self.environment, within_s=240)
        WATCH.oracle.seek("command", f"plek {words[0]}", (done.stdout + done.stderr).encode())
        return done

    def start(self) -> list[str]:
        """Start the world, and return the lines it prints until it is up."""
        self._operator = None
        self.process = subprocess.Popen(
            self.command("up", "--world", self.name), env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        said: list[str] = []
        for line in self.process.stdout or ():
            said.append(line.rstrip())
            if line.startswith("Memory: "):
                return said
        pytest.fail("it ended, having said:\n" + "\n".join(said))

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        if self.process:
            self.process.communicate(timeout=60)

    def status(self) -> dict[str, Any]:
        """Return the answer of `plek status` for it."""
        status: dict[str, Any] = json.loads(self.plek("status", "--json", "--world", self.name).stdout)
        return status

    async def sow(self) -> None:
        """Send canaries into it."""
        addresses = {part["name"]: part["address"] for part in self.status()["parts"]}
        callers = Callers(Path(self.environment["PLEK_DATA"]) / "issuer", addresses["issuer"])
        assert addresses["monitor"] == self.status()["monitor"]
        await WATCH.sow(callers, addresses["api"], addresses["monitor"])

    def ask(self, method: str, path: str) -> httpx.Response:
        """Ask its API as an operator; address and token are read once for each start."""
        if self._operator is None:
            self._operator = self.status()["api"], {"Authorization": f"Bearer {self.plek('token', 'operator').stdout.strip()}"}
        api, headers = self._operator
        answer = httpx.request(method, f"{api}{path}", headers=headers, timeout=30)
        WATCH.oracle.look("answer", f"answer {answer.status_code}", answer.content)
        return answer

    def state(self) -> dict[str, Any]:
        """Return the whole state."""
        state: dict[str, Any] = self.ask("GET", "/v1/operator/state").json()
        return state

    def folded(self, records: int) -> bool:
        """Return whether so many records of the beds are folded."""
        offsets: list[int | None] = list(self.state()["positions"].values())
        return sum(offset + 1 for offset in offsets if offset is not None) == records

    def listed(self) -> dict[str, Any]:
        """Return its row of `plek world`; an empty one where there is none."""
        answer = self.plek("world", "--json")
        assert answer.returncode == 0, answer.stderr
        return next((world for world in json.loads(answer.stdout) if world["name"] == self.name), {})


@pytest_asyncio.fixture(loop_scope="session")
async def beside(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> AsyncIterator[Beside]:
    """Make a world of this test, not yet started."""
    made = Beside(kafka, valkey, tmp_path / "data", f"imported-{prefix[-30:]}")
    yield made
    made.stop()


@pytest.mark.asyncio(loop_scope="session")
async def test_history_is_what_it_was(beside: Beside) -> None:
    """An imported recording gives the state of the fold at its last instant; imported again, nothing is written twice."""
    said = beside.start()
    assert any(line.startswith(f"{beside.name} is imported, not the real country") for line in said)
    assert not any(line.split()[0] == "gateway" for line in said)
    lines, file = tapes.raw("timed"), str(_RECORDED / "timed.jsonl")
    done = beside.plek("import", file, "--world", beside.name, "--allow-refused")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{beside.name}: {len(lines):,} of {len(lines):,} lines written")
    await until(partial(beside.folded, len(lines)))
    state = beside.state()
    clock = max(round(line["ts"] * 1_000) for line in lines)
    assert rfc3339.parse(state["clock"]) == clock * 1_000_000
    expected = played.result(map(record, lines), clock)
    assert {name: state[name] for name in _COMPARED} == expected
    again = beside.plek("import", file, "--world", beside.name, "--allow-refused")
    assert again.stdout.startswith(f"{beside.name}: 0 of {len(lines):,} lines written, {len(lines):,} were there already")
    assert {name: beside.state()[name] for name in _COMPARED} == expected


@pytest.mark.asyncio(loop_scope="session")
async def test_a_world_says_what_it_is_and_is_only_looked_at(beside: Beside) -> None:
    """A world is labelled in each verb and answer, refuses all writes, and can't be removed while it runs."""
    beside.start()
    file, lines = str(_RECORDED / "rough.jsonl"), tapes.raw("rough")
    done = beside.plek("import", file, "--world", beside.name)
    assert done.returncode == 1
    dead = tapes.expected("rough")["dead_letters"]
    assert f"; {dead:,} of the lines are dead letters (" in done.stdout
    await until(partial(beside.folded, len(lines)))
    await beside.sow()
    assert beside.state()["dead_letters"] == dead
    assert beside.plek("verify", "--world", beside.name).stdout.startswith("0 differences")
    for table in (("counts", "--once"), ("counts", "--once", "--redis"), ("watch", "--once"), ("fallbacks",), ("waiting-list", "list")):
        assert beside.plek(*table, "--world", beside.name).stdout.startswith("IMPORTED, not the real country, at ")
    assert json.loads(beside.plek("counts", "--json", "--redis", "--world", beside.name).stdout)["world"] == "imported"
    assert beside.plek("status", "--world", beside.name).stdout.startswith(f"{beside.name}: imported, not the real country")
    assert (beside.listed()["world"], beside.listed()["records"]) == ("imported", len(lines))
    refused = beside.ask("POST", "/v1/events")
    assert (refused.status_code, refused.json()["type"], refused.headers["plek-world"]) == (403, "urn:plek:problem:not-live", "imported")
    data = str(Path(beside.environment["PLEK_DATA"]) / "worlds" / beside.name)
    refusals = (
        (("emit", file, "--data", data), 2),
        (("find", "1+2", "--region", "Breda", "--data", data), 1),
        (("emit", "--kafka", file, "--data", data), 2),
        (("world", "remove", beside.name, "--yes"), 2),
    )
    for words, code in refusals:
        sent = beside.plek(*words)
        assert (sent.returncode, len(sent.stderr.splitlines())) == (code, 1)
    assert beside.plek("down", "--world", beside.name).returncode == 0
    assert len(beside.plek("dead-letters", "--limit", "10000", "--world", beside.name).stdout.splitlines()) <= dead


@pytest.mark.asyncio(loop_scope="session")
async def test_a_world_that_was_removed_can_be_made_anew(beside: Beside) -> None:
    """A removed world has no log, view, directory or committed offsets: imported again, it has the same dead letters."""
    lines = tapes.raw("rough")
    for _ in range(2):
        with _up(beside):
            beside.plek("import", str(_RECORDED / "rough.jsonl"), "--world", beside.name)
            await until(partial(beside.folded, len(lines)))
            await until(partial(_letters, beside, tapes.expected("rough")["dead_letters"]))
        assert beside.plek("world", "remove", beside.name, "--yes").stdout == f"{beside.name} is removed\n"
        assert beside.listed() == {}
        assert not (Path(beside.environment["PLEK_DATA"]) / "worlds" / beside.name).exists()
    assert (
        beside.plek("world", "remove", beside.name, "--yes").stderr == f"plek: There is no world {beside.name}: `plek world` lists them\n"
    )


def _letters(beside: Beside, number: int) -> bool:
    said = beside.plek("dead-letters", "--limit", "10000", "--world", beside.name).stdout
    return len(said.splitlines()) == number


@contextmanager
def _up(beside: Beside) -> Any:
    beside.start()
    try:
        yield
    finally:
        beside.stop()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("up", "--world", "plek"), "A world is called sim-… or imported-…"),
        (("up", "--world", "sim-1", "--demo"), "--demo plays into the real country: leave out --world"),
        (("counts", "--world", "sim-1"), "The world sim-1 does not run: start it with `plek up --world sim-1`"),
        (("simulate", "--into", "imported-1"), "A simulated country goes into a world that says so, such as sim-2023"),
        (("world", "remove"), "Say which: plek world remove NAME"),
        (("world", "remove", "plek", "--yes"), "A world is called sim-… or imported-…"),
    ],
)
@pytest.mark.asyncio(loop_scope="session")
async def test_what_makes_no_sense_is_one_line(beside: Beside, words: tuple[str, ...], line: str) -> None:
    """A wrong name of a world, and removing the real country, end the verb with one line."""
    done = beside.plek(*words)
    assert done.stderr.startswith(f"plek: {line}")
    assert len(done.stderr.splitlines()) == 1
    assert done.returncode in {1, 2}


@pytest.mark.long
@pytest.mark.asyncio(loop_scope="session")
async def test_a_simulated_country_goes_into_an_empty_world_only(beside: Beside) -> None:
    """A second simulated country in a world is refused with the command that empties the world."""
    name = beside.name.replace("imported", "sim")
    done = beside.plek("simulate", "--into", name, "--year", "2023", "--seed", "5")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"events of 2023 in {name}, " in done.stdout
    again = beside.plek("simulate", "--into", name)
    assert again.returncode == 2
    assert f"`plek world remove {name}` empties it" in again.stderr
    assert beside.plek("world", "remove", name, "--yes").returncode == 0
