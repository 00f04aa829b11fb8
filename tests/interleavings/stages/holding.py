"""Holding: workers of a desk search, request holds and log waiting lists at two APIs that are killed; a worker of the processor decides.

What each was answered is noted, and compared with what the log says at the end.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from services.adapters.auth.authentication import Caller
from services.adapters.codec.event_codec import encode
from services.adapters.kafka.ports import LogRecord
from services.adapters.problem_details import ProblemError
from services.adapters.rfc3339 import show_ms
from services.api.holds.models import DeclineForm, HoldForm
from services.api.publishing.event_publisher import WORKER
from services.api.searches.models import SearchForm
from services.domain.events.catalog import Event, HoldRequested, WaitingListJoined, WaitingListLeft
from tests.interleavings.stages import hold_checks
from tests.interleavings.stages.desk_api import DeskApi
from tests.interleavings.stages.wired_redis import empty_redis, was_asked
from tests.interleavings.world import BEGUN_MS, World
from tests.processor.logs import WIRE
from tests.sent import declared, registered

_SHELTERS: Final = 6
_DESK_WORKERS: Final = 3
_PATIENCE_S: Final = 5.0
_TRIES: Final = 6
# Problems after which the same is asked again
_AGAIN: Final = frozenset({"kafka-away", "data-unavailable", "rebuilding", "not-accepted"})
# About as long as a request that is not asked after waits
_FORGETS_S: Final = (56.0, 62.0)


@dataclass(slots=True)
class Noted:
    """What the workers of a run were answered."""

    granted: dict[str, float] = field(default_factory=dict)
    """The holds whose worker was told that they are granted, and when (s)."""
    taken: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    """The holds that their worker asked to give back."""
    accepted: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    """The holds of which the shelter was told that its answer stands."""
    in_order: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Values of two records that one process took one after the other."""


class Holding:
    """The desks of a run."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.noted = world, Noted()
        empty_redis()
        self._append_country()
        if not world.trouble.faults and not world.trouble.outages:  # else what waits may be in a process
            world.broker.on_append = self._look
        self.apis = [DeskApi(world, name, folder) for name in ("api-1", "api-2")]
        world.services += self.apis

    def _append_country(self) -> None:
        """Append shelters of two organisations, enough for an area, with a unit each."""
        sent = []
        for number in range(_SHELTERS):
            name = f"berk-{number}"
            sent += [
                registered(name, organisation=f"org-{number % 2 + 1}"),
                declared("u1", name),
            ]
        at = {"time": show_ms(BEGUN_MS - 1_000)}
        self.world.broker.append(
            [LogRecord(self.world.topics.bed_events, each["subject"].encode(), orjson.dumps(each | at)) for each in sent]
        )

    def _look(self, record: LogRecord) -> None:
        """Check that a request for a hold waits where every process sees it before the log has it."""
        event = WIRE.decode("beds", record.key, record.value)
        if isinstance(event, Event) and isinstance(event.data, HoldRequested) and not was_asked(event.data.hold):
            self.world.broken.append(f"the log has a request for {event.data.hold}, and no process knows that it waits")

    def senders(self) -> list[Any]:
        """Return what the workers do, each for itself."""
        return [self._work(f"w{number}") for number in range(_DESK_WORKERS)]

    def behind(self) -> list[str]:
        """Return what still waits in an outbox."""
        return [f"{len(api.outbox.waiting)} records wait in the outbox of {api.name}" for api in self.apis if api.outbox.waiting]

    async def settle(self) -> None:
        """Have each API look at the view once more."""
        for api in self.apis:
            await api.run(api.mirror.follow())

    def wrong(self) -> list[str]:
        """Return what is wrong with the holds."""
        return list(hold_checks.wrong(self))

    def close(self) -> None:
        """Close the files."""
        for api in self.apis:
            api.close()

    async def _work(self, sub: str) -> None:
        dice = self.world.dice
        caller = Caller(sub, "worker", regions=frozenset({"R07"}), desk="crisis-oost")
        for turn in range(dice.randint(1, 2)):
            await asyncio.sleep(dice.random())
            if dice.random() < 0.5:
                await self._join_and_leave(f"{sub}-{turn}")
            await self._hold(caller, f"{sub}-{turn}")

    async def _hold(self, caller: Caller, key: str) -> None:
        """Search, and request the hold of an offer until it is decided."""
        form = SearchForm(adults=1, children=1)
        found = await self._asked(lambda api: api.searches.search(api.call(caller, "/v1/searches", form, f"s-{key}", {"adults": 1})))
        offers = getattr(found, "offers", None)
        if not offers:
            return
        sealed = self.world.dice.choice(offers if self.world.dice.random() < 0.3 else offers[:1])["offer"]
        answer = await self._asked(
            lambda api: api.holds.requests.request(api.call(caller, "/v1/holds", HoldForm(offer=sealed), f"h-{key}"))
        )
        if isinstance(answer, ProblemError) and answer.kind == "taken":
            self.noted.taken.add(answer.members["hold"])
        if isinstance(answer, ProblemError) or answer is None:
            return
        await self._follow(caller, answer)

    async def _follow(self, caller: Caller, answer: Any) -> None:
        """Read a hold until it is decided, some of them late; give some of them back."""
        dice, hold = self.world.dice, answer.hold
        for _ in range(_TRIES):
            if answer.status != "pending":
                break
            await asyncio.sleep(dice.uniform(*_FORGETS_S) if dice.random() < 0.4 else dice.random() * 2)
            read = await self._asked(lambda api: api.holds.holds.get(api.call(caller, f"/v1/holds/{hold}"), hold))
            if isinstance(read, ProblemError) or read is None:
                return
            answer = read
        if answer.status == "granted":
            self.noted.granted.setdefault(hold, self.world.loop.time())
            self.world.wire.note("GRANTED", hold)
            await self._end(caller, hold)

    async def _end(self, caller: Caller, hold: str) -> None:
        """Have some holds given back, and others accepted or declined by their shelter."""
        chance = self.world.dice.random()
        if chance < 0.35:
            self.noted.released.add(hold)
            await self._asked(lambda api: api.holds.holds.release(api.call(caller, f"/v1/holds/{hold}"), hold))
        elif chance < 0.6:
            answer = await self._asked(lambda api: _at_the_shelter(api, hold).accept(hold))
            if getattr(answer, "accepted", False):
                self.noted.accepted.add(hold)
        elif chance < 0.85:
            answer = await self._asked(lambda api: _at_the_shelter(api, hold).decline(hold))
            if getattr(answer, "status", "") == "declined":
                self.noted.declined.add(hold)

    async def _asked(self, request: Any) -> Any:
        """Return the answer to a request, or its problem; ask again, at any API, while there is none. None after many attempts."""
        dice = self.world.dice
        for _ in range(_TRIES):
            api = dice.choice(self.apis)
            if api.process.alive:
                asking = api.run(request(api))
                await asyncio.wait([asking], timeout=_PATIENCE_S)
                answer = _result(asking)
                if answer is not None and not (isinstance(answer, ProblemError) and answer.kind in _AGAIN):
                    return answer
            await asyncio.sleep(dice.random() * 2)
        return None

    async def _join_and_leave(self, key: str) -> None:
        """Have an entry of a waiting list taken, and then its end, at one API: each is promised once it is answered."""
        api, dice = self.world.dice.choice(self.apis), self.world.dice
        process, sending = api.process, api.durable.sending
        attempt = sending.pseudonyms.attempt(key, "waiting-list", key)
        entry, region = attempt.id("entry"), "R07"
        joined = sending.event(attempt, WORKER, region, WaitingListJoined(entry=entry, region=region, kind="crisis", adults=1, children=1))
        left = sending.event(attempt, WORKER, region, WaitingListLeft(entry=entry, outcome="placed"))
        for event in (joined, left):
            if not process.alive:
                return
            taking = api.run(api.durable.append_or_queue(event))
            await asyncio.wait([taking], timeout=_PATIENCE_S)
            if not taking.done() or taking.exception():
                return
            self.world.promise([sending.record(event)], "taken by an API")
            self.world.wire.note("TAKEN", "queued" if taking.result() is None else "logged", process.name)
            await asyncio.sleep(dice.random() * 0.5)
        self.noted.in_order.append((encode(joined), encode(left)))


@dataclass(frozen=True, slots=True)
class _Desk:
    """The desk of a shelter at an API, which answers for one hold."""

    api: DeskApi
    caller: Caller

    def accept(self, hold: str) -> Any:
        """Accept a household."""
        return self.api.holds.responses.accept(self.api.call(self.caller, f"/v1/holds/{hold}/accept"), hold)

    def decline(self, hold: str) -> Any:
        """Decline a household."""
        form = DeclineForm(reason="no_staff")
        return self.api.holds.responses.decline(self.api.call(self.caller, f"/v1/holds/{hold}/decline", form), hold)


def _at_the_shelter(api: DeskApi, hold: str) -> _Desk:
    """Return the desk of the shelter of a hold, as far as an API knows which that is."""
    shelters = frozenset(shelter for shelter, _ in api.mirror.holds.of(hold))
    return _Desk(api, Caller("s1", "shelter", shelters=shelters))


def _result(asking: Any) -> Any:
    """Return what a request came to: its answer or its problem, None where there is none; a fault of the code is raised."""
    if not asking.done() or asking.cancelled():
        return None
    wrong = asking.exception()
    if wrong is None:
        return asking.result()
    if isinstance(wrong, ProblemError):
        return wrong
    raise wrong
