"""Areas: how they are formed, what is said of one, and that it moves once in a quarter of an hour."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.regions import read_regions
from services.api.areas import Area, form, value
from services.domain.picture import Counts
from tests.api.conftest import QUARTER_MS, Window, kind
from tests.sent import admitted, declared, left, registered, waiting

_ROWS = read_regions()


@given(st.dictionaries(st.sampled_from(sorted(_ROWS)), st.integers(0, 12)), st.integers(1, 15))
def test_every_region_is_in_one_area_of_enough_shelters(shelters: dict[str, int], least: int) -> None:
    """Whole provinces, none twice; each with enough shelters unless the whole country has not."""
    formed = form(_ROWS.values(), shelters, least)
    assert sorted(region for area in formed for region in area.regions) == sorted(_ROWS)
    assert set(Counter(province for area in formed for province in area.provinces).values()) == {1}
    sizes = [sum(shelters.get(region, 0) for region in area.regions) for area in formed]
    assert len(formed) == 1 or min(sizes) >= least


def test_areas_do_not_depend_on_the_order_of_the_file() -> None:
    """The same shelters give the same areas."""
    shelters = dict.fromkeys(_ROWS, 3)
    assert form(_ROWS.values(), shelters, 10) == form(reversed(_ROWS.values()), shelters, 10)


def test_a_full_country_has_an_area_a_province() -> None:
    """Nothing is joined that need not be."""
    assert len(form(_ROWS.values(), dict.fromkeys(_ROWS, 10), 10)) == len({row.province for row in _ROWS.values()})


def test_what_is_joined_is_near() -> None:
    """A province without shelters joins one that borders on it."""
    lonely = _ROWS["R01"].province
    shelters = {code: 10 for code, row in _ROWS.items() if row.province != lonely}
    [joined] = [area for area in form(_ROWS.values(), shelters, 10) if lonely in area.provinces]
    own = [row for row in _ROWS.values() if row.province == lonely]
    others = [row for row in _ROWS.values() if row.province in joined.provinces and row.province != lonely]
    assert len(joined.provinces) == 2
    assert min(abs(a.column - b.column) + abs(a.row - b.row) for a in own for b in others) <= 2


@pytest.mark.parametrize(
    ("counts", "waiting", "rebuilding", "told"),
    [
        (Counts(capacity=8, occupied=7, free=1), {"R07"}, False, "capacity"),
        (Counts(capacity=8, occupied=7, free=1), (), True, "unknown"),
        (Counts(capacity=8, unknown=7, free=1), (), False, "capacity"),
        (Counts(capacity=8, occupied=6, unknown=2), {"R07"}, False, "unknown"),
        (Counts(capacity=8, occupied=7, unknown=1), (), False, "no-capacity"),
        (Counts(capacity=8, occupied=7, unknown=1), {"R08"}, False, "no-capacity-has-waitlist"),
        (Counts(capacity=8, occupied=8), {"R01"}, False, "no-capacity"),
        (Counts(), (), False, "unknown"),
    ],
)
def test_what_is_said_of_an_area(counts: Counts, waiting: set[str], told: str, *, rebuilding: bool) -> None:
    """The first that holds: rebuilding, something free, a quarter unknown (no unit at all included), then full."""
    assert value(Area(("PV1",), ("R07", "R08")), {"R08": counts}, waiting, rebuilding=rebuilding) == told


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
    assert kind(await window.get("/v1/areas", window.callers.worker())) == (503, "phone")
    window.folded.view.away = False
    assert await _told(window) == ["capacity"]
    window.later[0] = 2 * QUARTER_MS
    await window.board.refresh()
    assert kind(await window.get("/v1/areas", window.callers.worker())) == (503, "phone")


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
    assert kind(await window.get("/v1/areas", headers)) == (403, "not-yours")


async def test_no_area_tells_a_number(window: Window) -> None:
    """A code and nothing to count by."""
    await window.folded.fold(registered(), declared())
    await window.board.refresh()
    [area] = (await window.get("/v1/areas", window.callers.worker())).json()["areas"]
    assert set(area) == {"area", "provinces", "regions", "value"}
