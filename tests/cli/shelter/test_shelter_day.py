"""A day in a shelter, one command for each thing that happens, on real servers."""

import json
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from services.cli.output.fact_lines import SHORT
from tests.cli.spine import Spine, spine
from tests.controlled_servers import Kafka, Valkey
from tests.sent import declared, registered
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plek(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Spine]:
    """Run all of it with one shelter that has two units, so that its name may be left out."""
    async with spine(kafka, valkey, tmp_path_factory.mktemp("day")) as running:
        lines = [json.dumps(each) for each in (registered("berk"), declared("u1", "berk"), declared("u2", "berk"))]
        assert running.plek("emit", "-", send="\n".join(lines)).returncode == 0
        yield running


async def _until_counted(plek: Spine, **counts: int) -> None:
    """Wait until the nation has these numbers of units."""

    def counted() -> bool:
        national = plek.json("counts", "--json")["national"]
        return {state: national[state] for state in counts} == counts

    await until(counted)


def _sends(plek: Spine) -> Callable[..., str]:
    def sends(*words: str) -> str:
        done = plek.plek(*words)
        assert (done.returncode, done.stderr) == (0, ""), words
        return done.stdout

    return sends


async def test_a_household_comes_moves_and_leaves(plek: Spine) -> None:
    """Admission, a second household by mistake, transfer and discharge: three words each, and what looks wrong is shown."""
    sends = _sends(plek)
    await _until_counted(plek, free=2)
    assert sends("admit", "berk", "u1", "1+2").startswith("Opname (admission): berk · u1 · 1+2\n")
    await _until_counted(plek, occupied=1, free=1)
    assert "Another household is in this unit already" in sends("admit", "u1", "1")
    listed = plek.plek("discharge", "u1", "--to", "unknown")
    assert (listed.returncode, "Several households are in this unit: add --stay" in listed.stderr) == (1, True)
    [alone] = [part for part in listed.stderr.split("; ") if " 1+0 " in part.replace(" · ", " ")]
    stay = alone.split(" · ")[0].split()[-1]
    assert len(stay) == SHORT
    sends("discharge", "u1", "--to", "unknown", "--stay", stay)
    sends("transfer", "u1", "u2")
    assert "vertrek" in sends("discharge", "berk", "u2", "--to", "home", "--to-clean").casefold()
    await _until_counted(plek, closed=1, free=1)
    assert "No household is known in this unit" in plek.plek("discharge", "u2", "--to", "home").stderr
    sends("reopen", "u2")
    await _until_counted(plek, free=2)


async def test_a_shelter_closes_pauses_and_counts(plek: Spine) -> None:
    """A closed unit, a paused intake and a count by hand are one command each; a count that differs is said."""
    sends = _sends(plek)
    sends("close", "u1", "--why", "maintenance", "--until", "2027-01-01")
    await _until_counted(plek, closed=1)
    sends("reopen", "u1")
    sends("pause", "berk", "--why", "staffing")
    await _until_counted(plek, paused=2)
    sends("resume")
    await _until_counted(plek, free=2)
    assert "Let op" not in sends("count", "2")
    assert "Plek counts another number of free units" in sends("count", "berk", "1")


async def test_a_command_sent_again_with_its_key_counts_once(plek: Spine) -> None:
    """A retry with the key of the first is the same admission; without servers the error says which key that is."""
    first, again = (plek.json("admit", "berk", "u1", "1", "--key", "k1", "--json") for _ in range(2))
    assert (first["event"], first["stay"]) == (again["event"], again["stay"])
    await _until_counted(plek, occupied=1)
    _sends(plek)("discharge", "u1", "--to", "home", "--stay", first["stay"])
    away = plek.plek("admit", "berk", "u1", "1", "--gateway", "http://127.0.0.1:1", "--token", "t", "--key", "k2")
    assert (away.returncode, "the same command with --key k2 counts once" in away.stderr) == (1, True)


async def test_what_was_sent_by_mistake_is_taken_back(plek: Spine) -> None:
    """An admission is listed and taken back by the beginning of its id; `--yes` takes back the latest, and what follows is said."""
    sends = _sends(plek)
    await _until_counted(plek, free=2)
    undo = sends("admit", "berk", "u2", "1+1").splitlines()[-1].partition("plek ")[2].split()
    assert sends("history").splitlines()[0].startswith(undo[-1])
    assert "The stay disappears" in sends(*undo)
    await _until_counted(plek, free=2)
    assert "teruggedraaid (undone)" in sends("history", "berk").splitlines()[1]
    sends("admit", "u2", "1+1")
    await _until_counted(plek, occupied=1)
    assert "Teruggedraaid (undone): opname (admission)" in sends("undo", "berk", "--yes")
    await _until_counted(plek, free=2)
