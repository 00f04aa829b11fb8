"""The view canary: a wrong member is noticed at the next look, and nothing else is; it ends nothing and repairs nothing."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest

from services.adapters.codec.event_codec import Topic
from services.adapters.observability.metrics import Metrics
from services.adapters.view.ports import PartitionCheck, Saved
from services.domain.beds.staleness import StalenessLimits
from services.processor.projections.beds import BedProjectionFactory
from services.processor.view_canary import ViewCanary
from services.processor.view_verifier import PartitionComparison, Verifier
from tests import tapes
from tests.processor.logs import WIRE, ReadableLog, Worker
from tests.twins.memory_view import MemoryView
from tests.waiting import until

HOUR = 3_600_000


@dataclass
class Watched:
    """A worker with a folded partition, its canary, and how often that read the log."""

    view: MemoryView
    log: ReadableLog
    worker: Worker
    metrics: Metrics = field(default_factory=Metrics)
    time: int = 1_000_000
    read: int = 0

    def __post_init__(self) -> None:
        self.canary = ViewCanary(
            topic="beds",
            manager=self.worker.manager,
            view=self.view,
            compare=self._compare,
            metrics=self.metrics,
            now=lambda: self.time,
        )

    async def _compare(self, _topic: Topic, numbers: Sequence[int]) -> list[PartitionComparison]:
        self.read += 1
        verifier = Verifier(BedProjectionFactory(WIRE, StalenessLimits()), self.view, self.log)
        return [await verifier.compare(number) for number in numbers]

    async def check(self) -> None:
        """Compare what is shown, then what is due with the log."""
        await self.canary.check_shown()
        await self.canary.check_log()

    @property
    def saved(self) -> Saved:
        """What the view stores, to be spoilt."""
        saved = self.view._kept[0].saved
        assert saved
        return saved

    def metric(self, name: str) -> float:
        """Return the number of the metric of this topic."""
        lines = [line for line in self.metrics.page().decode().splitlines() if line.startswith(f"{name}{{")]
        return float(lines[0].rpartition(" ")[2])

    async def reloaded(self) -> "Watched":
        """Return the same view and log under a worker that has just started."""
        worker = await Worker(self.view, self.log).assigned()
        await worker.manager.tick([0], 20_000)
        return Watched(self.view, self.log, worker, time=self.time)


@pytest.fixture(params=["rough"])
async def watched(request: pytest.FixtureRequest) -> Watched:
    """Return a tape that is folded and swept, with a canary that has looked once."""
    view, log = MemoryView(1), ReadableLog()
    log.append(tapes.load(request.param))
    worker = await Worker(view, log).assigned()
    await worker.read()
    await worker.manager.tick([0], 20_000)
    found = Watched(view, log, worker)
    await found.check()
    return found


def _spoil_unit(saved: Saved) -> None:
    saved.units[min(saved.units)] = orjson.dumps(orjson.loads(saved.units[min(saved.units)]) | {"features": ["made-up"]})


def _lose_unit(saved: Saved) -> None:
    del saved.units[max(saved.units)]


def _add_unit(saved: Saved) -> None:
    saved.units["appel-1-7/made-up"] = saved.units[min(saved.units)]


def _spoil_shelter(saved: Saved) -> None:
    saved.shelters[max(saved.shelters)] = b"broken"


def _spoil_hold(saved: Saved) -> None:
    saved.holds[max(saved.holds)] = b"{}"


def _spoil_count(saved: Saved) -> None:
    saved.counts["national:free"] += 1


def _spoil_clock(saved: Saved) -> None:
    saved.position = replace(saved.position, clock=7)


def _spoil_letters(saved: Saved) -> None:
    saved.position = replace(saved.position, dead_letters=1)


SHOWN: list[tuple[Callable[[Saved], None], str, str]] = [
    (_spoil_unit, "units", "other features"),
    (_lose_unit, "units", "missing in the view"),
    (_add_unit, "units", " of them, the log gives "),
    (_spoil_shelter, "shelters", "no document in the view"),
    (_spoil_hold, "holds", "other "),
    (_spoil_count, "counts", "the view has 33, the log gives 32"),
    (_spoil_clock, "position", "the view has 7, the log gives 2334"),
    (_spoil_letters, "position", "the view has 1, the log gives 43"),
]


@pytest.mark.parametrize(("spoil", "where", "says"), SHOWN)
async def test_one_wrong_member_is_noticed_at_the_next_look(
    watched: Watched, spoil: Callable[[Saved], None], where: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What readers are shown is compared without the log: metric, log line and what is kept for the page all say it."""
    spoil(watched.saved)
    caplog.clear()
    before = watched.read
    await watched.check()
    assert watched.metric("plek_canary_differences") >= 1
    first = _lines(caplog)[0]
    assert (first["what"], first["partition"], first["topic"]) == (where, 0, "beds")
    assert any(says in line["why"] for line in _lines(caplog))
    assert watched.read == before
    kept = (await watched.view.checks())[0]
    assert kept.differences >= 1


@pytest.mark.parametrize("watched", ["week", "rough", "timed"], indirect=True)
async def test_a_view_that_is_right_is_said_to_be(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    """No difference in any log, the time is measured and kept, and the log was read once: after the load."""
    await watched.check()
    assert watched.metric("plek_canary_differences") == 0
    assert watched.metric("plek_canary_seconds") == watched.time / 1_000
    assert (watched.read, _lines(caplog)) == (1, [])
    assert await watched.view.checks() == {0: PartitionCheck(at=watched.time, log_at=watched.time, differences=0)}


async def test_a_log_line_names_the_member_that_the_log_knows(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    """Shelter and unit stand in the line with the position; a name that is only in the view may be anything, and does not."""
    name = min(watched.saved.units)
    _spoil_unit(watched.saved)
    await watched.check()
    assert (_lines(caplog)[0]["member"], _lines(caplog)[0]["offset"]) == (name, watched.saved.position.offset)
    _spoil_letters(watched.saved)
    watched.saved.facts[99_999] = b"{}"
    watched.saved.counts = dict(watched.saved.counts)
    caplog.clear()
    watched.time += HOUR
    await watched.check()
    assert [line.get("member") for line in _lines(caplog) if line["why"] == "only in the view"] == [None]


def _lose_fact(saved: Saved) -> None:
    del saved.facts[min(saved.facts)]


def _spoil_seen(saved: Saved) -> None:
    saved.seen[min(saved.seen)] += 1


@pytest.mark.parametrize("spoil", [_lose_fact, _spoil_seen])
async def test_what_only_the_fold_reads_is_compared_with_the_log_each_hour(watched: Watched, spoil: Callable[[Saved], None]) -> None:
    """Nothing that is shown is wrong before it is loaded, so an hour is soon enough."""
    spoil(watched.saved)
    await watched.check()
    assert watched.metric("plek_canary_differences") == 0
    watched.time += HOUR
    await watched.check()
    assert watched.metric("plek_canary_differences") == 1


@pytest.mark.parametrize("spoil", [_spoil_unit, _lose_fact, _spoil_seen])
async def test_what_was_loaded_wrongly_is_noticed(watched: Watched, spoil: Callable[[Saved], None]) -> None:
    """A processor that starts on a wrong view has the wrong member in memory too: the log shows it, at the first look after the load."""
    spoil(watched.saved)
    again = await watched.reloaded()
    await again.check()
    assert again.metric("plek_canary_differences") >= 1


async def test_what_is_right_again_is_said_to_be(watched: Watched) -> None:
    """While the view differs from the log it is read again each time, so that the metric falls as soon as it is mended."""
    fact = min(watched.saved.facts)
    raw = watched.saved.facts.pop(fact)
    watched.time += HOUR
    await watched.check()
    assert watched.metric("plek_canary_differences") == 1
    watched.saved.facts[fact] = raw
    await watched.check()
    assert watched.metric("plek_canary_differences") == 0


async def test_events_and_sweeps_meanwhile_are_no_difference() -> None:
    """While a log is folded batch by batch and swept, a canary that looks all the time finds nothing."""
    lines, view, log = tapes.load("rough"), MemoryView(1), ReadableLog()
    worker = await Worker(view, log).assigned()
    watched = Watched(view, log, worker)

    async def read() -> None:
        for first in range(0, len(lines), 35):
            log.append(lines[first : first + 35])
            await worker.read(batch=7)
            await worker.manager.tick([0], 20_000 + first)
            await asyncio.sleep(0.005)

    reading = asyncio.ensure_future(read())
    looked = 0
    while not reading.done():
        await watched.check()
        looked += watched.metric("plek_canary_seconds") > 0
        assert watched.metric("plek_canary_differences") == 0
        await asyncio.sleep(0)
    await reading
    assert looked > 3


async def test_another_worker_is_no_difference(watched: Watched) -> None:
    """A view that another worker has swept meanwhile is not judged, and the time says so."""
    other = await Worker(watched.view, watched.log).assigned()
    await other.manager.tick([0], 3 * HOUR)
    before = watched.time
    watched.time += 60_000
    await watched.check()
    assert watched.metric("plek_canary_differences") == 0
    assert watched.metric("plek_canary_seconds") == before / 1_000


async def test_a_partition_that_another_worker_has_is_not_wrong_here(watched: Watched) -> None:
    """The metric of a partition that was wrong falls to 0 when it is revoked."""
    _spoil_unit(watched.saved)
    await watched.check()
    watched.worker.manager.revoke([0])
    await watched.check()
    assert watched.metric("plek_canary_differences") == 0


class Unreadable(MemoryView):
    """A view of which no sample can be read."""

    async def sample(self, _partition: int, _like: Saved) -> Any:
        """Raise what the reader of a position raises."""
        raise ValueError("half a position")


async def test_a_view_that_can_not_be_read_is_a_difference(caplog: pytest.LogCaptureFixture) -> None:
    """What can't be read is wrong: it is no reason to be silent."""
    view, log = Unreadable(1), ReadableLog()
    log.append(tapes.load("week"))
    worker = await Worker(view, log).assigned()
    await worker.read()
    await worker.manager.tick([0], 20_000)
    watched = Watched(view, log, worker)
    await watched.check()
    assert watched.metric("plek_canary_differences") == 1
    assert _lines(caplog)[0]["why"] == "the data in the view can't be read"


async def test_nothing_that_goes_wrong_with_it_ends_it(watched: Watched) -> None:
    """Redis that is away, and a defect, are gone by: the next look is made all the same."""
    watched.view.away = True
    running = asyncio.ensure_future(watched.canary.run_forever(0.001))
    await asyncio.sleep(0.01)
    watched.view.away = False
    del watched.worker.manager._loads  # a defect
    await asyncio.sleep(0.01)
    assert not running.done()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_log_that_takes_long_holds_up_no_look(watched: Watched) -> None:
    """While a child folds a log for minutes, or gets no turn, what is shown is compared all the same."""

    async def never(_topic: Topic, _numbers: Sequence[int]) -> list[PartitionComparison]:
        await asyncio.Event().wait()
        return []

    watched.canary.compare = never
    watched.time += HOUR
    running = asyncio.ensure_future(watched.canary.run_forever(0.001))
    await until(lambda: watched.metric("plek_canary_seconds") == watched.time / 1_000)
    watched.time += 60_000
    await until(lambda: watched.metric("plek_canary_seconds") == watched.time / 1_000)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_partition_loaded_anew_meanwhile_is_compared_again(watched: Watched) -> None:
    """A comparison of the load before says nothing of what is in memory now."""
    compare = watched.canary.compare

    async def meanwhile(topic: Topic, numbers: Sequence[int]) -> list[PartitionComparison]:
        found = await compare(topic, numbers)
        await watched.worker.manager.assign(0, 0)
        await watched.worker.manager.tick([0], 20_000)
        return found

    watched.canary.compare = meanwhile
    watched.time += HOUR
    await watched.check()
    before = watched.read
    await watched.check()
    assert watched.read == before + 1


def _lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if record.levelno == logging.ERROR]
