"""What is offered in the country of the demo: each place says where and of what kind, no two offers of an answer alike, nine a chain."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio

from services.adapters.codec.event_codec import encode
from services.adapters.codec.json_reader import read_json
from services.domain.events.catalog import BED_EVENTS
from services.simulator.model.households import SimulatedHousehold, draw_household
from services.simulator.model.random_source import RandomSource
from services.simulator.simulation import Simulation
from tests.api.desks import MOTHER, REGIONS, Desks, desks

_WORDS = ("area", "kind", "size", "fit", "has", "lacks", "freshness", "age_hours")


@dataclass
class Demo:
    """The API of a simulated country, and households for whom a worker searches."""

    at: Desks
    households: list[SimulatedHousehold]


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    """Open the API of the country as it is when the demo begins."""
    random = RandomSource(11)
    inhabitants = {code: row.inhabitants for code, row in REGIONS.items()}
    households = [draw_household(random, random.choose_by(inhabitants), tuple(REGIONS)) for _ in range(20)]
    async with desks(tmp_path) as at:
        for logged in Simulation(7, at.folded.now).until(at.folded.now):
            if isinstance(logged.event.data, BED_EVENTS):
                await at.folded.fold(read_json(encode(logged.event)))
        yield Demo(at, households)


def _body(household: SimulatedHousehold, number: int) -> dict[str, Any]:
    need = household.need
    return {
        "adults": household.adults,
        "men": need.men,
        "children": household.children,
        "oldest_son_age": need.oldest_son_age,
        "features": list(need.features),
        "services": list(need.services),
        "languages": list(need.languages),
        "security": need.security,
        "exclude_regions": list(household.unsafe_regions),
        "near": sorted(REGIONS)[number],
    }


async def test_every_offer_says_where_and_what(demo: Demo) -> None:
    """Of twenty households: at most four regions, none excluded; kind, size, fit and distance, never blank; and no two offers alike."""
    found = [(household, await demo.at.search(body=_body(household, number))) for number, household in enumerate(demo.households)]
    assert sum(bool(answer["offers"]) for _, answer in found) >= 15
    for household, answer in found:
        for offer in answer["offers"]:
            assert 1 <= len(offer["regions"]) <= 4
            assert not {region["code"] for region in offer["regions"]} & set(household.unsafe_regions)
            assert all(offer[word] for word in ("kind", "size", "fit", "distance_km"))
            assert offer["has"]["services"] == list(household.need.services)
            assert not any(offer["lacks"].values())
        words = [str([offer[word] for word in _WORDS]) for offer in answer["offers"]]
        assert len(words) == len(set(words))
        assert bool(answer["misses"]) <= (not answer["offers"])


async def test_nine_are_offered_to_a_household(demo: Demo) -> None:
    """Three, and on asking the next three, and the next; then none that is new, and why, also where one answer is gone on with twice."""
    first = await demo.at.search(body={"adults": 1})
    left, offers = [first["offers_left"]], len(first["offers"])
    for before in (first, first, first):
        more = await demo.at.search(body={"adults": 1}, again_of=before["search"], more=True)
        left.append(more["offers_left"])
        offers += sum(offer["same"] for offer in more["offers"])
    assert (left, offers) == ([6, 3, 0, 0], 9)
    assert (first["why_none"], more["offers"], more["why_none"], more["more"]) == (None, [], "chain_used_up", "3+")


async def test_another_household_begins_a_chain_of_its_own(demo: Demo) -> None:
    """Another number of adults, men or children, age of the oldest son, or region of the desk; refined otherwise it is the same chain."""
    desk = demo.at.callers.worker(regions=("R07", "R08"))
    first = await demo.at.search(desk, MOTHER, region="R07")
    refined = await demo.at.search(desk, MOTHER | {"features": ["cot"]}, region="R07", again_of=first["search"])
    assert refined["offers_left"] < 6
    others = ({"adults": 2}, {"men": 1}, {"children": 3}, {"oldest_son_age": 4}, {"oldest_son_age": None})
    for body, region in (*((MOTHER | other, "R07") for other in others), (MOTHER, "R08")):
        assert (await demo.at.search(desk, body, region=region, again_of=first["search"]))["offers_left"] == 6
