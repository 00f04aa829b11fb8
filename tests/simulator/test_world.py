"""A country at its own clock: written into a world with real Kafka, folded by the real processor, read from the real API."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.adapters import instants
from services.adapters.clock import now_ms
from services.adapters.regions import read_regions
from services.adapters.view.redis_view import RedisDemandView, RedisView
from services.commands.by_kafka import Record
from services.commands.history import History
from services.commands.outcome import Outcome
from services.domain.events import HOLD_EVENTS, DemandCorrection
from services.local.instance import Instance
from services.local.kafka import Kafka
from services.local.part import Service as Part
from services.local.part import start
from services.local.ports import LOOPBACK, free_ports
from services.local.tokens import Mint, Person, Role
from services.local.valkey import Valkey
from services.simulator.country import Country
from services.simulator.document import demand, document
from services.simulator.hours import DAY, HOUR, YEAR
from services.simulator.parameters import KINDS, Parameters
from services.simulator.world import Logged
from tests.callers import Callers
from tests.invariants import broken
from tests.leak.watch import WATCH
from tests.servers import Service, running, settings_for
from tests.simulator.countries import START
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(280)]
# Every region has a shelter or two; twice as much goes wrong as in the country at large
_SMALL = Parameters(
    shelters=40,
    units=240,
    overflow_units=12,
    searching_a_day=9.0,
    late=0.4,
    wrong_unit=0.1,
    wrong_household=0.1,
    sent_twice=0.04,
    silences_a_year=15,
    withdrawals_a_year=8,
    hotels_a_year={2022: 400, 2023: 400},
    logged_late=0.4,
    wrong_people=0.2,
    wrong_case=0.15,
    told_twice=0.15,
    waits_again=0.4,
)
_COMPARED = ("shelters", "holds", "dead_letters", "regions", "national")


@dataclass
class Written:
    """A country, the world it is written into, and who reads it there."""

    country: Country
    history: History
    api: httpx.AsyncClient
    worker: str
    """The token of a worker of every region."""
    view: RedisView
    demand: RedisDemandView
    outcome: Outcome = field(default_factory=Outcome)
    hear: Callable[[Logged], object] = lambda _: None
    clock: int = 0
    """The latest time of a record (ms)."""

    async def live_until(self, instant: int) -> None:
        """Write all that happens up to an instant, and wait until all of it is folded."""
        await self.history.append(self._records(instant), lambda _: None, self.outcome)
        await until(self._folded)

    def _records(self, instant: int) -> Iterator[Record]:
        for logged in self.country.until(instant):
            self.hear(logged)
            self.clock = logged.at
            yield self.history.record(logged.event, logged.at)

    async def _folded(self) -> bool:
        beds, demand = await self.view.positions(), await self.demand.positions()
        return sum(position.offset + 1 for position in [*beds.values(), *demand.values()]) == self.outcome.accepted

    async def shown(self) -> dict[str, Any]:
        """Return the whole state as the API shows it."""
        state = await self._told("/v1/operator/state")
        assert not state["rebuilding"]
        return state

    async def _told(self, path: str, **headers: str) -> dict[str, Any]:
        """Ask the API; it says of which country it speaks, and at the clock of that."""
        answer = await self.api.get(path, headers=headers)
        assert (answer.status_code, answer.headers["plek-world"]) == (200, "simulated")
        told: dict[str, Any] = answer.json()
        assert (told["world"], told["degraded"]) == ("simulated", False)
        assert instants.parse(told["clock"]) == self.clock * 1_000_000
        return told

    async def says_what_it_is(self) -> None:
        """Ask what else can be looked at."""
        await self._told("/v1/shelters")
        await self._told("/v1/holds", Authorization=f"Bearer {self.worker}")

    async def shown_of_demand(self) -> dict[str, Any]:
        """Return who is put up and who waits as the API lists them, and from the view how many cases ended how."""
        counts: Counter[str] = Counter()
        for partition in range(12):
            saved = await self.demand.load(partition)
            counts.update(saved.counts if saved else {})
        lists = [await self._told(f"/v1/{path}", Authorization=f"Bearer {self.worker}") for path in ("fallbacks", "waiting-list")]
        return {"fallbacks": lists[0]["fallbacks"], "entries": lists[1]["entries"], "counts": dict(+counts)}

    async def agrees(self) -> dict[str, Any]:
        """Hold what is shown of shelters and of demand against the truth, to the unit; return the state."""
        shown, true = await self.shown(), document(self.country.truth, self.clock)
        assert {name: shown[name] for name in _COMPARED} == true
        assert broken(shown) == []
        assert await self.shown_of_demand() == demand(self.country.truth.demand)
        return shown


@asynccontextmanager
async def written(kafka: Kafka, valkey: Valkey, tmp_path: Path, name: str, country: Country) -> AsyncIterator[Written]:
    """Open an empty world, with its issuer, processor and API."""
    (issuer,) = free_ports(1)
    settings = settings_for(kafka, valkey, name, issuer=f"http://{LOOPBACK}:{issuer}", data=tmp_path)
    history, keys = History.of(settings), Instance(tmp_path).keys
    await history.begin()
    async with AsyncExitStack() as stack:
        part = Part("issuer", "services.local.issuer", settings.issuer, settings, tmp_path / "issuer.log")
        stack.push_async_callback(part.child.stop)
        await start(part)
        services = [Service(of, settings, tmp_path / f"{of}.log") for of in ("processor", "api")]
        await stack.enter_async_context(running(*services))
        place = (settings.redis, settings.prefix, settings.partitions)
        view, of_demand = RedisView(*place), RedisDemandView(*place)
        stack.push_async_callback(view.close)
        stack.push_async_callback(of_demand.close)
        mint = Mint(keys, settings.issuer, settings.audience)
        token = mint.token(Person(role=Role.OPERATOR, subject="test"), now_ms(), 1)
        worker = mint.token(Person(role=Role.WORKER, subject="worker", desk="desk-1", regions=tuple(read_regions())), now_ms(), 1)
        headers = {"Authorization": f"Bearer {token}"}
        client = httpx.AsyncClient(base_url=services[1].url, headers=headers, timeout=30, event_hooks=WATCH.oracle.hooks)
        await stack.enter_async_context(client)
        await WATCH.sow(Callers(tmp_path / "issuer", settings.issuer), services[1].url)
        yield Written(country, history, client, worker, view, of_demand)


_MOMENTS = [START + YEAR * number // 11 + number * 5 * HOUR // 2 for number in range(1, 11)] + [START + YEAR - 1]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_api_shows_the_truth_at_the_clock_of_the_world(
    kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path, seed: int
) -> None:
    """A small country in which much goes wrong: at six moments of a month all that is shown is what is true, years later."""
    corrected: Counter[bool] = Counter()
    async with written(kafka, valkey, tmp_path, f"sim-{prefix}", Country(seed, START, parameters=_SMALL)) as world:
        world.hear = lambda logged: corrected.update([True] if isinstance(logged.event.data, DemandCorrection) else [])
        for moment in range(START + 2 * HOUR, START + 30 * DAY, 143 * HOUR):
            await world.live_until(moment)
            await world.agrees()
        assert corrected.total() > 20
        await world.says_what_it_is()


async def test_silent_shelters_are_unknown_and_never_free(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """By the clock of the world, whatever the clock on the wall says: empty places of whoever was not heard of for 24 hours are unknown."""
    heard, unknown = dict[str, int](), 0
    country = Country(
        12,
        START,
        parameters=replace(_SMALL, silences_a_year=90, silent_at_first=0.4, searching_a_day=3.0, refilled_after=dict.fromkeys(KINDS, 9.0)),
    )
    async with written(kafka, valkey, tmp_path, f"sim-{prefix}", country) as world:
        world.hear = lambda logged: heard.update(_heard(logged))
        for moment in range(START + 2 * DAY, START + 16 * DAY, 67 * HOUR):
            await world.live_until(moment)
            for name, shelter in (await world.agrees())["shelters"].items():
                silent = world.clock - heard.get(name, 0) >= DAY
                unknown += shelter["counts"]["unknown"] if silent else 0
                assert not (silent and shelter["counts"]["free"] + shelter["overflow"]["free"])
                assert silent or not shelter["counts"]["unknown"] + shelter["overflow"]["unknown"]
    assert unknown > 10


async def test_2023_at_ten_moments(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """The whole country, the whole year: at ten moments and at the end the API and the country's own truth agree to the unit."""
    async with written(kafka, valkey, tmp_path, f"sim-{prefix}", Country(7, START)) as world:
        for moment in _MOMENTS:
            await world.live_until(moment)
            shown = await world.agrees()
            assert shown["national"]["capacity"] > 980
        assert world.outcome.accepted > 150_000
        assert world.outcome.refused == 0


def _heard(logged: Logged) -> dict[str, int]:
    ours = logged.event.source.startswith("urn:plek:shelter:") and not isinstance(logged.event.data, HOLD_EVENTS)
    return {logged.event.subject: logged.at} if ours else {}
