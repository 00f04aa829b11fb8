"""A hold that is over keeps saying what it was for, and why it ended: in code, in Dutch and in English."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest
import pytest_asyncio

from services.adapters.rfc3339 import show
from services.api.holds.end_reasons import ENDINGS
from services.domain.beds.hold_endings import Ending
from tests.api.desks import Desks, desks
from tests.sent import admitted, event

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


async def _held(at: Desks) -> str:
    """Hold the one unit of a new shelter for a mother with two children."""
    await at.shelters("berk")
    answer = await at.hold((await at.search())["offers"][0]["offer"])
    assert answer.status_code == 201, answer.text
    hold: str = answer.json()["hold"]
    return hold


async def _read(at: Desks, hold: str) -> dict[str, Any]:
    """Read a hold by its id; the list says the same of it."""
    found: dict[str, Any] = (await at.call("get", f"/v1/holds/{hold}", at.callers.worker())).json()
    listed = (await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"]
    assert found in listed
    return found


def _admission(at: Desks, *, children: int = 2, after_ms: int = 0, **more: Any) -> dict[str, Any]:
    began = show((at.folded.now + after_ms) * 1_000_000)
    return admitted() | {"data": admitted()["data"] | {"adults": 1, "children": children, "occurred_at": began} | more}


def test_every_ending_has_words_in_two_languages() -> None:
    """The table of words has each code of an ending, and no other."""
    assert set(ENDINGS) == set(get_args(Ending))
    assert all(words.nl and words.en and words.nl != words.en for words in ENDINGS.values())


@pytest.mark.parametrize("reason", ["no_staff", "unit_unfit", "safety", "full", "other"])
async def test_a_declined_hold_says_why_and_what_it_was_for(at: Desks, reason: str) -> None:
    """A declined hold shows why, with household, region, kind, size and time of the request, and no phone."""
    hold = await _held(at)
    await at.say(event("hold-declined", hold=hold, reason=reason))
    found = await _read(at, hold)
    assert (found["why"], found["declined_because"]) == (f"declined_{reason}", reason)
    assert (found["adults"], found["children"], found["region"], found["kind"], found["size"]) == (1, 2, "R07", "crisis", "3-4")
    assert found["region_name"]
    assert found["requested_at"]
    assert "intake_phone" not in found
    assert found["why_nl"] == ENDINGS[found["why"]].nl


async def test_a_hold_whose_time_is_over_says_so(at: Desks) -> None:
    """An expired hold names its region and kind, and no phone; after a day it is gone."""
    hold = await _held(at)
    await at.later(30 * MINUTE)
    found = await _read(at, hold)
    assert (found["status"], found["why"], found["region"], found["kind"]) == ("expired", "expired", "R07", "crisis")
    assert "intake_phone" not in found
    await at.later(24 * HOUR)
    assert (await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"] == []


async def test_a_live_hold_has_no_reason_yet(at: Desks) -> None:
    """A live hold shows all that the place has and from when it can be extended, and no reason."""
    found = await _read(at, await _held(at))
    assert "why" not in found
    assert found["extendable_from"] < found["until"]
    assert {"features", "services", "languages", "intake_phone"} <= set(found)


async def test_an_admission_that_names_the_hold_fulfils_it(at: Desks) -> None:
    """A hold that an admission names is fulfilled, and shows no phone."""
    hold = await _held(at)
    await at.say(_admission(at, hold=hold))
    found = await _read(at, hold)
    assert (found["status"], found["why"]) == ("fulfilled", "fulfilled")
    assert "intake_phone" not in found


async def test_an_admission_of_the_same_size_says_to_phone(at: Desks) -> None:
    """D6: the shelter admitted that household without naming the hold, so its worker phones instead of searching again."""
    hold = await _held(at)
    await at.say(_admission(at))
    found = await _read(at, hold)
    assert (found["status"], found["why"], found["intake_phone"]) == ("overtaken", "admitted_same_size", "0800-000001")
    assert found["why_en"] == "A household of this size was admitted there: phone"


async def test_an_admission_logged_to_the_minute_counts(at: Desks) -> None:
    """A shelter writes 03:12 for 03:12:40: the admission is not before the hold."""
    hold = await _held(at)
    await at.say(_admission(at, after_ms=-(at.folded.now % MINUTE)))
    assert (await _read(at, hold))["why"] == "admitted_same_size"


@pytest.mark.parametrize(("children", "after_ms"), [(1, 0), (2, -HOUR)])
async def test_another_household_is_no_reason_to_phone(at: Desks, children: int, after_ms: int) -> None:
    """A household of another size, or one admitted before the hold, is shown as another household, without a phone."""
    hold = await _held(at)
    await at.say(_admission(at, children=children, after_ms=after_ms))
    found = await _read(at, hold)
    assert (found["status"], found["why"]) == ("overtaken", "admitted_other")
    assert "intake_phone" not in found


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [("unit-closed", {"unit": "u1", "reason": "maintenance"}, "unit_closed"), ("unit-withdrawn", {"unit": "u1"}, "unit_withdrawn")],
)
async def test_a_unit_that_is_taken_out_of_use_says_so(at: Desks, name: str, data: dict[str, Any], why: str) -> None:
    """A hold of a unit that was closed or withdrawn shows which of both."""
    hold = await _held(at)
    await at.say(event(name, **data))
    found = await _read(at, hold)
    assert (found["status"], found["why"], found["region"]) == ("overtaken", why, "R07")
    assert "intake_phone" not in found


async def test_what_happens_in_the_unit_afterwards_is_not_shown(at: Desks) -> None:
    """The reason stays as it was when it was first seen: a discharge, or the next household, is the shelter's alone."""
    hold = await _held(at)
    await at.say(_admission(at))
    first = await _read(at, hold)
    await at.say(event("discharge", stay=admitted()["data"]["stay"], destination="home"))
    await at.say(event("unit-closed", unit="u1", reason="cleaning"))
    assert await _read(at, hold) == first


async def test_a_refused_request_names_no_region(at: Desks) -> None:
    """What was not granted shows neither where it was nor whom to phone."""
    await at.shelters("berk")
    offer = (await at.search())["offers"][0]["offer"]
    await at.say(event("intake-paused", reason="staffing"))
    hold = (await at.hold(offer)).json()["hold"]
    found = (await at.call("get", f"/v1/holds/{hold}", at.callers.worker())).json()
    assert (found["status"], found["why"]) == ("refused", "intake_paused")
    assert {"region", "kind", "intake_phone"}.isdisjoint(found)
