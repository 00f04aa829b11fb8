"""The verbs of a crisis worker and of a shelter's desk, on real servers: from a household to a place, and back."""

import json
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from services.commands.offer_tables import large
from services.local.kafka import Kafka
from services.local.valkey import Valkey
from tests.commands.spine import Spine, spine
from tests.sent import declared, registered

pytestmark = [pytest.mark.e2e]


@pytest_asyncio.fixture
async def plek(kafka: Kafka, valkey: Valkey, tmp_path: Path, prefix: str) -> AsyncIterator[Spine]:
    """Run all of it with two shelters that have one unit each."""
    async with spine(kafka, valkey, tmp_path / prefix) as running:
        lines = [json.dumps(each) for name in ("berk", "den") for each in (registered(name), declared("u1", name))]
        assert running.plek("emit", "-", send="\n".join(lines)).returncode == 0
        yield running


def _holds(plek: Spine) -> dict[str, str]:
    return {hold["hold"]: hold["status"] for hold in plek.json("holds", "--json")["holds"]}


async def test_from_a_household_to_a_place(plek: Spine) -> None:
    """Found, held with the number large, accepted by the shelter, extended, given back."""
    found = plek.plek("find", "1+2", "--not", "R01", "--near", "R07")
    taken = "This takes 2 children for daughters: say --boy AGE for each son, not every shelter takes him\n"
    assert (found.returncode, found.stderr) == (0, taken)
    assert "plek hold 1" in found.stdout
    assert not re.search("berk|den|R07|0800", found.stdout)
    kept = plek.settings.data / "offers.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    held = plek.plek("hold", "1")
    assert held.returncode == 0, held.stderr
    assert large("0800-000001").splitlines()[1].strip() in held.stdout
    assert "call 0800-000001, region R07" in held.stdout
    assert plek.plek("hold", "1").stdout == held.stdout
    [(hold, status)] = _holds(plek).items()
    assert status == "granted"
    second = plek.plek("hold", "2")
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == f"plek: This search has a live hold already: release it first (plek release {hold})\n"

    theirs = ("--shelter", "berk", "--shelter", "den")
    assert hold in plek.plek("accept", *theirs).stdout
    accepted = plek.plek("accept", hold, *theirs)
    assert "the desk is desk-1" in accepted.stdout, accepted.stderr
    assert "Kept until" in plek.plek("extend", hold).stdout
    again = plek.plek("extend", hold)
    assert (again.returncode, again.stdout) == (1, "")
    assert "extended once" in again.stderr
    assert plek.plek("release", hold).stdout == "Given back\n"
    assert _holds(plek) == {hold: "released"}


async def test_who_is_too_late_is_offered_what_else_there_is(plek: Spine) -> None:
    """In one line why; the new offers take the numbers of the old."""
    plek.plek("find", "1+2")
    kept = plek.settings.data / "offers.json"
    mine = kept.read_text()
    for number in ("1", "2"):
        plek.plek("find", "1+2", "--as", f"other-{number}")
        assert plek.plek("hold", "1").returncode == 0
    kept.write_text(mine)
    late = plek.plek("hold", "1")
    assert late.returncode == 1
    assert late.stderr.startswith("plek: Somebody was faster")
    assert "Nothing that fits is free" in late.stdout or "plek hold 1" in late.stdout


async def test_a_shelter_declines_and_closes_what_is_unfit(plek: Spine) -> None:
    """It is offered to be closed, and how."""
    plek.plek("find", "1+2")
    plek.plek("hold", "1")
    [hold] = _holds(plek)
    declined = plek.plek("decline", hold, "unit_unfit", "--shelter", "berk", "--shelter", "den")
    assert declined.stdout.splitlines()[0] == "Declined", declined.stderr
    assert "--close-unit" in declined.stdout
    assert _holds(plek) == {hold: "declined"}


async def test_what_is_wrong_is_one_line(plek: Spine) -> None:
    """No search yet, a number that is none, a region that is none, no household."""
    for words, said in (
        (("hold", "1"), "Nobody has searched here yet"),
        (("find", "1+2", "--not", "R99"), "/exclude_regions/0: not a code of the region file"),
        (("find", "0"), "the household: adults and children together are at least 1"),
        (("find", "x"), "typed as adults+children"),
        (("find", "1", "--kind", "castle"), "--kind is one of emergency, crisis, follow_up, assisted"),
        (("decline", "nothing", "rain"), "REASON is one of no_staff, unit_unfit, safety, full, other"),
        (("token", "worker", "--region", "R99"), "There is no region of that code: they run from R01 to R35"),
        (("release", "nothing"), "Not yours, or it does not exist"),
    ):
        wrong = plek.plek(*words)
        assert wrong.returncode in (1, 2)
        assert said in wrong.stderr
        assert wrong.stderr.count("\n") == 1
