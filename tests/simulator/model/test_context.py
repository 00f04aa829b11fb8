"""A simulated country at its own clock: written to real Kafka, folded by the real processor, read from the real API."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.adapters import rfc3339
from services.adapters.clock import now_ms
from services.adapters.regions import read_regions
from services.adapters.view.redis_reader import RedisDemandReader, RedisReader
from services.cli.datasets.dataset_writer import DatasetWriter
from services.cli.events.kafka_sender import SentRecord
from services.cli.events.send_summary import SendSummary
from services.domain.events.catalog import HOLD_EVENTS, DemandCorrection
from services.local.identity.tokens import Person, Role, TokenIssuer
from services.local.instance.data_directory import DataDirectory
from services.local.processes.component import Service as LocalService
from services.local.processes.component import start
from services.local.processes.free_ports import LOOPBACK
from services.simulator.ground_truth.truth_document import bed_document, demand_document
from services.simulator.model.calendar import DAY, HOUR, YEAR
from services.simulator.model.context import LoggedEvent
from services.simulator.model.parameters import KINDS, Parameters
from services.simulator.simulation import Simulation
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.forked import forked
from tests.free_ports import free_ports
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
    logged_twice=0.15,
    waits_again=0.4,
)
_COMPARED = ("shelters", "holds", "dead_letters", "regions", "national")


@dataclass
class Written:
    """A country, the data set it is written into, and its readers."""

    country: Simulation
    history: DatasetWriter
    api: httpx.AsyncClient
    worker: str
    """The token of a worker of every region."""
    view: RedisReader
    demand: RedisDemandReader
    outcome: SendSummary = field(default_factory=SendSummary)
    on_logged: Callable[[LoggedEvent], object] = lambda _: None
    clock: int = 0
    """The latest time of a record (ms)."""

    async def live_until(self, instant: int) -> None:
        """Write all that happens up to an instant, and wait until it is folded."""
        await self.history.append(self._records(instant), lambda _: None, self.outcome)
        await until(self._folded)

    def _records(self, instant: int) -> Iterator[SentRecord]:
        for logged in self.country.until(instant):
            self.on_logged(logged)
            self.clock = logged.at
            yield self.history.record(logged.event, logged.at)

    async def _folded(self) -> bool:
        beds, demand = await self.view.positions(), await self.demand.positions()
        return sum(position.offset + 1 for position in [*beds.values(), *demand.values()]) == self.outcome.accepted

    async def shown(self) -> dict[str, Any]:
        """Return the whole state as the API shows it."""
        state = await self._get("/v1/operator/state")
        assert not state["rebuilding"]
        return state

    async def _get(self, path: str, **headers: str) -> dict[str, Any]:
        """Return an answer of the API, which names the kind of data set and the time of its last record."""
        answer = await self.api.get(path, headers=headers)
        assert (answer.status_code, answer.headers["plek-world"]) == (200, "simulated")
        body: dict[str, Any] = answer.json()
        assert (body["world"], body["degraded"]) == ("simulated", False)
        assert rfc3339.parse(body["clock"]) == self.clock * 1_000_000
        return body

    async def names_itself_everywhere(self) -> None:
        """Check the name and clock of the data set in other answers."""
        await self._get("/v1/shelters")
        await self._get("/v1/holds", Authorization=f"Bearer {self.worker}")

    async def shown_demand(self) -> dict[str, Any]:
        """Return open fallbacks and waiting lists as the API lists them, and from the view how many cases ended how."""
        counts: Counter[str] = Counter()
        for partition in range(12):
            saved = await self.demand.load(partition)
            counts.update(saved.counts if saved else {})
        lists = [await self._get(f"/v1/{path}", Authorization=f"Bearer {self.worker}") for path in ("fallbacks", "waiting-list")]
        return {"fallbacks": lists[0]["fallbacks"], "entries": lists[1]["entries"], "counts": dict(+counts)}

    async def check(self) -> dict[str, Any]:
        """Check that shelters and demand are shown as they are in the ground truth, to the unit; return the state."""
        shown, true = await self.shown(), bed_document(self.country.truth, self.clock)
        assert {name: shown[name] for name in _COMPARED} == true
        assert broken(shown) == []
        assert await self.shown_demand() == demand_document(self.country.truth.demand)
        return shown


@asynccontextmanager
async def written(kafka: Kafka, valkey: Valkey, tmp_path: Path, prefix: str, country: Simulation) -> AsyncIterator[Written]:
    """Open an empty data set, with its issuer, processor and API."""
    (issuer,) = free_ports(1)
    settings = settings_for(kafka, valkey, prefix, issuer=f"http://{LOOPBACK}:{issuer}", data=tmp_path)
    history, keys = DatasetWriter.open(settings), DataDirectory(tmp_path).keys
    await history.make_topics()
    async with AsyncExitStack() as stack:
        issuer_service = forked(
            LocalService("issuer", "services.local.servers.oidc_issuer", settings.issuer, settings, tmp_path / "issuer.log")
        )
        stack.push_async_callback(issuer_service.child.stop)
        await start(issuer_service)
        services = [Service(name, settings, tmp_path / f"{name}.log") for name in ("processor", "api")]
        await stack.enter_async_context(running(*services))
        source = (settings.redis, settings.prefix, settings.partitions)
        view, demand = RedisReader(*source), RedisDemandReader(*source)
        stack.push_async_callback(view.close)
        stack.push_async_callback(demand.close)
        mint = TokenIssuer(keys, settings.issuer, settings.audience)
        token = mint.token(Person(role=Role.OPERATOR, subject="test"), now_ms(), 1)
        worker = mint.token(Person(role=Role.WORKER, subject="worker", desk="desk-1", regions=tuple(read_regions())), now_ms(), 1)
        headers = {"Authorization": f"Bearer {token}"}
        client = httpx.AsyncClient(base_url=services[1].url, headers=headers, timeout=30, event_hooks=WATCH.oracle.hooks)
        await stack.enter_async_context(client)
        await WATCH.sow(Callers(tmp_path / "issuer", settings.issuer), services[1].url)
        yield Written(country, history, client, worker, view, demand)


_MOMENTS = [START + YEAR * number // 11 + number * 5 * HOUR // 2 for number in range(1, 11)] + [START + YEAR - 1]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))])
async def test_the_api_shows_the_truth_at_the_clock_of_the_data_set(
    kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path, seed: int
) -> None:
    """At six moments of a month, years ago, the API shows the ground truth of a small country in which much goes wrong."""
    corrected: Counter[bool] = Counter()
    async with written(kafka, valkey, tmp_path, f"sim-{prefix[-8:]}", Simulation(seed, START, parameters=_SMALL)) as dataset:
        dataset.on_logged = lambda logged: corrected.update([True] if isinstance(logged.event.data, DemandCorrection) else [])
        for moment in range(START + 2 * HOUR, START + 30 * DAY, 143 * HOUR):
            await dataset.live_until(moment)
            await dataset.check()
        assert corrected.total() > 20
        await dataset.names_itself_everywhere()


async def test_silent_shelters_are_unknown_and_never_free(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """By the clock of the data set, vacant units of a shelter that was not heard of for 24 hours are unknown and not free."""
    last_heard, unknown = dict[str, int](), 0
    country = Simulation(
        12,
        START,
        parameters=replace(_SMALL, silences_a_year=90, silent_at_first=0.4, searching_a_day=3.0, refilled_after=dict.fromkeys(KINDS, 9.0)),
    )
    async with written(kafka, valkey, tmp_path, f"sim-{prefix[-8:]}", country) as dataset:
        dataset.on_logged = lambda logged: last_heard.update(_heard(logged))
        for moment in range(START + 2 * DAY, START + 16 * DAY, 67 * HOUR):
            await dataset.live_until(moment)
            for name, shelter in (await dataset.check())["shelters"].items():
                silent = dataset.clock - last_heard.get(name, 0) >= DAY
                unknown += shelter["counts"]["unknown"] if silent else 0
                assert not (silent and shelter["counts"]["free"] + shelter["overflow"]["free"])
                assert silent or not shelter["counts"]["unknown"] + shelter["overflow"]["unknown"]
    assert unknown > 10


@pytest.mark.long
async def test_2023_at_ten_moments(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """At ten moments of 2023 and at its end the API shows the ground truth of the whole country, to the unit."""
    async with written(kafka, valkey, tmp_path, f"sim-{prefix[-8:]}", Simulation(7, START)) as dataset:
        for moment in _MOMENTS:
            await dataset.live_until(moment)
            shown = await dataset.check()
            assert shown["national"]["capacity"] > 980
        assert dataset.outcome.accepted > 150_000
        assert dataset.outcome.refused == 0


def _heard(logged: LoggedEvent) -> dict[str, int]:
    ours = logged.event.source.startswith("urn:plek:shelter:") and not isinstance(logged.event.data, HOLD_EVENTS)
    return {logged.event.subject: logged.at} if ours else {}
