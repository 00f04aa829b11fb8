"""The view in memory: as new as the view itself at each question, and not read anew for it."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from services.adapters.clock import now_ms, seconds
from services.adapters.identity import Identity
from services.adapters.issuer import IssuerAwayError, IssuerKeys
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.problems import ProblemError
from services.adapters.rates import MemoryRates
from services.adapters.strict_json import read_json
from services.adapters.topics import partition_of
from services.adapters.view.memory_view import MemoryView
from services.adapters.view.port import Look, Position
from services.api.mirror import Mirror
from services.api.reading import Reading
from services.api.standing import Patience
from services.domain.events import Need
from services.domain.freshness import Limits
from services.domain.picture import UnitPicture
from services.domain.search import Ask
from tests import tapes
from tests.audited import Audited
from tests.callers import AUDIENCE, ISSUER
from tests.folded import Folded
from tests.sent import admitted, asked, declared, event, registered, uuid

PSEUDONYM = "3fa9c1d2e4b56078"
_NEED: dict[str, Any] = {"kinds": (), "features": (), "men": 0, "oldest_son_age": None, "security": "open", "services": (), "languages": ()}


class _Counting(MemoryView):
    """Counts how often it is read, and how."""

    def __init__(self) -> None:
        super().__init__()
        self.compared, self.whole, self.parts = 0, 0, 0

    async def positions(self) -> dict[int, Position]:
        """Tell where each partition stands."""
        self.compared += 1
        await asyncio.sleep(0)  # as a real one lets others go on meanwhile
        return await super().positions()

    async def look(self, partition: int) -> Look:
        """Read one partition at one instant."""
        self.whole += 1
        return await super().look(partition)

    async def since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> Look | None:
        """Read the shelters that changed."""
        self.parts += 1
        self.whole -= 1  # the twin makes it of a whole look
        return await super().since(partition, after, holds)


def _reading(folded: Folded) -> Reading:
    metrics = Metrics()
    return Reading(
        identity=Identity(IssuerKeys(ISSUER, nothing_there, seconds, metrics), ISSUER, AUDIENCE, metrics, MemoryRates(seconds), "role"),
        audit=Audited().audit,
        view=folded.view,
        moves=Moves(folded.view, seconds, metrics),
        partitions=12,
        limits=Limits(),
        patience=Patience(),
        now=lambda: folded.now,
        metrics=metrics,
    )


async def nothing_there(_: str) -> object:
    """Stand in for an issuer that nobody asks."""
    raise IssuerAwayError


async def _begun() -> tuple[Folded, _Counting, Mirror]:
    folded, view = Folded(now_ms()), _Counting()
    folded.view = view
    await folded.begin()
    for partition in range(12):
        await folded.stand(partition)
    return folded, view, Mirror(reading=_reading(folded))


def _could(unit: UnitPicture) -> bool:
    return unit.could_be_free and not unit.overflow


async def _same(mirror: Mirror, view: MemoryView) -> bool:
    country = await mirror.country()
    looks = [await MemoryView.look(view, partition) for partition in range(12)]
    room = {shelter.shelter: set(shelter.units) for shelter, _ in country.room()}
    could = {
        shelter.shelter: {unit.unit for unit in shelter.units.values() if _could(unit)}
        for look in looks
        for shelter in look.shelters.values()
    }
    assert room == {shelter: units for shelter, units in could.items() if units}
    return [(look.position, look.shelters) for look in sorted(country.looks, key=lambda look: look.partition)] == [
        (look.position, look.shelters) for look in looks
    ]


async def test_it_shows_what_the_view_shows_after_every_event() -> None:
    """Of a recorded week, whose events change anything there is to change; and it reads no partition twice."""
    folded, view, mirror = await _begun()
    assert await _same(mirror, view)
    whole = view.whole
    for line in tapes.load("week")[:400]:
        await folded.fold(read_json(line.value or b""))
        assert await _same(mirror, view)
    assert (whole, view.whole) == (12, 12)
    assert 0 < view.parts <= 400


async def test_all_who_ask_at_once_share_one_comparison() -> None:
    """But nobody is answered from one that began before she asked."""
    _, view, mirror = await _begun()
    await asyncio.gather(*(mirror.country() for _ in range(50)))
    assert view.compared == 1
    first = asyncio.create_task(mirror.country())
    while view.compared < 2:  # noqa: ASYNC110 - the next turn of the loop is what is waited for
        await asyncio.sleep(0)
    await asyncio.gather(first, *(mirror.country() for _ in range(50)))
    assert view.compared == 3


async def test_what_many_ask_alike_is_looked_up_once() -> None:
    """Who shares a comparison shares what was found; the next one finds anew, and nobody is told what was so before she asked."""
    folded, _, mirror = await _begun()
    await folded.fold(registered(), declared())
    ask = Ask(adults=1, children=2, need=Need(**_NEED))
    one, other = await asyncio.gather(mirror.country(), mirror.country())
    assert one.found(ask) is other.found(ask)
    assert one.nearly(ask) is other.nearly(ask)
    assert [fit.shelter.shelter for fit in one.found(ask).fits] == ["berk"]
    await folded.fold(admitted())
    assert (await mirror.country()).found(ask).fits == []
    assert [fit.shelter.shelter for fit in one.found(ask).fits] == ["berk"]  # a country stays as it was seen


async def test_a_view_that_was_emptied_and_rebuilt_is_read_anew() -> None:
    """Also when it stands where it stood before: what was rebuilt is in no feed."""
    folded, view, mirror = await _begun()
    await folded.fold(registered(), declared())
    assert await _same(mirror, view)
    view.wipe()
    with pytest.raises(ProblemError) as told:
        await mirror.country()
    assert told.value.kind == "rebuilding"
    other = Folded(folded.now)
    other.view = view
    await other.begin()
    for partition in range(12):
        await other.stand(partition)
    await other.fold(registered(), declared(), admitted())
    assert await _same(mirror, view)


async def test_a_partition_that_changed_hands_is_read_anew() -> None:
    """What the new owner did before it was at the end stands in no feed."""
    folded, view, mirror = await _begun()
    await folded.fold(registered())
    partition = partition_of(b"berk", 12)
    assert await _same(mirror, view)
    whole = view.whole
    await folded.stand(partition, rebuild_until=1)
    assert await _same(mirror, view)
    assert view.whole == whole + 1


@pytest.mark.parametrize(("changes", "kind"), [({"rebuild_until": 9}, "rebuilding"), ({"alive_at": 1}, "phone")])
async def test_half_or_old_is_no_answer(changes: dict[str, int], kind: str) -> None:
    """Whoever asks is told to phone; as soon as it is whole again she is answered."""
    folded, view, mirror = await _begun()
    before = folded.positions[3]
    await folded.stand(3, **changes)
    with pytest.raises(ProblemError) as told:
        await mirror.country()
    assert told.value.kind == kind
    await folded.stand(3, rebuild_until=before.rebuild_until)
    assert await _same(mirror, view)


async def test_a_view_that_is_away_is_no_answer() -> None:
    """Not even what was known a moment ago."""
    _, view, mirror = await _begun()
    await mirror.country()
    view.away = True
    with pytest.raises(ProblemError) as told:
        await mirror.country()
    assert told.value.kind == "phone"
    view.away = False
    await mirror.country()


async def test_holds_are_found_by_who_asked_and_by_their_id() -> None:
    """Also those that are over by now, if they were live when it looked last."""
    folded, _, mirror = await _begun()
    await folded.fold(registered(), declared(), asked(PSEUDONYM))
    await mirror.country()
    [(shelter, hold)] = mirror.asked_by(PSEUDONYM)
    assert (shelter, hold.status, mirror.holds(uuid(1))) == ("berk", "granted", [("berk", hold)])
    await folded.fold(event("hold-declined", hold=uuid(1), reason="full"))
    await mirror.country()
    over = replace(hold, status="declined", declined_because="full")
    assert mirror.asked_by(PSEUDONYM) == mirror.holds(uuid(1)) == [("berk", over)]
    assert (mirror.asked_by("nobody"), mirror.holds(uuid(2))) == ([], [])


async def test_a_hold_that_came_and_went_between_two_comparisons_is_known() -> None:
    """By its unit nobody could tell any more: the feed names it."""
    folded, view, mirror = await _begun()
    await folded.fold(registered(), declared())
    await mirror.country()
    whole = view.whole
    await folded.fold(asked(PSEUDONYM), event("hold-declined", hold=uuid(1), reason="full"), event("count-confirmed"))
    await mirror.country()
    assert ([hold.status for _, hold in mirror.asked_by(PSEUDONYM)], view.whole) == (["declined"], whole)
