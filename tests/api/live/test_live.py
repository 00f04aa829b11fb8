"""/v1/live: what has changed for a viewer, soon, once a read shows it, and nothing that is not hers."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.adapters.kafka.topics import partition_of
from services.api.live.notifications import Notification
from services.api.live.subscribers import BEHIND, MOST_EACH
from tests.api.demand.test_fallbacks import HOTEL
from tests.api.desks import Desks, desks
from tests.sent import admitted, asked, event, uuid
from tests.waiting import until


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


class Ear:
    """One open stream; `deaf` takes nothing any more, as a client whose window is full."""

    def __init__(self, app: FastAPI, headers: dict[str, str]) -> None:
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET"}
        self._scope |= {"scheme": "http", "path": "/v1/live", "raw_path": b"/v1/live", "query_string": b"", "root_path": ""}
        self._scope |= {"headers": raw, "client": None, "server": ("plek", 80)}
        self._app, self.status, self.heard, self.deaf, self._gone = app, 0, b"", asyncio.Event(), asyncio.Event()
        self.deaf.set()

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self._app(self._scope, self._receive, self._send))
        await until(lambda: self.status != 0 and (self.status != 200 or bool(self.events)))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        self.deaf.set()
        await asyncio.wait_for(self.task, 5)

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.deaf.wait()
        self.status = message.get("status", self.status)
        self.heard += message.get("body", b"")

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was heard."""
        found = re.findall(r"event: (.*)\ndata: (.*)\n\n", self.heard.decode())
        return [(name, json.loads(data)) for name, data in found]

    @property
    def last(self) -> str:
        """The id a client comes back with."""
        return str(re.findall(r"id: (.*)\n", self.heard.decode())[-1])

    def of(self, name: str) -> list[dict[str, Any]]:
        """List what was heard of one kind."""
        return [data for kind, data in self.events if kind == name]


async def test_a_shelter_hears_of_itself_once_a_read_shows_it(at: Desks) -> None:
    """With where to read at least, and the holds that wait for its answer; never of another shelter."""
    await at.shelters("berk", "els")
    async with Ear(at.app, at.callers.shelter("berk")) as berk, Ear(at.app, at.callers.shelter("els")) as els:
        offer = (await at.search())["offers"][0]["offer"]
        hold = (await at.hold(offer)).json()["hold"]
        await until(lambda: any(hold in told["holds_waiting"] for told in (*berk.of("shelter"), *els.of("shelter"))))
        assert {told["shelter"] for told in berk.of("shelter")} <= {"berk"}
        assert {told["shelter"] for told in els.of("shelter")} <= {"els"}
        told = (*berk.of("shelter"), *els.of("shelter"))[-1]
        place = at.hub.reading.positions.read(told["at_least"], numbers=False)
        assert place
        partition, offset = place
        position = await at.folded.view.position(partition)
        assert position
        assert position.offset >= offset


async def test_a_worker_hears_what_became_of_her_hold_and_never_of_a_shelter(at: Desks) -> None:
    """Granted, declined, overtaken, expired: hers and nobody else's; no notice names where it is."""
    await at.shelters("berkenhof")
    async with Ear(at.app, at.callers.worker()) as hers, Ear(at.app, at.callers.worker("w2")) as other:
        held = (await at.hold((await at.search())["offers"][0]["offer"])).json()["hold"]
        await until(lambda: {"hold": held, "status": "granted", "accepted": False} in hers.of("hold"))
        await at.say(admitted("u1", "berkenhof"))
        await until(lambda: hers.of("hold")[-1]["status"] == "overtaken")
        assert other.of("hold") == []
        assert b"berkenhof" not in hers.heard + other.heard
        assert hers.of("shelter") == []


async def test_an_expired_hold_is_told_once(at: Desks) -> None:
    """When the view says so, without any event."""
    await at.shelters("berk")
    async with Ear(at.app, at.callers.worker()) as hers:
        await at.hold((await at.search())["offers"][0]["offer"])
        await until(lambda: bool(hers.of("hold")))
        await at.later(31 * 60_000)
        for number in range(2):
            await at.say(event("count-confirmed", number=number))
            await until(lambda: any(told["status"] == "expired" for told in hers.of("hold")))
        await at.say(event("intake-paused", reason="staffing"))
        await asyncio.sleep(0.2)
        assert [told["status"] for told in hers.of("hold")] == ["granted", "expired"]


async def test_a_hold_that_came_and_went_at_once_is_told(at: Desks) -> None:
    """Refused, or granted and declined before anybody looked: she hears the last of it."""
    await at.shelters("berk")
    person = at.sending.pseudonyms.asked_by("w1")
    async with Ear(at.app, at.callers.worker()) as hers:
        await at.say(asked(person), event("hold-declined", hold=uuid(1), reason="full"))
        await until(lambda: {"hold": uuid(1), "status": "declined", "accepted": False} in hers.of("hold"))
        await at.say(admitted(), asked(person, hold=2))
        await until(lambda: {"hold": uuid(2), "status": "refused", "accepted": False} in hers.of("hold"))


async def test_fallbacks_of_her_regions(at: Desks) -> None:
    """Open, and closed again; not those of another region."""
    async with Ear(at.app, at.callers.worker()) as hers, Ear(at.app, at.callers.worker("w2", regions=("R01",))) as other:
        fallback = (await at.call("post", "/v1/fallbacks", at.callers.worker(), HOTEL)).json()["fallback"]
        await until(lambda: {"fallback": fallback, "open": True} in hers.of("case"))
        await at.call("post", f"/v1/fallbacks/{fallback}/end", at.callers.worker(), {"outcome": "home"})
        await until(lambda: {"fallback": fallback, "open": False} in hers.of("case"))
        assert other.of("case") == []


async def test_a_coordinator_hears_of_her_regions_and_an_operator_of_all(at: Desks) -> None:
    """Shelters that are registered there."""
    async with Ear(at.app, at.callers.coordinator("R01")) as coordinator, Ear(at.app, at.callers.operator) as operator:
        await at.shelters("berk")
        await at.shelters("den", region="R01")
        await until(lambda: {"berk", "den"} == {told["shelter"] for told in operator.of("shelter")})
        await until(lambda: {"den"} == {told["shelter"] for told in coordinator.of("shelter")})


async def test_a_coordinator_hears_of_the_cases_and_waiting_holds_of_own_regions(at: Desks) -> None:
    """A hotel that is opened, and a hold that begins and ends to wait, reach the coordinator of that region and no other (D11)."""
    await at.shelters("berk")
    async with Ear(at.app, at.callers.coordinator("R07")) as own, Ear(at.app, at.callers.coordinator("R01")) as other:
        fallback = (await at.call("post", "/v1/fallbacks", at.callers.worker(), HOTEL)).json()["fallback"]
        hold = (await at.hold((await at.search())["offers"][0]["offer"])).json()["hold"]
        await until(lambda: {"fallback": fallback, "open": True} in own.of("case"))
        await until(lambda: any(hold in told["holds_waiting"] for told in own.of("shelter")))
        await at.say(event("hold-accepted", hold=hold))
        await until(lambda: own.of("shelter")[-1]["holds_waiting"] == [])
        assert (other.of("case"), other.of("shelter")) == ([], [])


async def test_the_areas_turn_is_told(at: Desks) -> None:
    """To workers, when the new picture hangs out."""
    await at.board.refresh()
    async with Ear(at.app, at.callers.worker()) as hers:
        await asyncio.sleep(0.3)
        assert hers.of("areas") == []
        await at.later(900_000)
        await at.board.refresh()
        await until(lambda: len(hers.of("areas")) == 1)


async def test_who_comes_back_hears_what_she_missed(at: Desks) -> None:
    """By the id of the last thing she heard; by one that is too old or made up, that she must reload."""
    async with Ear(at.app, at.callers.operator) as before:
        await at.shelters("berk", "els")
        await until(lambda: {told["shelter"] for told in before.of("shelter")} == {"berk", "els"})
        positions = at.hub.reading.positions
        await until(
            lambda: (
                at.hub.seals.open("live", before.last) == at.hub.vector()
                and positions.read(before.of("shelter")[-1]["at_least"], numbers=False) == (8, 3)
            )
        )
        last = before.last
    await at.say(admitted())
    await at.call("post", "/v1/fallbacks", at.callers.worker(), HOTEL)
    async with Ear(at.app, at.callers.operator | {"Last-Event-ID": last}) as after:
        await until(lambda: bool(after.of("case")))
        assert [told["shelter"] for told in after.of("shelter")] == ["berk"]
        assert after.of("reload") == []
    stood = at.hub.vector()
    made_up = ("1;2", ",".join(["9-9"] * 12) + ";" + ",".join(["0"] * 12), stood.replace("-1", "-77"))
    for wrong in ("x", stood, *(at.hub.seals.seal("live", vector) for vector in made_up)):
        async with Ear(at.app, at.callers.operator | {"Last-Event-ID": wrong}) as lost:
            assert lost.of("reload") == [{"why": "too old"}]


async def test_while_nobody_listens_nothing_is_read(at: Desks) -> None:
    """What happened before the first one came is no news to her; what happens from then on is."""
    stood = at.hub.vector()
    await at.shelters("berk")
    await asyncio.sleep(0.2)
    assert at.hub.vector() == stood
    async with Ear(at.app, at.callers.operator) as ear:
        assert at.hub.vector() != stood
        assert ear.of("shelter") == []
        await at.say(admitted())
        await until(lambda: [told["shelter"] for told in ear.of("shelter")] == ["berk"])


async def test_where_the_log_stands_is_told_to_nobody(at: Desks) -> None:
    """Which of the twelve partitions moved, and when, would tell a worker that something happened in one of nine shelters."""
    await at.shelters("berk")
    async with Ear(at.app, at.callers.worker()) as first:
        pass
    await at.say(admitted())
    async with Ear(at.app, at.callers.worker()) as second:
        pass
    for ear in (first, second):
        assert re.fullmatch("[A-Za-z0-9_-]+", ear.last)
    assert len(first.last) == len(second.last)


async def test_a_slow_reader_slows_nobody(at: Desks) -> None:
    """She is told to reload and let go; the others hear everything meanwhile."""
    await at.shelters("berk")
    async with Ear(at.app, at.callers.operator) as quick, Ear(at.app, at.callers.operator) as slow:
        slow.deaf.clear()
        for number in range(1, BEHIND + 40):
            at.hub.publish([Notification("shelter", {"shelter": "berk", "number": number}, shelter="berk")])
            async with asyncio.timeout(1):
                while {"shelter": "berk", "number": number} not in quick.of("shelter")[-1:]:  # noqa: ASYNC110 - another task hears it
                    await asyncio.sleep(0)
        assert len(at.hub.listeners) == 1
        slow.deaf.set()
        await until(slow.task.done)
        assert slow.of("reload") == [{"why": "behind"}]


async def test_a_token_that_is_over_ends_the_stream(at: Desks) -> None:
    """The last thing it says is why."""
    soon = int(at.folded.now / 1_000) + 1
    async with Ear(at.app, at.callers.signed(exp=soon)) as ear:
        await until(ear.task.done)
        assert ear.events[-1] == ("over", {"why": "token"})
    assert at.hub.listeners == set()


async def test_one_person_has_several_but_not_any_number(at: Desks) -> None:
    """A screen at home and one at the desk; more than twenty is a program that has lost count."""
    ears = [Ear(at.app, at.callers.worker()) for _ in range(MOST_EACH + 1)]
    for ear in ears:
        await ear.__aenter__()
    assert [ear.status for ear in ears] == [200] * MOST_EACH + [429]
    for ear in ears:
        with suppress(Exception):
            await ear.__aexit__()
    await until(lambda: not at.hub.listeners)


async def test_200_streams_opened_at_once_are_20(at: Desks) -> None:
    """The place of a stream is taken before anything is awaited; when they have ended, as many can be opened again."""
    for _ in range(2):
        ears = [Ear(at.app, at.callers.worker()) for _ in range(200)]
        await asyncio.gather(*(ear.__aenter__() for ear in ears))
        assert sorted(ear.status for ear in ears) == [200] * MOST_EACH + [429] * (200 - MOST_EACH)
        async with Ear(at.app, at.callers.worker("w2")) as other:
            assert other.status == 200
        await asyncio.gather(*(ear.__aexit__() for ear in ears))
        await until(lambda: not at.hub.listeners)


async def test_a_stream_that_is_not_opened_takes_no_place(at: Desks) -> None:
    """While nothing can be noted any number of streams is refused, and afterwards there is room for one."""
    at.audited.log.away = True
    for _ in range(MOST_EACH + 5):
        async with Ear(at.app, at.callers.worker()) as ear:
            assert ear.status == 503
    at.audited.log.away = False
    await until(lambda: at.audited.writer.ready)
    async with Ear(at.app, at.callers.worker()) as ear:
        assert ear.status == 200


async def test_an_alarm_is_told_to_the_coordinators_of_its_region(at: Desks) -> None:
    """At the fourth search without a hold here: the coordinator of the desk's region hears it, another one and a worker don't."""
    own, other = at.callers.coordinator("R07", "R01"), at.callers.coordinator("R02")
    async with Ear(at.app, own) as hers, Ear(at.app, other) as others, Ear(at.app, at.callers.worker("w9")) as worker:
        for _ in range(4):
            await at.search()
        await until(lambda: bool(hers.of("alarm")))
        [alarm] = hers.of("alarm")
        assert (alarm["what"], alarm["desk"], alarm["region"], alarm["count"]) == ("searches", "crisis-oost", "R07", 4)
        assert (others.of("alarm"), worker.of("alarm")) == ([], [])


@pytest.mark.parametrize("role", ["analyst", "auditor"])
async def test_nobody_else_listens(at: Desks, role: str) -> None:
    """Whoever sees nothing live hears nothing live."""
    async with Ear(at.app, at.callers.of(role)) as ear:
        assert ear.status == 403


async def test_who_begins_to_listen_is_noted(at: Desks) -> None:
    """By name of the shelters that are hers, and also who was refused; while that can't be written nobody listens."""
    for who in (at.callers.shelter("berk"), at.callers.worker(), at.callers.of("analyst")):
        async with Ear(at.app, who):
            pass
    assert at.audited.told == [("live-opened", "success", ["berk"]), ("live-opened", "success", []), ("live-opened", "refused", [])]
    at.audited.log.away = True
    async with Ear(at.app, at.callers.operator) as ear:
        assert ear.status == 503
    assert at.hub.listeners == set()


async def test_a_gap_is_told_as_a_reload(at: Desks) -> None:
    """The view was emptied: nobody is left to believe an old screen."""
    await at.shelters("berk")
    async with Ear(at.app, at.callers.operator) as ear:
        await until(lambda: "-" in at.hub.vector())
        at.folded.view._kept[partition_of(b"berk", 12)].feed.clear()
        await at.later(1)
        await until(lambda: {"why": "gap"} in ear.of("reload"))


async def test_a_head_of_the_stream_opens_none(at: Desks) -> None:
    """A load balancer or a link checker gets the header fields, and leaves no stream open behind it."""
    await at.shelters("berk")
    answer = await asyncio.wait_for(at.client.head("/v1/live", headers=at.callers.shelter("berk")), 5)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "text/event-stream; charset=utf-8", b"")
    for _ in range(MOST_EACH + 1):
        assert (await at.client.head("/v1/live", headers=at.callers.shelter("berk"))).status_code == 200
