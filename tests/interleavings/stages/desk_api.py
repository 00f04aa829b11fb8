"""An API of the simulation: searches, holds and the outbox of the real one, composed without HTTP, in a process that can be killed.

What limits callers and what raises alerts is played: it decides nothing about places.
"""

import random
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from services.adapters.auth.authentication import Caller
from services.adapters.auth.idempotency_keys import MemoryIdempotencyKeys
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.durable_log import DurableLog
from services.adapters.http.call import Call
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.outbox import Outbox
from services.adapters.problem_details import ProblemError
from services.adapters.regions import read_regions
from services.adapters.view.position_tracker import PositionTracker
from services.api.areas.grouping import Areas
from services.api.holds.composition import HoldServices, compose_holds
from services.api.publishing.durable_publisher import DurablePublisher
from services.api.publishing.event_publisher import EventPublisher
from services.api.publishing.need_sealing import NeedSealing
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.data_age import AgeLimits
from services.api.read_model.disclosure_level import Disclosure
from services.api.read_model.log_outage import LogOutage
from services.api.read_model.view_reader import ViewReader
from services.api.searches.handlers import Searches
from services.api.searches.offer_budget import MemoryOfferBudget
from services.api.searches.search_answers import SearchAnswers
from services.domain.beds.staleness import StalenessLimits
from tests.interleavings.broker import Appender
from tests.interleavings.seeded_loop import Process
from tests.interleavings.stages.outbox_disk import close
from tests.interleavings.stages.wired_redis import hold_owners, pending_requests
from tests.interleavings.watched_view import WiredView
from tests.interleavings.wire import Wire
from tests.interleavings.world import PARTITIONS, World
from tests.processor.logs import WIRE

_PSEUDONYMS: Final = Pseudonyms("key")
# Few of them: areas are formed anew at every change
_REGIONS: Final = {code: row for code, row in read_regions().items() if code in {"R06", "R07", "R08"}}


class _Silent:
    """Limits nobody and raises no alert: every call of it does nothing."""

    def __getattr__(self, _name: str) -> Any:
        return _nothing


async def _nothing(*_: Any, **__: Any) -> None:
    """Do nothing."""


class _Audit:
    """The audit log, through the wire: where it can't be written nothing is shown."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def write(self, _caller: Caller, happening: str, **_: Any) -> None:
        """Write an entry, or raise ProblemError 503."""
        await self._wire.call("audit", f"audit {happening}", lambda: None, lambda: ProblemError("data-unavailable"))

    async def write_if_possible(self, caller: Caller, happening: str, **more: Any) -> None:
        """Write an entry if that is possible."""
        with suppress(ProblemError):
            await self.write(caller, happening, **more)

    async def write_refusal(self, caller: Caller, happening: str, *_: Any) -> None:
        """Write a refusal if that is possible."""
        await self.write_if_possible(caller, happening)


class _NoKeys:
    """A topic of need keys in which nothing stands: each process has its own."""

    ready = True

    def get(self, _key: str) -> None:
        """Return nothing."""

    def records(self) -> list[Any]:
        """Return nothing."""
        return []


class DeskApi:
    """One place behind the door, and the process that has it now; all of them share a folder on disk and a Redis."""

    def __init__(self, world: World, name: str, folder: Path) -> None:
        self.world, self.name, self.folder, self.starts = world, name, folder, 0
        self.process: Process = world.loop.process(name)
        self.holds: HoldServices
        self.searches: Searches
        self.outbox: Outbox
        self.start()

    def start(self) -> None:
        """Start a process."""
        self.starts += 1
        self.process = self.world.loop.process(f"{self.name}#{self.starts}")
        self._compose()
        beside = (self._moves, self._of_demand, self.outbox, self.holds.abandoned, self._outage, self.mirror)
        for part in beside:
            self.world.loop.run_as(self.process, part.run_forever())
        self.world.wire.note("starts", process=self.process.name)

    def kill(self, why: str) -> None:
        """End the process at this step."""
        self.process.alive = False
        self.world.wire.note("KILLED", why, self.process.name)
        close(self.outbox)

    def close(self) -> None:
        """Close the file of the outbox."""
        close(self.outbox)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a request in this process; return its task."""
        return self.world.loop.run_as(self.process, work)

    def call(self, caller: Caller, path: str, body: Any = None, key: str | None = None, json: Any = None) -> Call[Any]:
        """Return a request of a caller, as its route hands it over."""
        guard = SimpleNamespace(authentication=SimpleNamespace(meter_refusal=_nothing))
        request: Any = SimpleNamespace(
            method="POST",
            scope={"path": path},
            headers={"idempotency-key": key} if key else {},
            query_params=SimpleNamespace(getlist=lambda _: []),
            state=SimpleNamespace(),
            app=SimpleNamespace(state=SimpleNamespace(guard=guard)),
        )
        audit: Any = _Audit(self.world.wire)
        return Call(request=request, caller=caller, audit=audit, happening="hold-asked", body=body, json=json)

    @property
    def durable(self) -> DurablePublisher:
        """Return what takes the events of demand."""
        return self.searches.durable

    def _compose(self) -> None:
        world, metrics = self.world, self.world.counted
        log, beds, demand = Appender(world.broker, world.wire), _view(world, "beds"), _view(world, "demand")
        self._moves, self._of_demand = (PositionTracker(view, world.loop.time, metrics) for view in (beds, demand))
        self.outbox = Outbox(self.folder, log, metrics, world.loop.time)
        sending = EventPublisher(
            log=log,
            topics=world.topics,
            wire=WIRE,
            moves={"beds": self._moves, "demand": self._of_demand},
            pseudonyms=_PSEUDONYMS,
            retries=MemoryIdempotencyKeys(),
            now=self._now,
        )
        needs = NeedSealing(topic=cast("Any", _NoKeys()), name=world.topics.need_keys, secret=bytes(32), now=self._now)
        durable = DurablePublisher(sending, DurableLog(log, self.outbox), needs)
        self._outage = LogOutage(durable, world.loop.time, 60.0)
        reading = ViewReader(
            view=beds,
            moves=self._moves,
            positions=SealedPositions(_PSEUDONYMS),
            partitions=PARTITIONS,
            limits=StalenessLimits(),
            age_limits=AgeLimits(),
            now=self._now,
            outage=self._outage,
        )
        self.mirror = CountryCache(reading=reading)
        self.searches = self._searching(reading, demand, durable)
        self.holds = compose_holds(self.searches, pending_requests(world.wire), hold_owners(world.wire), world.loop.time)

    def _searching(self, reading: ViewReader, demand: Any, durable: DurablePublisher) -> Searches:
        silent: Any = _Silent()
        answers = SearchAnswers(
            regions=_REGIONS,
            areas=Areas(rows=_REGIONS, disclosure=Disclosure(), heard_days=30, wall=self._now),
            seals=SealedTokens(_PSEUDONYMS.sealing_key("offers")),
            chance=random.Random(self.world.seed),
            budget=MemoryOfferBudget(self.world.loop.time),
        )
        return Searches(
            reading=reading,
            mirror=self.mirror,
            demand=demand,
            durable=durable,
            answers=answers,
            alerts=silent,
            quota=silent,
            metrics=self.world.counted,
        )

    def _now(self) -> int:
        return self.world.now(self.process)


def _view(world: World, name: str) -> Any:
    return WiredView(name, world.beds if name == "beds" else world.demand, world.wire)
