"""Shelters that log what happens in them: some through the outbox of their organisation's system, some in batches to a gateway.

A shelter lives for some thirty events, and then another one opens: so the history of each stays short enough to be folded at every prefix.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

import orjson

from services.adapters.clock import now_ms
from services.adapters.rfc3339 import show
from services.client import PlekOutbox, StoredEvent
from services.local.processes.free_ports import LOOPBACK
from tests.faults.checker.history import Acknowledged
from tests.faults.programme.recorder import Caller, Recorder

_BATCH: Final = "application/cloudevents-batch+json"
_REGIONS: Final = ("R01", "R07", "R13")
_ORGANISATIONS: Final = 6
_UNITS: Final = 4
_LIFE: Final = (14, 26)
# Contract, section 1, allows 400 days; two weeks are what a shelter without network for its holidays comes back with
_LATEST: Final = timedelta(days=14)
_COPIES: Final = 5
_CLOSING: Final = "cleaning"


@dataclass(slots=True)
class House:
    """A shelter as its own staff knows it, and the events that they log."""

    name: str
    organisation: int
    chance: Random
    free: list[str] = field(default_factory=lambda: [f"u{number}" for number in range(_UNITS)])
    stays: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def opening(self) -> list[dict[str, Any]]:
        """Return the events with which it opens."""
        registered = {
            "name": "Locatie",
            "organisation": f"org-{self.organisation}",
            "region": _REGIONS[self.organisation % len(_REGIONS)],
            "security": "open",
            "audience": ["women"],
            "max_son_age": None,
            "languages": ["nl"],
            "services": [],
            "intake_phone": "0800-000001",
        }
        units: list[dict[str, Any]]
        sizes = [(self.chance.randint(1, 2), self.chance.randint(0, 3)) for _ in range(_UNITS)]
        units = [
            {"unit": unit, "kind": "crisis", "overflow": index == _UNITS - 1, "max_adults": adults, "max_children": children}
            | {"beds": adults + children, "features": []}
            for index, (unit, (adults, children)) in enumerate(zip(self.free, sizes, strict=True))
        ]
        return [self.event("shelter-registered", registered), *(self.event("unit-declared", unit) for unit in units)]

    def event(self, kind: str, data: dict[str, Any], *, late: bool = False) -> dict[str, Any]:
        """Return an event of it, recorded now or, where it is late, some time in the last two weeks."""
        self.made += 1
        at = now_ms() - (self.chance.randrange(int(_LATEST.total_seconds() * 1_000)) if late else 0)
        return {
            "specversion": "1.0",
            "id": str(UUID(int=self.chance.getrandbits(128), version=4)),
            "source": f"urn:plek:shelter:{self.name}:desk-1",
            "type": f"nl.plek.{kind}.v1",
            "subject": self.name,
            "time": show(at * 1_000_000),
            "data": {"shelter": self.name} | data,
        }

    def happening(self, *, late: bool = False) -> dict[str, Any]:
        """Return the next event, by chance: whoever comes, goes, moves, and what else a day has."""
        options: list[Callable[[bool], dict[str, Any]]] = [self._admitted, self._admitted, self._discharged, self._moved, self._counted]
        return self.chance.choice([*options, self._closed, self._reopened, self._paused])(late)

    def _admitted(self, late: bool) -> dict[str, Any]:  # noqa: FBT001 - one of many of this form
        unit, stay = self._any_unit(), str(UUID(int=self.chance.getrandbits(128), version=4))
        self.stays[stay] = unit
        return self.event("admission", {"unit": unit, "stay": stay, "adults": 1, "children": self.chance.randint(0, 2)}, late=late)

    def _discharged(self, late: bool) -> dict[str, Any]:  # noqa: FBT001
        if not self.stays:
            return self._admitted(late)
        stay = self.chance.choice(list(self.stays))
        del self.stays[stay]
        return self.event("discharge", {"stay": stay, "destination": "home", "unit_ready": self.chance.random() < 0.8}, late=late)

    def _moved(self, late: bool) -> dict[str, Any]:  # noqa: FBT001
        if not self.stays:
            return self._admitted(late)
        stay = self.chance.choice(list(self.stays))
        self.stays[stay] = self._any_unit()
        return self.event("transfer", {"stay": stay, "to_unit": self.stays[stay]}, late=late)

    def _closed(self, late: bool) -> dict[str, Any]:  # noqa: FBT001
        return self.event("unit-closed", {"unit": self._any_unit(), "reason": _CLOSING}, late=late)

    def _reopened(self, late: bool) -> dict[str, Any]:  # noqa: FBT001
        return self.event("unit-reopened", {"unit": self._any_unit()}, late=late)

    def _paused(self, late: bool) -> dict[str, Any]:  # noqa: FBT001
        pause = self.chance.random() < 0.3
        return self.event("intake-paused", {"reason": "staffing"}, late=late) if pause else self.event("intake-resumed", {}, late=late)

    def _counted(self, _late: bool) -> dict[str, Any]:  # noqa: FBT001 - a count is of now
        return self.event("count-confirmed", {"free": self.chance.randint(0, _UNITS)})

    def _any_unit(self) -> str:
        return self.chance.choice(self.free)


@dataclass(slots=True)
class Post:
    """Sends events to a gateway until all of them are accepted, and notes each promise."""

    caller: Caller
    operator: Callable[[], str]
    recorder: Recorder

    async def send(self, events: list[dict[str, Any]]) -> bool:
        """Send a batch until it is answered; return whether it was before the run ended."""
        body = orjson.dumps(events)
        reply = await self.caller.until_taken("POST", "/v1/events", self.operator(), body, _BATCH)
        if reply is None:
            return False
        for event, became in zip(events, reply.body.get("events", []), strict=False):
            if became["status"] == "accepted":
                promise = Acknowledged(
                    event["subject"], event["source"], event["id"], became["partition"], became["offset"], reply.received
                )
                self.recorder.history.acknowledged.append(promise)
        return True


@dataclass(slots=True)
class Batches:
    """A sender without an outbox: batches of its own shelters, and whatever may go wrong with them."""

    name: str
    post: Post
    chance: Random
    shelters: list[str]
    rate: float

    async def run(self) -> None:
        """Send batches until the run ends."""
        modes, generation = self.post.recorder.modes, 0
        while not self.post.recorder.over:
            generation += 1
            houses = [
                House(f"{self.name}-{generation}-{number}", self.chance.randrange(_ORGANISATIONS), self.chance) for number in range(8)
            ]
            if not await self.post.send([event for house in houses for event in house.opening()]):
                return
            self.shelters += [house.name for house in houses]
            for _ in range(self.chance.randint(*_LIFE)):
                events = [house.happening(late=bool(modes["late"]) and self.chance.random() < 0.5) for house in houses]
                if modes["disorder"]:
                    self.chance.shuffle(events)
                if modes["duplicates"]:
                    events = events * _COPIES
                    self.chance.shuffle(events)
                if modes["poison"]:
                    events = [spoilt(event, self.chance) if index % 10 == 9 else event for index, event in enumerate(events * 2)]
                if not await self.post.send(events):
                    return
                await asyncio.sleep(len(houses) / self.rate)


def spoilt(event: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Return an event that a gateway must refuse: of an unknown type, without its data, or with a number out of range."""
    fault = chance.randrange(3)
    if fault == 0:
        return event | {"type": "nl.plek.never-heard-of.v1", "id": str(UUID(int=chance.getrandbits(128), version=4))}
    data = {} if fault == 1 else event["data"] | {"adults": 999}
    return event | {"data": data, "id": str(UUID(int=chance.getrandbits(128), version=4))}


@dataclass(slots=True)
class Organisation:
    """The system of an organisation, with an outbox: what it has stored is promised once it is delivered."""

    number: int
    post: Post
    folder: Path
    port: int
    token: Callable[[], str]
    chance: Random
    shelters: list[str]
    pause_s: float
    stored: list[StoredEvent] = field(default_factory=list)
    unanswered: int = 0

    async def run(self) -> None:
        """Log what happens in a shelter after the other until the run ends, and then wait until all is delivered."""
        outbox = PlekOutbox(self.folder / f"org-{self.number}.sqlite", f"http://{LOOPBACK}:{self.port}", self.token, notify=self._notice)
        outbox.start()
        try:
            await self._log(outbox)
            drained = await asyncio.to_thread(outbox.drain, 90.0)
            refused = {each.id for each in await asyncio.to_thread(outbox.refused)}
        finally:
            await asyncio.to_thread(outbox.stop)
        if not drained:
            raise TimeoutError(f"the outbox of organisation {self.number} did not deliver all in 90 s of calm")
        kept = [each for each in self.stored if each.id not in refused]
        self.post.recorder.history.acknowledged += [Acknowledged(each.shelter, each.source, each.id) for each in kept]

    async def _log(self, outbox: PlekOutbox) -> None:
        modes, generation = self.post.recorder.modes, 0
        while not self.post.recorder.over:
            generation += 1
            house = House(f"org{self.number}-{generation}", self.number, self.chance)
            if not await self.post.send(house.opening()):
                return
            self.shelters.append(house.name)
            for _ in range(self.chance.randint(*_LIFE)):
                if self.post.recorder.over:
                    return
                event = house.happening(late=bool(modes["late"]) and self.chance.random() < 0.5)
                self.stored.append(await asyncio.to_thread(outbox.send, event))
                if self.chance.random() < 0.05:
                    self.stored.append(await asyncio.to_thread(outbox.undo, self.stored[-1]))
                await asyncio.sleep(self.pause_s)

    def _notice(self, notice: Any) -> None:
        self.unanswered += notice.name == "unanswered"
