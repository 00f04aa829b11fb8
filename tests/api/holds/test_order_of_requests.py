"""The order in which a hold is charged, requested and paid back: what a second line of defence would repair is seen here."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.kafka.ports import LogPosition, LogRecord, LogUnavailableError
from services.adapters.problem_details import ProblemError
from services.api.holds.hold_log import HoldLog
from services.api.holds.pending_requests import MemoryPendingHolds
from services.api.holds.shelter_response import ShelterResponses
from services.domain.beds.holds import HoldFacts
from services.domain.events.catalog import HoldAccepted, HoldDeclined, UnitClosed
from tests.api.conftest import kind
from tests.api.desks import TOPICS, Desks, desks

_HOLD = HoldFacts(
    hold="h1",
    offset=1,
    status="granted",
    unit="u1",
    reason=None,
    requested_at=0,
    until=100,
    adults=1,
    children=0,
    desk="d",
    asked_by="f" * 16,
)


class _Noted:
    """Passes every call on, and notes those of some methods in the order in which they end."""

    def __init__(self, real: Any, steps: list[str], *methods: str) -> None:
        self._real, self._steps, self._methods = real, steps, methods

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        return self._noting(name, method) if name in self._methods else method

    def _noting(self, name: str, method: Callable[..., Any]) -> Any:
        async def noted(*args: Any, **kwargs: Any) -> Any:
            result = await method(*args, **kwargs)
            self._steps.append(name)
            return result

        return noted


class _Log:
    """The log of a publisher, which notes what is appended to the events of beds; with `refuses` it takes nothing and seems ready."""

    def __init__(self, real: Any, steps: list[str]) -> None:
        self._real, self._steps, self.refuses = real, steps, False

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append records, or take none."""
        if self.refuses:
            self._steps.append("refused by the log")
            raise LogUnavailableError
        places: list[LogPosition] = await self._real.append(records)
        self._steps += ["logged" for record in records if record.topic == TOPICS.bed_events]
        return places


class _Noting:
    """An API of which the requests for holds note their steps."""

    def __init__(self, at: Desks) -> None:
        self.at, self.steps = at, list[str]()
        requests: Any = at.holds.requests
        self.log = _Log(at.log, self.steps)
        requests.quota = _Noted(requests.quota, self.steps, "take_hold", "give_back_hold")
        requests.pending = _Noted(requests.pending, self.steps, "begin", "withdraw", "mark_refunded", "remove")
        requests.sending = replace(requests.sending, log=self.log)

    async def offer(self) -> str:
        """Search, and return an offer."""
        await self.at.shelters("berk")
        offer: str = (await self.at.search())["offers"][0]["offer"]
        self.steps.clear()
        return offer


@pytest_asyncio.fixture
async def noting(tmp_path: Path) -> AsyncIterator[_Noting]:
    """Open an API."""
    async with desks(tmp_path, patience_s=0.05) as opened:
        yield _Noting(opened)


async def test_a_hold_is_charged_and_waits_before_it_is_in_the_log(noting: _Noting) -> None:
    """A request is paid for, then written as one that waits, and then logged: after a crash in between no hold is without its worker."""
    assert (await noting.at.hold(await noting.offer())).status_code == 201
    assert noting.steps == ["take_hold", "begin", "logged"]


async def test_while_the_log_is_away_nothing_is_begun(noting: _Noting) -> None:
    """While the log is away a request is refused before anything is charged or written: there is nothing to be taken back."""
    offer = await noting.offer()
    noting.at.log.away = True
    assert kind(await noting.at.hold(offer)) == (503, "kafka-away")
    assert noting.steps == []


async def test_what_the_log_did_not_take_is_paid_back(noting: _Noting) -> None:
    """A log that seems to be there and takes nothing: the request is withdrawn and its charge given back; sent again it is charged."""
    offer = await noting.offer()
    noting.log.refuses = True
    assert kind(await noting.at.hold(offer)) == (503, "kafka-away")
    assert noting.steps == ["take_hold", "begin", "refused by the log", "withdraw", "give_back_hold", "mark_refunded"]
    noting.log.refuses = False
    noting.steps.clear()
    assert (await noting.at.hold(offer)).status_code == 201
    assert noting.steps == ["take_hold", "begin", "logged"]


async def test_a_request_that_was_paid_is_neither_charged_again_nor_paid_back(noting: _Noting) -> None:
    """Sent again while it is undecided, a request that was charged costs nothing more, and gets nothing back when the log is away then."""
    offer = await noting.offer()
    noting.at.log.stalled = True
    assert (await noting.at.hold(offer)).status_code == 202
    noting.steps.clear()
    noting.log.refuses = True
    assert kind(await noting.at.hold(offer)) == (503, "kafka-away")
    assert noting.steps == ["begin", "refused by the log", "withdraw"]


class _Shelter:
    """What an answer of a shelter stands on: a log that decided on its hold, and a quota that notes what it gives back."""

    def __init__(self, decided: HoldFacts | None) -> None:
        self.decided, self.given_back = decided, list[tuple[str, str]]()
        self.responses = ShelterResponses(
            mirror=SimpleNamespace(),  # type: ignore[arg-type]  # not asked
            index=SimpleNamespace(),  # type: ignore[arg-type]  # not asked
            log=self,  # type: ignore[arg-type]
            pending=MemoryPendingHolds(),
            quota=self,  # type: ignore[arg-type]
            now=lambda: 50,
        )

    async def publish_response(self, _shelter: str, _hold: str, _events: Any) -> HoldFacts | None:
        """Return what the hold is after the answer."""
        return self.decided

    async def give_back_hold(self, person: str, hold: str) -> None:
        """Note who gets a charge back."""
        self.given_back.append((person, hold))

    async def respond(self, *events: Any) -> str:
        """Answer, and return the status, or the kind of the problem."""
        try:
            return (await self.responses._respond("berk", "h1", list(events))).status
        except ProblemError as problem:
            return problem.kind


_ACCEPT, _DECLINE = HoldAccepted(shelter="berk", hold="h1"), HoldDeclined(shelter="berk", hold="h1", reason="full")


async def test_a_charge_is_given_back_with_the_first_answer_alone() -> None:
    """A shelter that accepts twice, and declines after that, gives the charge back once."""
    shelter = _Shelter(replace(_HOLD, accepted=True))
    assert [await shelter.respond(_ACCEPT) for _ in range(2)] == ["granted", "granted"]
    shelter.decided = replace(_HOLD, status="declined")
    assert await shelter.respond(_DECLINE) == "declined"
    assert shelter.given_back == [("f" * 16, "h1")]


@pytest.mark.parametrize(
    ("decided", "answer"),
    [
        (None, "pending"),
        (replace(_HOLD, status="released"), "hold-over"),
        (replace(_HOLD, accepted=True, until=50), "hold-over"),
        (_HOLD, "hold-over"),
    ],
    ids=["not decided", "released before", "over at this instant", "the acceptance came too late"],
)
async def test_an_answer_that_does_not_stand_gives_nothing_back(decided: HoldFacts | None, answer: str) -> None:
    """Where the log has not decided, or the hold was over before the acceptance, the worker's charge stays."""
    shelter = _Shelter(decided)
    assert (await shelter.respond(_ACCEPT), shelter.given_back) == (answer, [])


@pytest.mark.parametrize("visible", [True, False])
async def test_what_became_of_a_hold_is_read_once_the_view_shows_the_answer(*, visible: bool) -> None:
    """The events of an answer are sent together, then waited for, and only then the hold is read: before that it is not known."""
    steps: list[Any] = []

    async def send(*events: Any) -> list[LogPosition]:
        steps.append([type(event).__name__ for event in events])
        return []

    async def shown(*_: Any) -> bool:
        steps.append("waited")
        return visible

    async def read(*_: Any) -> HoldFacts:
        steps.append("read")
        return _HOLD

    sending: Any = SimpleNamespace(event=lambda _attempt, _source, _subject, data: data, send=send, shown=shown)
    nothing: Any = None
    log = HoldLog(
        view=SimpleNamespace(hold=read),
        moves=nothing,
        partitions=12,
        mirror=nothing,
        index=nothing,
        sending=sending,
        pseudonyms=Pseudonyms("key"),
    )
    found = await log.publish_response("berk", "h1", [_DECLINE, UnitClosed(shelter="berk", unit="u1", reason="repairs")])
    assert (found, steps) == (_HOLD if visible else None, [["HoldDeclined", "UnitClosed"], "waited", *(["read"] if visible else [])])
