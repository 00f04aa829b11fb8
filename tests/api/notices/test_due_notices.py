"""Which notices are due: a hold that waits, and a shelter that was not heard of for eight hours; computed from the view alone."""

from dataclasses import replace

import pytest

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import now_ms, seconds
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.observability.metrics import Metrics
from services.adapters.view.position_tracker import PositionTracker
from services.api.notices.due_notices import DueNotice, DueNotices
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.data_age import AgeLimits
from services.api.read_model.view_reader import ViewReader
from services.domain.beds.staleness import StalenessLimits
from services.domain.durations import HOUR_MS
from tests.folded import Folded
from tests.sent import admitted, asked, declared, event, registered, uuid

PERSON = "3fa9c1d2e4b56078"


class Watched:
    """A country in memory, and the notices that are due in it."""

    def __init__(self) -> None:
        self.folded = Folded(now_ms())
        reading = ViewReader(
            view=self.folded.view,
            moves=PositionTracker(self.folded.view, seconds, Metrics()),
            positions=SealedPositions(Pseudonyms("key")),
            partitions=12,
            limits=StalenessLimits(),
            age_limits=AgeLimits(),
            now=lambda: self.folded.now,
        )
        self.mirror = CountryCache(reading=reading)
        self.making = DueNotices(pseudonyms=Pseudonyms("key"), nudge_ms=8 * HOUR_MS, age_limits=AgeLimits())

    async def begin(self) -> None:
        """Have two shelters with a unit each, of two organisations."""
        await self.folded.begin()
        await self.later(0)
        for shelter, organisation in (("berk", "org-1"), ("den", "org-2")):
            await self.folded.fold(registered(shelter, organisation=organisation), declared("u1", shelter))

    async def later(self, ms: int) -> None:
        """Let time pass while the processor goes on."""
        self.folded.now += ms
        for partition in range(12):
            await self.folded.stand(partition)

    async def due(self) -> list[DueNotice]:
        """Return what is due now."""
        return self.making.of(await self.mirror.follow())


@pytest.fixture
async def watched() -> Watched:
    """Make a country."""
    watched = Watched()
    await watched.begin()
    return watched


async def test_a_granted_hold_is_due_until_its_shelter_answers(watched: Watched) -> None:
    """The notice is of the shelter's organisation, from the grant to the end of the hold, and none is left after the answer."""
    await watched.folded.fold(asked(PERSON))
    [notice] = await watched.due()
    assert (notice.kind, notice.shelter, notice.organisation) == ("hold_waits", "berk", "org-1")
    assert (notice.at, notice.until) == (watched.folded.now, watched.folded.now + 1_800_000)
    await watched.folded.fold(event("hold-accepted", hold=uuid(1)))
    assert await watched.due() == []


async def test_an_expired_or_refused_hold_is_not_due(watched: Watched) -> None:
    """A refused request waits for no answer, and neither does a hold whose time is over."""
    await watched.folded.fold(asked(PERSON), asked(PERSON, hold=2))
    assert [notice.kind for notice in await watched.due()] == ["hold_waits"]
    await watched.later(1_800_000)
    assert await watched.due() == []


async def test_the_id_of_a_notice_is_the_same_in_every_process_and_names_nothing(watched: Watched) -> None:
    """A second process with the same secret makes the same id, one with another secret another; it does not hold the id of the hold."""
    await watched.folded.fold(asked(PERSON))
    [notice] = await watched.due()
    country = await watched.mirror.follow()
    assert replace(watched.making, pseudonyms=Pseudonyms("key")).of(country)[0].id == notice.id
    assert replace(watched.making, pseudonyms=Pseudonyms("other")).of(country)[0].id != notice.id
    assert notice.id.startswith("msg_")
    assert uuid(1).replace("-", "") not in notice.id


async def test_a_shelter_is_silent_after_eight_hours_until_it_is_heard_of(watched: Watched) -> None:
    """One notice, with one id for as long as it is silent; after a word of it none, and after eight more hours one with another id."""
    await watched.later(8 * HOUR_MS - 1)
    assert await watched.due() == []
    await watched.later(1)
    first = await watched.due()
    assert sorted((notice.kind, notice.shelter, notice.at) for notice in first) == [
        ("silent", "berk", watched.folded.now),
        ("silent", "den", watched.folded.now),
    ]
    await watched.later(HOUR_MS)
    assert {notice.id for notice in await watched.due()} == {notice.id for notice in first}
    await watched.folded.fold(admitted())
    assert [notice.shelter for notice in await watched.due()] == ["den"]
    await watched.later(8 * HOUR_MS)
    [again] = [notice for notice in await watched.due() if notice.shelter == "berk"]
    assert again.id not in {notice.id for notice in first}


async def test_a_long_silence_is_due_for_a_day(watched: Watched) -> None:
    """A pager that is set up today is not called for every shelter that stopped long ago."""
    await watched.later(31 * HOUR_MS)
    assert len(await watched.due()) == 2
    await watched.later(HOUR_MS)
    assert await watched.due() == []


async def test_an_old_view_makes_no_shelter_silent(watched: Watched) -> None:
    """While nothing is folded the silence is of Plek itself: the shelters may have sent what is not seen yet."""
    watched.folded.now += 8 * HOUR_MS
    assert await watched.due() == []
    await watched.later(0)
    assert len(await watched.due()) == 2


async def test_a_shelter_without_units_is_never_silent(watched: Watched) -> None:
    """A shelter that offers nothing need not be asked whether it still does."""
    await watched.folded.fold(event("unit-withdrawn", "den", unit="u1"))
    await watched.later(9 * HOUR_MS)
    assert [notice.shelter for notice in await watched.due()] == ["berk"]
