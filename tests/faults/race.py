"""`python -m tests.faults.race`: 200 workers at once on the last place, round after round, with a processor killed in every tenth.

Law: a round has exactly one winner, nobody is told two things, and the log read again names the same winners.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics, create_topics
from services.domain.beds.staleness import StalenessLimits
from services.processor.projections.beds import BedProjectionFactory
from services.processor.view_verifier import Verifier
from tests.bench.connection import AWAY, Client
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.folded import WIRE
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.reference.fold import result
from tests.reference.log import Record
from tests.sent import declared, registered
from tests.servers import KEY, Service, running, settings_for
from tests.tapes import Line
from tests.world import World

WORKERS: Final = 200
ROUNDS: Final = 100
# A place that was held is free again after half an hour, and would no longer be the last.
_LONGEST_S: Final = 1_500.0
# Short, so that the partitions of a killed worker move on within seconds.
_SESSION_S: Final = 2.0
_PATIENCE_S: Final = 60.0
_AGAIN_S: Final = 0.05
_SINGLE: Final = {"adults": 1}
# What is asked again with the same key: away, or not yet decided.
_PASSING: Final = frozenset({429, 500, 502, 503, 504})


@dataclass(slots=True)
class Told:
    """All that a worker was told of one request, in order: granted or refused, never both."""

    hold: str = ""
    said: list[str] = field(default_factory=list)
    undecided: int = 0
    took: float = 0.0


@dataclass(slots=True)
class Round:
    """What came of a round."""

    shelter: str
    killed: bool
    told: list[Told]

    @property
    def winners(self) -> list[str]:
        """The holds of those who were told that it is theirs."""
        return [told.hold for told in self.told if "granted" in told.said]

    @property
    def contradicted(self) -> int:
        """How many were told two things, or nothing."""
        return sum(1 for told in self.told if len(set(told.said)) != 1)


@dataclass
class Arena:
    """An API, a processor that can be killed, and who asks."""

    client: Client
    callers: Callers
    world: World
    api: Service
    processor: Service
    dice: random.Random

    async def round(self, number: int, workers: int, *, killed: bool) -> Round:
        """Let workers search at once for the last place of the country, and then ask at once for it."""
        shelter = f"last-{number}"
        await self.world.play([line(registered(shelter)), line(declared("u1", shelter))])
        await self.world.folded()
        them = [self.callers.worker(f"w{number}-{each}") for each in range(workers)]
        offers = await asyncio.gather(*(self.offer(who) for who in them))
        asking = [asyncio.create_task(self._ask(who, offer)) for who, offer in zip(them, offers, strict=True)]
        if killed:
            await asyncio.sleep(self.dice.uniform(0, 0.3))
            await self.processor.kill()
            await self.processor.start()
        return Round(shelter, killed, await asyncio.gather(*asking))

    async def offer(self, who: dict[str, str]) -> str:
        """Search until there is the one offer."""
        while True:
            with suppress(*AWAY):
                status, found = await self.asked("POST", "/v1/searches", who, _SINGLE)
                if status == 200:
                    [offer] = found["offers"]
                    return str(offer["offer"])
            await asyncio.sleep(_AGAIN_S)

    async def _ask(self, who: dict[str, str], offer: str) -> Told:
        """Ask until it is decided, and then ask twice what became of it."""
        told, started = Told(), time.monotonic()
        async with asyncio.timeout(_PATIENCE_S):
            while not told.said:
                answer = await self.answer("POST", "/v1/holds", who | {"Idempotency-Key": "last"}, {"offer": offer})
                self._hear(told, answer)
                if answer[0] == 202:
                    await self._look(who, told)
            told.took = time.monotonic() - started
            for _ in range(2):
                await self._look(who, told)
        return told

    async def _look(self, who: dict[str, str], told: Told) -> None:
        """Look until there is a decision."""
        while True:
            await asyncio.sleep(_AGAIN_S)
            answer = await self.answer("GET", f"/v1/holds/{told.hold}", who)
            self._hear(told, answer)
            if answer[0] != 202:
                return

    async def asked(self, method: str, path: str, who: dict[str, str], body: Any = None) -> tuple[int, Any]:
        """Ask once, with the token and the key of these headers; one of AWAY when nobody answers."""
        written = b"" if body is None else orjson.dumps(body)
        status, found = await self.client.ask(method, path, who["Authorization"], written, key=who.get("Idempotency-Key"))
        hers = status < 300 and path.startswith("/v1/holds")
        WATCH.oracle.look("answer", f"answer {status}", orjson.dumps(found), intake_phone=hers)
        return status, found

    async def answer(self, method: str, path: str, who: dict[str, str], body: Any = None) -> tuple[int, Any]:
        """Ask until there is an answer that stays."""
        while True:
            with suppress(*AWAY):
                answer = await self.asked(method, path, who, body)
                if answer[0] not in _PASSING:
                    return answer
            await asyncio.sleep(_AGAIN_S)

    def _hear(self, told: Told, answer: tuple[int, Any]) -> None:
        status, body = answer
        told.hold = body.get("hold", told.hold)
        match status, body:
            case 202, _:
                told.undecided += 1
            case ((200 | 201), {"status": str(became)}):
                told.said.append(became)
            case 409, {"reason": str()}:
                told.said.append("refused")
            case _:
                told.said.append(f"{status} {body.get('type', '')}")


def line(event: dict[str, Any]) -> Line:
    """Write an event as it goes to the log."""
    return Line(event["subject"].encode(), orjson.dumps(event))


@asynccontextmanager
async def arena(kafka: Kafka, valkey: Valkey, prefix: str, folder: Path, dice: random.Random) -> AsyncIterator[Arena]:
    """Start what is needed."""
    async with issuing(folder) as callers:
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, session_timeout_s=_SESSION_S, pseudonym_key=KEY)
        await create_topics(settings.brokers, prefix)
        processor, api = (Service(name, settings, folder / f"{name}.log") for name in ("processor", "api"))
        async with running(processor, api), World(settings) as world:
            await WATCH.sow(callers, api.url)
            client = Client(settings.api_port)
            yield Arena(client, callers, world, api, processor, dice)
            client.close()


async def doubts(here: Arena, rounds: list[Round]) -> list[str]:
    """Say what is not as it ought to be: winners, words, and the log read again, by the verifier and by a fold of another hand."""
    found = [f"{each.shelter}: {len(each.winners)} winners" for each in rounds if len(each.winners) != 1]
    found += [f"{each.shelter}: {each.contradicted} were told two things" for each in rounds if each.contradicted]
    settings = here.world.settings
    async with TruthLog(settings.brokers, Topics(settings.prefix), "beds") as log:
        verifier = Verifier(BedProjectionFactory(WIRE, StalenessLimits()), here.world.view, log)
        compared = [await verifier.compare(number) for number in range(settings.partitions)]
        found += [str(difference) for each in compared for difference in each.differences]
        holds = result(await _records(log, settings.partitions))["holds"]
    granted = {name for name, hold in holds.items() if hold["status"] == "granted"}
    told = {f"{each.shelter}/{hold}" for each in rounds for hold in each.winners}
    if granted != told:
        found.append(f"the log names {len(granted)} winners, {len(granted ^ told)} of them others than were told")
    return found


async def _records(log: TruthLog, partitions: int) -> list[Record]:
    ends = await log.ends(range(partitions))
    read: list[Record] = []
    for number, end in ends.items():
        async for records in log.read(number, end.start, end.end):
            read += [Record(record.key, record.value, record.timestamp, number) for record in records]
    return read


def summary(rounds: list[Round]) -> str:
    """Tell in one line what came of it."""
    calm = sorted(told.took * 1_000 for each in rounds if not each.killed for told in each.told)
    winners = sum(len(each.winners) for each in rounds)
    undecided = sum(told.undecided for each in rounds for told in each.told)
    killed = sum(each.killed for each in rounds)
    p50, p99 = (calm[int(len(calm) * share)] for share in (0.5, 0.99)) if calm else (0.0, 0.0)
    return (
        f"{len(rounds)} rounds of {len(rounds[0].told)} workers, {killed} with a processor killed: {winners} winners; "
        f"request to decision p50 {p50:.0f} ms, p99 {p99:.0f} ms; {undecided} times told to look later"
    )


async def _raced(rounds: int, workers: int, seconds: float, folder: Path) -> int:
    held: list[Round] = []
    async with (
        Kafka(folder / "kafka", Settings().cache) as kafka,
        Valkey(folder / "valkey") as valkey,
        arena(kafka, valkey, "race", folder, random.Random(7)) as here,
    ):
        ends = time.monotonic() + seconds
        for number in range(rounds):
            if time.monotonic() > ends:
                break
            held.append(await here.round(number, workers, killed=number % 10 == 5))
            sys.stdout.write(f"\r{summary(held)}")
            sys.stdout.flush()
        sys.stdout.write("\n")
        wrong = await doubts(here, held)
    for line in wrong:
        sys.stdout.write(f"WRONG: {line}\n")
    return 1 if wrong else 0


def main() -> int:
    """Run the rounds; 1 when anything is not as it ought to be."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.race", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--seconds", type=float, default=_LONGEST_S, help="begin no round after so many")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plek-race-") as folder:
        return asyncio.run(_raced(asked.rounds, asked.workers, asked.seconds, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
