"""Areas: how they are formed, what is said of one, and that it moves once in a quarter of an hour."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.regions import read_regions, tiles
from services.api.areas.grouping import Area, Areas, Minimum, form, heard_since, kinds_shown, members, value
from services.api.read_model.disclosure_level import Disclosure
from services.domain.beds.shelter_snapshot import Counts, ShelterSnapshot
from services.domain.durations import HOUR_MS
from services.domain.events.catalog import Event, ShelterRegistered
from services.simulator.simulation import Simulation
from tests.api.conftest import QUARTER_MS, Window, kind
from tests.folded import WIRE
from tests.sent import admitted, declared, left, registered, waiting

_ROWS = read_regions()
_DAY = 24 * HOUR_MS
# Thursday 24 December 2026, 00:00 UTC
_THURSDAY = 1_798_070_400_000

registrations = st.dictionaries(
    st.sampled_from(sorted(_ROWS)), st.dictionaries(st.sampled_from("abcde"), st.integers(1, 5), max_size=3).map(Counter)
)
minima = st.builds(Minimum, st.integers(1, 15), st.integers(1, 4))


@given(registrations, minima)
def test_areas_partition_the_country_and_meet_the_minimum(shelters: dict[str, Counter[str]], minimum: Minimum) -> None:
    """Every region is in one area; each area has shelters and organisations enough, unless the whole country has not."""
    formed = form(_ROWS.values(), shelters, minimum)
    assert sorted(region for area in formed for region in area.regions) == sorted(_ROWS)
    assert len(formed) == 1 or all(_enough(area, shelters, minimum) for area in formed)


def _enough(area: Area, shelters: Mapping[str, Counter[str]], minimum: Minimum) -> bool:
    inside = sum((shelters.get(region, Counter()) for region in area.regions), Counter[str]())
    return inside.total() >= minimum.shelters and len(inside) >= minimum.organisations


@given(registrations, minima, st.randoms())
def test_areas_do_not_depend_on_the_order_of_the_file(shelters: dict[str, Counter[str]], minimum: Minimum, chance: Random) -> None:
    """The same shelters give the same areas in every process."""
    rows = list(_ROWS.values())
    chance.shuffle(rows)
    assert form(rows, shelters, minimum) == form(_ROWS.values(), shelters, minimum)


@pytest.mark.parametrize(("minimum", "most"), [(Minimum(5, 2), 4), (Minimum(10, 3), 7)])
def test_an_area_of_the_demo_has_at_most_four_regions(minimum: Minimum, most: int) -> None:
    """And where disclosure is strict at most seven."""
    facts = [logged.event.data for logged in Simulation(7, _THURSDAY).until(_THURSDAY)]
    registered_there: dict[str, Counter[str]] = {}
    for fact in facts:
        if isinstance(fact, ShelterRegistered):
            registered_there.setdefault(fact.region, Counter())[fact.organisation] += 1
    formed = form(_ROWS.values(), registered_there, minimum)
    assert max(len(area.regions) for area in formed) <= most
    assert all(_enough(area, registered_there, minimum) for area in formed)


def test_a_region_with_enough_stays_alone() -> None:
    """Nothing is joined that need not be."""
    full = {code: Counter(one=3, other=2) for code in _ROWS}
    assert [area.regions for area in form(_ROWS.values(), full, Minimum(5, 2))] == [(code,) for code in sorted(_ROWS)]


def test_what_is_joined_borders_on_it() -> None:
    """A region without shelters joins one that is a tile away."""
    full = {code: Counter(one=3, other=2) for code in _ROWS if code != "R07"}
    [joined] = [area for area in form(_ROWS.values(), full, Minimum(5, 2)) if "R07" in area.regions]
    assert len(joined.regions) == 2
    assert min(tiles(_ROWS["R07"], _ROWS[code]) for code in joined.regions if code != "R07") == 1


@pytest.mark.parametrize(("ms", "days"), [(0, 30 + 3), (_DAY - 1, 30 + 3), (4 * _DAY - 1, 30 + 6), (4 * _DAY, 30)])
def test_heard_of_is_counted_from_monday(ms: int, days: int) -> None:
    """Thirty days before it: this stands still until the next Monday, so that no area changes as a shelter stays silent."""
    assert heard_since(_THURSDAY + ms, 30) == (_THURSDAY + ms) // _DAY * _DAY - days * _DAY


def test_who_was_not_heard_of_does_not_count() -> None:
    """Nor who is not registered."""
    shelters = [_shelter(name, heard) for name, heard in (("a", 10), ("b", 9), ("c", None))]
    assert members([*shelters, ShelterSnapshot("d", heard_at=10)], 10) == {"R07": Counter(org=1)}


def _shelter(name: str, heard_at: int | None, organisation: str = "org") -> ShelterSnapshot:
    event = WIRE.decode_object(registered(name, "R07", organisation=organisation))
    assert isinstance(event, Event)
    assert isinstance(event.data, ShelterRegistered)
    return ShelterSnapshot(name, event.data, heard_at)


def test_areas_are_drawn_anew_when_they_must_be() -> None:
    """When a shelter is heard of again, when the week turns, and when strict disclosure ends; not in between."""
    wall = [_THURSDAY]
    areas = Areas(rows=_ROWS, disclosure=Disclosure(strict_until=date(2026, 12, 31)), heard_days=30, wall=lambda: wall[0])
    shelters = [_shelter(name, _THURSDAY - 30 * _DAY, name) for name in "abcdefghij"]
    strict = areas.listed(shelters, _THURSDAY)
    assert areas.listed(shelters, _THURSDAY + _DAY) is strict
    wall[0] += 8 * _DAY
    guarded = areas.listed(shelters, _THURSDAY)
    assert guarded is not strict
    assert areas.listed([*shelters, _shelter("k", _THURSDAY)], _THURSDAY) is not guarded
    assert areas.listed(shelters, _THURSDAY + 11 * _DAY) is not guarded


@pytest.mark.parametrize(
    ("counts", "waiting", "rebuilding", "said"),
    [
        (Counts(capacity=8, occupied=7, free=1), True, False, "capacity"),
        (Counts(capacity=8, occupied=7, free=1), False, True, "unknown"),
        (Counts(capacity=8, unknown=7, free=1), False, False, "capacity"),
        (Counts(capacity=8, occupied=6, unknown=2), True, False, "unknown"),
        (Counts(capacity=8, occupied=7, unknown=1), False, False, "no-capacity"),
        (Counts(capacity=8, occupied=7, unknown=1), True, False, "no-capacity-has-waitlist"),
        (Counts(capacity=8, occupied=8), False, False, "no-capacity"),
        (Counts(), False, False, "unknown"),
    ],
)
def test_what_is_said_of_an_area(counts: Counts, said: str, *, waiting: bool, rebuilding: bool) -> None:
    """The first that holds: rebuilding, something free, a quarter unknown (no unit at all included), then full."""
    assert value(counts, waiting=waiting, rebuilding=rebuilding) == said


@pytest.mark.parametrize(
    ("having", "parts"),
    [
        ({"crisis": 5, "follow_up": 6}, [("crisis",), ("follow_up",)]),
        ({"crisis": 3, "emergency": 2, "follow_up": 6}, [("crisis", "emergency", "follow_up")]),
        ({"crisis": 5, "emergency": 1, "follow_up": 6}, [("crisis", "emergency"), ("follow_up",)]),
        ({"crisis": 4}, []),
        ({}, []),
    ],
)
def test_a_kind_that_few_have_is_joined(having: dict[str, int], parts: list[tuple[str, ...]]) -> None:
    """With the next that few have, and if those are still too few with the next smallest; nothing by kind where all are too few."""
    shelters = [_shelter(str(number), 0, f"org{number % 2}") for number in range(6)]
    of = [(shelter, frozenset(kind for kind, number in having.items() if int(shelter.shelter) < number)) for shelter in shelters]
    assert kinds_shown(of, Minimum(5, 2)) == parts


def test_a_kind_of_one_organisation_is_joined() -> None:
    """Five shelters of one organisation are one that knows where each of its households is."""
    one = [(_shelter(str(number), 0, "one"), frozenset({"crisis", "assisted"})) for number in range(5)]
    other = [(_shelter(str(number), 0, "other"), frozenset({"assisted"})) for number in range(5, 9)]
    assert kinds_shown([*one, *other], Minimum(5, 2)) == [("assisted", "crisis")]


async def _told(window: Window) -> list[str]:
    await window.board.refresh()
    answer = await window.get("/v1/areas", window.callers.worker())
    assert answer.status_code == 200
    return [area["value"] for area in answer.json()["areas"]]


async def _alive(window: Window) -> None:
    for partition in range(12):
        await window.folded.stand(partition, alive_at=window.folded.now + window.later[0])


async def test_it_moves_once_in_a_quarter(window: Window) -> None:
    """An admission shows at the next quarter of an hour, not when it happens; the answer says which quarter it is of."""
    window.later[0] = -(window.folded.now % QUARTER_MS)
    await window.folded.fold(registered(), declared())
    assert await _told(window) == ["capacity"]
    await window.folded.fold(admitted())
    window.later[0] += QUARTER_MS - 1
    await _alive(window)
    assert await _told(window) == ["capacity"]
    window.later[0] += 1
    await _alive(window)
    assert await _told(window) == ["no-capacity"]
    assert (await window.get("/v1/areas", window.callers.worker())).json()["age_seconds"] == 0


async def test_a_half_picture_is_unknown_and_drawn_again(window: Window) -> None:
    """While a partition is rebuilt every area is unknown; as soon as it is not, the quarter is told."""
    await window.folded.fold(registered(), declared())
    await window.folded.stand(0, rebuild_until=100)
    assert await _told(window) == ["unknown"]
    await window.folded.stand(0, rebuild_until=0)
    assert await _told(window) == ["capacity"]


async def test_without_a_picture_the_caller_is_told_to_phone(window: Window) -> None:
    """When the view is away at the quarter, or too old: never the last one for ever."""
    await window.folded.fold(registered(), declared())
    window.folded.view.away = True
    await window.board.refresh()
    assert kind(await window.get("/v1/areas", window.callers.worker())) == (503, "data-unavailable")
    window.folded.view.away = False
    assert await _told(window) == ["capacity"]
    window.later[0] = 2 * QUARTER_MS
    await window.board.refresh()
    assert kind(await window.get("/v1/areas", window.callers.worker())) == (503, "data-unavailable")


async def test_a_waiting_list_shows_where_all_is_full(window: Window) -> None:
    """Somebody who waits makes no capacity into a waiting list at the next quarter, and no longer once she has left."""
    window.later[0] = -(window.folded.now % QUARTER_MS)
    told = []
    for sent in ([registered(), declared(), admitted()], [waiting()], [left()]):
        await window.folded.fold(*sent)
        await _alive(window)
        told += await _told(window)
        window.later[0] += QUARTER_MS
    assert told == ["no-capacity", "no-capacity-has-waitlist", "no-capacity"]


@pytest.mark.parametrize(("later_ms", "status", "degraded"), [(14_000, 200, False), (16_000, 200, True), (61_000, 503, None)])
async def test_a_picture_says_when_the_view_stands_still(window: Window, later_ms: int, status: int, *, degraded: bool | None) -> None:
    """Within its quarter, too: degraded after 15 seconds without a stamp, and after 60 the caller is told to phone."""
    window.later[0] = -(window.folded.now % QUARTER_MS)
    await window.folded.fold(registered(), declared())
    await _alive(window)
    await window.board.refresh()
    window.later[0] += later_ms
    await window.board.refresh()
    answer = await window.get("/v1/areas", window.callers.worker())
    assert (answer.status_code, answer.json().get("degraded")) == (status, degraded)


@pytest.mark.parametrize("role", ["shelter", "analyst", "auditor"])
async def test_the_country_is_for_who_places_people(window: Window, role: str) -> None:
    """Not for a shelter, and never live for an analyst."""
    headers = window.callers.shelter("berk") if role == "shelter" else window.callers.of(role)
    assert kind(await window.get("/v1/areas", headers)) == (403, "forbidden")


async def test_no_area_tells_a_number(window: Window) -> None:
    """A code and nothing to count by."""
    await window.folded.fold(registered(), declared())
    await window.board.refresh()
    [area] = (await window.get("/v1/areas", window.callers.worker())).json()["areas"]
    assert set(area) == {"area", "regions", "value", "free", "by_kind"}


async def test_every_role_reads_the_regions(window: Window) -> None:
    """By code, with the name of the centre municipality and the province; none without a token."""
    for headers in (window.callers.shelter("berk"), window.callers.coordinator("R07"), *map(window.callers.of, ("analyst", "auditor"))):
        answer = await window.get("/v1/regions", headers)
        assert answer.status_code == 200
        assert len(answer.json()["regions"]) == 35
    assert answer.json()["regions"][6] == {"code": "R07", "name": "Breda", "province": "PV30", "province_name": "Noord-Brabant"}
    assert (await window.get("/v1/regions", {})).status_code == 401


async def test_an_area_says_how_many_are_free_also_by_kind(window: Window) -> None:
    """Roughly, and by kind where five shelters of two organisations have it; null where it is unknown."""
    for number in range(6):
        name = f"s{number}"
        await window.folded.fold(registered(name, "R07", organisation=f"org-{number % 2}"), declared("u1", name, kind="crisis"))
        await window.folded.fold(declared("u2", name, kind="follow_up"), admitted("u2", name))
    await window.folded.fold(declared("u3", "s0", kind="assisted"))
    await window.board.refresh()
    [area] = (await window.get("/v1/areas", window.callers.worker())).json()["areas"]
    assert (area["value"], area["free"]) == ("capacity", "3+")
    assert area["by_kind"] == [
        {"kinds": ["assisted", "crisis"], "value": "capacity", "free": "3+"},
        {"kinds": ["follow_up"], "value": "no-capacity", "free": "none"},
    ]


def test_shelters_of_a_version_are_looked_at_once() -> None:
    """A search does not count the country again while no shelter has changed; the next version, and the next week, do."""
    areas = Areas(rows=_ROWS, disclosure=Disclosure(), heard_days=30, wall=lambda: _THURSDAY)
    looked = []

    def shelters() -> Iterator[ShelterSnapshot]:
        looked.append(1)
        yield _shelter("a", _THURSDAY)

    for now, version in ((_THURSDAY, 1), (_THURSDAY + 1, 1), (_THURSDAY + 1, 2), (_THURSDAY + 4 * _DAY, 2), (_THURSDAY + 5 * _DAY, 2)):
        areas.by_region(shelters(), now, version)
    assert len(looked) == 3
