"""Workers who search, hold and log hotels, shelters that answer a hold, and onlookers who read shelters and areas."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import orjson

from services.adapters.clock import now_ms
from tests.faults.checker.history import AreaSeen, CaseSeen, HoldSeen, SearchSeen, ShelterSeen
from tests.faults.programme.recorder import Caller, Recorder, Reply
from tests.reference.parse import instant

Token = Callable[[], str]
_OK: Final = frozenset({200, 201, 202})
# How often a worker looks again at a hold that is not decided yet
_LOOKS: Final = 40
_AGAIN_S: Final = 0.25
# How often a shelter answers a hold that an onlooker has seen there
_ANSWERED: Final = 0.4


@dataclass(slots=True)
class Worker:
    """One worker: searches, asks for what is offered, looks what became of it, gives it back, or logs a hotel."""

    name: str
    caller: Caller
    token: Token
    recorder: Recorder
    chance: Random
    pause_s: float
    asked: int = 0

    async def run(self) -> None:
        """Work until the run ends."""
        while not self.recorder.over:
            await self._household()
            await asyncio.sleep(self.pause_s * self.chance.uniform(0.5, 1.5))

    async def _household(self) -> None:
        adults, children = self.chance.randint(1, 2), self.chance.randint(0, 2)
        reply = await self.caller.ask("POST", "/v1/searches", self.token(), orjson.dumps({"adults": adults, "children": children}))
        found = reply.body if reply.status == 200 else None
        if found is not None:
            offers = sum(offer["same"] for offer in found["offers"])
            seen = SearchSeen(reply.sent, reply.received, adults, children, offers, ms(found["as_of"]), bool(found["degraded"]))
            self.recorder.history.searches.append(seen)
        if found and found["offers"] and self.chance.random() < 0.7:
            await self._hold(self.chance.choice(found["offers"])["offer"])
        else:
            await self._hotel(adults, children)

    async def _hold(self, offer: str) -> None:
        self.asked += 1
        question = ("POST", "/v1/holds", self.token(), orjson.dumps({"offer": offer}))
        key = f"{self.name}-{self.asked}"
        reply = await self.caller.ask(*question, key=key)
        if not _answered(reply):
            reply = await self.caller.ask(*question, key=key)
        hold = self._hear(reply, "hold-asked")
        for _ in range(_LOOKS):
            if hold is None or self.recorder.over:
                return
            await asyncio.sleep(_AGAIN_S)
            reply = await self.caller.ask("GET", f"/v1/holds/{hold}", self.token())
            self._hear(reply, "holds-shown")
            if reply.status == 200 and reply.body["status"] != "pending":
                break
        if hold is not None and self.chance.random() < 0.6:
            self._hear(await self.caller.ask("DELETE", f"/v1/holds/{hold}", self.token()), "hold-changed")

    def _hear(self, reply: Reply, noted_as: str) -> str | None:
        """Note what was answered about a hold, and return its id."""
        if reply.status not in _OK:
            return None
        hold = str(reply.body["hold"])
        self.recorder.history.holds.append(HoldSeen(reply.sent, reply.received, hold, reply.body["status"], noted_as))
        return hold

    async def _hotel(self, adults: int, children: int) -> None:
        self.asked += 1
        key = f"{self.name}-{self.asked}"
        self.recorder.history.requested.add(key)
        body = orjson.dumps({"adults": adults, "children": children, "accommodation": "hotel", "reason": "nothing_free"})
        for _ in range(3):
            reply = await self.caller.ask("POST", "/v1/fallbacks", self.token(), body, key=key)
            if reply.status in _OK:
                self.recorder.history.cases.append(CaseSeen(key, reply.body["fallback"]))
                # Sent again, as after an answer that was lost: it must be the same
                if self.chance.random() < 0.3:
                    continue
                break
        else:
            return
        if self.chance.random() < 0.7:
            end = orjson.dumps({"outcome": "placed"})
            await self.caller.ask("POST", f"/v1/fallbacks/{reply.body['fallback']}/end", self.token(), end)


def _answered(reply: Reply) -> bool:
    return 0 < reply.status < 500


@dataclass(slots=True)
class Onlooker:
    """An operator who reads one shelter after another, and the areas now and then; a hold that waits there is answered by its shelter."""

    caller: Caller
    token: Token
    shelter_token: Callable[[str], str]
    recorder: Recorder
    chance: Random
    shelters: list[str]
    pause_s: float

    async def run(self) -> None:
        """Look until the run ends."""
        while not self.recorder.over:
            if self.shelters:
                # Mostly the newest ones, which change
                index = int(len(self.shelters) * self.chance.random() ** 0.2)
                await self._shelter(self.shelters[min(index, len(self.shelters) - 1)])
            if self.chance.random() < 0.1:
                await self._areas()
            await asyncio.sleep(self.pause_s)

    async def _shelter(self, shelter: str) -> None:
        reply = await self.caller.ask("GET", f"/v1/shelters/{shelter}", self.token())
        if reply.status != 200:
            return
        found, shown = reply.body, reply.body["shelter"]
        at = shown["position"]
        self.recorder.history.shelters.append(
            ShelterSeen(
                sent=reply.sent,
                received=reply.received,
                shelter=shelter,
                partition=at["partition"],
                offset=at["offset"],
                as_of=ms(found["as_of"]),
                degraded=found["degraded"],
                counts=shown["counts"],
                overflow=shown["overflow"],
            )
        )
        for waiting in shown["holds_waiting"]:
            if self.chance.random() < _ANSWERED:
                await self._answer(shelter, waiting["hold"])

    async def _answer(self, shelter: str, hold: str) -> None:
        token = self.shelter_token(shelter)
        if self.chance.random() < 0.5:
            reply = await self.caller.ask("POST", f"/v1/holds/{hold}/accept", token)
        else:
            reply = await self.caller.ask("POST", f"/v1/holds/{hold}/decline", token, orjson.dumps({"reason": "no_staff"}))
        if reply.status in _OK:
            seen = HoldSeen(reply.sent, reply.received, hold, reply.body["status"], "hold-answered")
            self.recorder.history.holds.append(seen)

    async def _areas(self) -> None:
        reply = await self.caller.ask("GET", "/v1/areas", self.token())
        if reply.status != 200 or reply.body["hidden_shelters"] or not reply.body["as_of"]:
            return
        head = (reply.sent, reply.received, ms(reply.body["as_of"]), reply.body["degraded"], reply.body["age_seconds"])
        for area in reply.body["areas"]:
            regions = tuple(region["code"] for region in area["regions"])
            self.recorder.history.areas.append(AreaSeen(*head, regions, area["value"], area["free"]))


def ms(text: Any) -> int:
    """Return a time of an answer in milliseconds."""
    return (instant(text) or 0) // 1_000_000


def lasting(make: Callable[[], dict[str, str]], minutes: float = 20.0) -> Token:
    """Return a token that is made anew before it runs out."""
    kept: list[tuple[int, str]] = []

    def token() -> str:
        if not kept or now_ms() - kept[-1][0] > minutes * 60_000:
            kept[:] = [(now_ms(), make()["Authorization"])]
        return kept[-1][1]

    return token
