"""The verbs of a crisis worker and of a shelter's desk, on real servers: from a household to a place, and back."""

import json
import re
import signal
import stat
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from services.cli.output.hold_cards import large_digits
from services.local.processes.component import start
from tests.cli.spine import Spine, spine
from tests.controlled_servers import Kafka, Valkey
from tests.sent import declared, registered
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

# Offers that are alike in every word are shown as one
SIZES: dict[str, dict[str, int]] = {"berk": {}, "den": {"max_children": 5}}


# `plek hold` is for the worker of the last search
_OF_A_WORKER = frozenset({"find", "holds", "extend", "release", "end-search"})


@dataclass(frozen=True)
class Desk:
    """A worker whom no other test knows, at a desk that has searched nothing yet; all tests share the servers and both places."""

    spine: Spine
    worker: str
    workers: set[str] = field(default_factory=set)
    typed: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.spine.settings.data

    def _as_worker(self, words: tuple[str, ...]) -> tuple[str, ...]:
        self.typed.append(words[0])
        if words[0] not in _OF_A_WORKER:
            return words
        worker = words[words.index("--as") + 1] if "--as" in words else self.worker
        self.workers.add(worker)
        return words if "--as" in words else (*words, "--as", worker)

    def command(self, *words: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return a command line and its environment, of the worker where a verb is of one."""
        return self.spine.command(*self._as_worker(words))

    def plek(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end, as the worker where it is of one."""
        return self.spine.plek(*self._as_worker(words))

    def holds(self) -> dict[str, str]:
        """Return the status of each hold that the worker sees."""
        return {hold["hold"]: hold["status"] for hold in json.loads(self.plek("holds", "--json").stdout)["holds"]}

    def give_back(self) -> None:
        """Release what each worker of this test still holds."""
        for worker in sorted(self.workers) if "hold" in self.typed else ():
            for hold in json.loads(self.plek("holds", "--json", "--as", worker).stdout)["holds"]:
                if hold["status"] == "granted" and hold["mine"]:
                    assert self.plek("release", hold["hold"], "--as", worker).returncode == 0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Spine]:
    """Run all of it with two shelters that have one unit each, of another size so that two offers are shown."""
    async with spine(kafka, valkey, tmp_path_factory.mktemp("find")) as running:
        lines = [json.dumps(each) for name, size in SIZES.items() for each in (registered(name), declared("u1", name, **size))]
        assert running.plek("emit", "-", send="\n".join(lines)).returncode == 0
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def plek(running: Spine, prefix: str) -> AsyncIterator[Desk]:
    """Open a desk when both places are free, and give back what was held there."""
    await until(lambda: running.json("counts", "--json")["national"]["free"] == len(SIZES))
    for kept in ("offers.json", "desk.json", "duty.json"):
        (running.settings.data / kept).unlink(missing_ok=True)
    desk = Desk(running, prefix)
    yield desk
    desk.give_back()


async def test_from_a_household_to_a_place(plek: Desk) -> None:
    """A household is found a place, which is held with the number large, accepted by the shelter and given back."""
    found = plek.plek("find", "1+2", "--not", "Alkmaar", "--near", "breda", "--region", "Breda")
    taken = "This takes 2 children for daughters: say --boy AGE for each son, not every shelter takes him\n"
    assert (found.returncode, found.stderr) == (0, taken)
    assert "plek hold 1" in found.stdout
    assert "You can search " in found.stdout
    assert not re.search(r"\bberk\b|0800", found.stdout)
    kept = plek.data / "offers.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    held = plek.plek("hold", "1", "--no-wait")
    assert held.returncode == 0, held.stderr
    assert large_digits("0800-000001").splitlines()[1].strip() in held.stdout
    assert "call 0800-000001, Breda (R07), crisisopvang (crisis)" in held.stdout
    assert plek.plek("hold", "1", "--no-wait").stdout == held.stdout
    [(hold, status)] = plek.holds().items()
    assert status == "granted"
    second = plek.plek("hold", "2", "--no-wait")
    assert (second.returncode, second.stdout) == (1, "")
    assert f"(plek release {hold[:8]})" in second.stderr

    assert hold in plek.plek("accept").stdout
    accepted = plek.plek("accept", hold[:8])
    assert "the desk is desk-1" in accepted.stdout, accepted.stderr
    assert "accepted by the shelter, held until" in plek.plek("holds").stdout
    assert "call 0800-000001" in plek.plek("hold", "1").stdout  # answered already: nothing is waited for
    early = plek.plek("extend", hold[:8])
    assert (early.returncode, early.stdout) == (1, "")
    assert "again from " in early.stderr
    assert plek.plek("release", hold[:8]).stdout == "Given back\n"
    assert plek.holds() == {hold: "released"}


async def test_a_coordinator_reads_what_waits_in_the_regions_of_the_token(plek: Desk) -> None:
    """With a coordinator's token `holds`, `fallbacks` and `waiting-list list` list what waits in its regions, and no phone (D11)."""
    plek.plek("find", "1+2", "--region", "Breda")
    assert plek.plek("hold", "1", "--no-wait").returncode == 0
    fallback = plek.plek("fallback", "hotel", "1+0", "--reason", "at_night", "--region", "Breda", "--log-anyway").stdout.split()[2]
    own, other = [plek.plek("token", "coordinator", "--region", region).stdout.strip() for region in ("Breda", "Alkmaar")]
    waiting = plek.spine.plek("holds", "--token", own)
    assert re.search(
        r"(berk|den), unit u1: waits for \d+ min\n +household 1\+2 · Breda \(R07\) · desk desk-1 · held until ", waiting.stdout
    )
    assert "0800" not in waiting.stdout
    assert plek.spine.plek("holds", "--token", other).stdout == "No hold waits for the answer of a shelter\n"

    async def listed() -> bool:
        return fallback in plek.spine.plek("fallbacks", "--token", own).stdout

    await until(listed)
    assert plek.spine.plek("fallbacks", "--token", other).stdout.startswith("0 open, as of ")
    assert plek.spine.plek("waiting-list", "list", "--token", own).stdout.startswith("0 open, as of ")
    assert plek.plek("fallback", "undo", fallback).returncode == 0


async def test_a_place_that_is_gone_brings_new_offers(plek: Desk) -> None:
    """A hold that comes too late says why in one line, and shows new offers with the numbers of the old ones."""
    plek.plek("find", "1+2", "--region", "R07")
    kept = plek.data / "offers.json"
    mine = kept.read_text()
    for number in ("1", "2"):
        plek.plek("find", "1+2", "--as", f"other-{number}")
        assert plek.plek("hold", "1", "--no-wait").returncode == 0
    kept.write_text(mine)
    late = plek.plek("hold", "1")
    assert late.returncode == 1
    assert late.stderr.startswith("plek: The place went to another household")
    assert "Nothing that fits is free" in late.stdout or "plek hold 1" in late.stdout


async def test_a_refinement_without_offers_loses_no_offer(plek: Desk) -> None:
    """Earlier offers can be held after a refinement without offers, the need can be dropped, and the same household costs a refinement."""
    first = plek.plek("find", "1+2", "--region", "R07")
    again = plek.plek("find", "1+2", "--pets")
    assert "Goes on with the search of" in again.stderr
    assert "and refine this one" in again.stdout
    assert "Nothing new fits; the 2 offers of before can still be held until" in again.stdout, first.stdout + again.stdout
    back = plek.plek("find", "--again", "--without", "pets")
    assert "plek hold 1" in back.stdout, back.stderr
    plek.plek("find", "--again", "--pets")
    assert plek.plek("hold", "1", "--no-wait").returncode == 0


async def test_a_shelter_declines_and_closes_what_is_unfit(plek: Desk) -> None:
    """A hold declined with unit_unfit shows the command that closes the unit."""
    plek.plek("find", "1+2", "--region", "R07")
    plek.plek("hold", "1", "--no-wait")
    [hold] = plek.holds()
    declined = plek.plek("decline", hold[:8], "unit_unfit", "--shelter", "berk", "--shelter", "den")
    assert declined.stdout.splitlines()[0] == "Declined", declined.stderr
    assert "--close-unit" in declined.stdout
    assert plek.holds() == {hold: "declined"}


async def test_an_error_is_one_line(plek: Desk) -> None:
    """No search yet, a wrong offer number, region, household or code each end the verb with one line."""
    for words, text in (
        (("hold", "1"), "No search has been made here yet"),
        (("find", "1+2"), "Which region is your desk's?"),
        (("find", "1+2", "--not", "R99"), "--not: no region has that name"),
        (("find", "0", "--region", "R07"), "the household: adults and children together are at least 1"),
        (("find", "x"), "typed as adults+children"),
        (("find", "1", "--kind", "castle"), "--kind is one of emergency, crisis, follow_up, assisted"),
        (("decline", "nothing", "rain"), "REASON is one of no_staff, unit_unfit, safety, full, other"),
        (("token", "worker", "--region", "R99"), "--region: no region has that name"),
        (("release", "nothing"), "No hold begins with that: `plek holds` lists them"),
    ):
        wrong = plek.plek(*words)
        assert wrong.returncode in (1, 2)
        assert text in wrong.stderr
        assert wrong.stderr.count("\n") == 1


async def test_a_hold_waits_for_the_shelter(plek: Desk) -> None:
    """`plek hold` ends when the shelter has answered: accepted with the number, declined with the reason in words."""
    plek.plek("find", "1+2", "--region", "R07")
    for answer, text in (
        (("accept",), "Accepted by the shelter: held until "),
        (("decline", "no_staff"), "The shelter declined"),
    ):
        command, environment = plek.command("hold", "1")
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as waiting:
            await until(lambda: "granted" in plek.holds().values())
            hold = next(hold for hold, status in plek.holds().items() if status == "granted")
            verb, *reason = answer
            assert plek.plek(verb, hold, *reason, "--shelter", "berk", "--shelter", "den").returncode == 0
            shown, _ = waiting.communicate(timeout=60)
        assert text in shown
        plek.plek("release", hold)
        plek.plek("find", "--again")


async def test_an_interrupted_wait_leaves_the_place_held(plek: Desk) -> None:
    """Ctrl-C ends the waiting, not the hold, and a line says so."""
    plek.plek("find", "1+2", "--region", "R07")
    command, environment = plek.command("hold", "1")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as waiting:
        assert waiting.stdout is not None
        while "held until" not in waiting.stdout.readline():
            pass
        waiting.send_signal(signal.SIGINT)
        shown, _ = waiting.communicate(timeout=60)
    assert "The place stays held until" in shown
    assert list(plek.holds().values()) == ["granted"]


async def test_a_search_that_led_to_a_hold_or_to_nothing_is_ended(plek: Desk) -> None:
    """A search ends by its hold, as unknown when the next household is searched for, or by `plek end-search`."""
    plek.plek("find", "1+2", "--region", "R07")
    assert plek.plek("end-search", "withdrawn").stdout == "withdrawn by the household\n"
    assert plek.plek("end-search", "elsewhere").stdout == "It had ended before: withdrawn by the household\n"
    plek.plek("find", "1+1")
    plek.plek("hold", "1", "--no-wait")
    await until(lambda: plek.plek("end-search", "elsewhere").stdout == "It had ended before: a place was held\n")
    plek.plek("find", "2")
    first = json.loads((plek.data / "offers.json").read_text())
    plek.plek("find", "1")
    (plek.data / "offers.json").write_text(json.dumps(first))
    await until(lambda: plek.plek("end-search", "held").stdout == "It had ended before: unknown\n")


async def test_the_duty_list_is_shown_without_the_api(plek: Desk) -> None:
    """`plek duty` shows numbers with their date; with the API away a copy of them, marked as one, which only its owner can read."""
    await until(lambda: "0800-000001" in plek.plek("duty", "Breda").stdout)
    copy = plek.data / "duty.json"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    api = plek.spine.parts["api"]
    await api.child.stop()
    try:
        shown = plek.plek("duty")
        assert "The API is away: this is a copy of" in shown.stdout, shown.stderr
        assert "0800-000001" in shown.stdout
        copy.unlink()
        none = plek.plek("duty")
        assert (none.returncode, none.stdout) == (1, "")
        assert "there is no copy" in none.stderr
    finally:
        await start(api)
