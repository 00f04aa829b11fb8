"""A decision is in the audit log before it is in the topic, and it is taken once: the state between the two."""

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from services.adapters.clock import now_ms
from services.adapters.kafka.ports import LogPosition, LogUnavailableError
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.adapters.proposals.proposal_records import EventsAppended
from services.adapters.proposals.table import TrackedProposal
from services.adapters.view.ports import ViewUnavailableError
from services.gateway.proposals.carry_out import ProposalExecutor
from services.gateway.proposals.proposal_log import ProposalLog
from services.gateway.unavailable import unavailable_as_problem
from tests.gateway.conftest import Desk
from tests.sent import registered
from tests.twins.memory_log import MemoryLog
from tests.waiting import until


async def _proposed(desk: Desk) -> str:
    """Have a shelter proposed by one coordinator, and return the proposal."""
    answer = await desk.request("POST", "/v1/shelters", desk.callers.coordinator("R07"), registered()["data"])
    proposal: str = answer.json()["proposal"]
    return proposal


async def _decide(desk: Desk, verb: str, proposal: str, body: dict[str, str] | None = None) -> Any:
    second = desk.callers.coordinator("R07", sub="c2")
    answer = await desk.request("POST", f"/v1/proposals/{{proposal}}/{verb}", second, body, proposal=proposal)
    return answer.status_code if answer.status_code == 200 else answer.json()["type"].rpartition(":")[2]


def _decisions(desk: Desk) -> list[str]:
    """List the decisions that are in the topic of proposals."""
    values = [orjson.loads(value) for topic, value in desk.records if topic == "plek.proposals"]
    return [value["verdict"] for value in values if "verdict" in value]


def _beds(desk: Desk) -> int:
    return sum(topic == "plek.bed-events" for topic, _ in desk.records)


async def test_what_can_not_be_recorded_is_not_decided(desk: Desk) -> None:
    """While the audit log takes nothing a decision is refused, and is neither in the topic nor in the log; the proposal stays open."""
    proposal = await _proposed(desk)
    desk.audited.log.away = True
    assert await _decide(desk, "confirm", proposal) == "kafka-away"
    assert await _decide(desk, "reject", proposal, {"reason": "not_agreed"}) == "kafka-away"
    tracked = desk.proposals.log.table.get(proposal)
    assert tracked is not None
    assert (_decisions(desk), _beds(desk), tracked.is_open(now_ms())) == ([], 0, True)
    desk.audited.log.away = False
    await until(lambda: desk.audited.writer.ready)
    assert await _decide(desk, "confirm", proposal) == 200
    assert (_decisions(desk), _beds(desk)) == (["confirmed"], 1)


async def test_what_is_rejected_is_rejected_once(desk: Desk) -> None:
    """A second rejection, and a confirmation after it, are refused before anything is written: neither record nor decision."""
    proposal = await _proposed(desk)
    assert await _decide(desk, "reject", proposal, {"reason": "not_agreed"}) == 200
    written = len(desk.audited.told)
    assert await _decide(desk, "reject", proposal, {"reason": "not_agreed"}) == "proposal-decided"
    assert await _decide(desk, "confirm", proposal) == "proposal-decided"
    assert (_decisions(desk), len(desk.audited.told)) == (["rejected"], written)


async def test_what_can_not_be_recorded_is_not_proposed(desk: Desk) -> None:
    """While the audit log takes nothing a proposal is refused and is not in the topic, by a form or as an event."""
    coordinator = desk.callers.coordinator("R07")
    desk.audited.log.away = True
    answers = [
        await desk.request("POST", "/v1/shelters", coordinator, registered()["data"]),
        await desk.send(coordinator, registered(source="urn:plek:coordinator")),
    ]
    assert [answer.json()["type"].rpartition(":")[2] for answer in answers] == ["kafka-away"] * 2
    assert desk.records == []


class _Logs:
    """The log of events and the topic of proposals as one: what is appended to which, in order; `away` is the log of events."""

    def __init__(self, *left: TrackedProposal) -> None:
        self.steps: list[str] = []
        self.away, self.left = False, left
        self.table = SimpleNamespace(unfinished=lambda: self.left)
        self.executor = ProposalExecutor(
            log=SimpleNamespace(append=self._events),  # type: ignore[arg-type]
            proposals=SimpleNamespace(append=self._proposals, table=self.table),  # type: ignore[arg-type]
            ids=SimpleNamespace(make=lambda proposal, _: [proposal.proposal]),  # type: ignore[arg-type]
            now=lambda: 10_000,
        )

    async def _events(self, events: list[Any]) -> list[LogPosition]:
        await asyncio.sleep(0)
        if self.away:
            raise ProblemError("kafka-away")
        self.steps += [f"events of {name}" for name in events]
        return [LogPosition(0, 0)]

    async def _proposals(self, record: Any) -> None:
        self.steps.append(f"{record.appended} appended")


def _confirmed(name: str, at: int) -> Any:
    return SimpleNamespace(proposal=SimpleNamespace(proposal=name), decision=SimpleNamespace(at=at))


async def test_a_proposal_is_called_carried_out_after_its_events() -> None:
    """The events are in the log before the topic says so: after a crash in between they are appended once more, and not lost."""
    logs = _Logs()
    await logs.executor.carry_out(_confirmed("a", 0))
    assert logs.steps == ["events of a", "a appended"]
    logs.away = True
    with pytest.raises(ProblemError):
        await logs.executor.carry_out(_confirmed("b", 0))
    assert logs.steps == ["events of a", "a appended"]


async def test_what_was_left_undone_is_carried_out_after_five_seconds() -> None:
    """What was confirmed five seconds ago and not appended is carried out, what was confirmed later is left to its own process."""
    logs = _Logs(_confirmed("a", 5_001), _confirmed("b", 5_000), _confirmed("c", 0))
    await logs.executor.finish_left()
    assert logs.steps == ["events of b", "b appended", "events of c", "c appended"]
    logs.away = True
    await logs.executor.finish_left()


@pytest.mark.parametrize("read", [True, False])
async def test_a_record_counts_when_this_process_has_read_it(*, read: bool) -> None:
    """A record of proposals that is acknowledged, and is not read in time, is a log that is away: its caller could not find it."""
    asked: list[int] = []

    async def wait_until(offset: int, _within_s: float) -> bool:
        asked.append(offset)
        return read

    log: Any = ProposalLog(
        log=MemoryLog(1),
        topics=Topics("plek"),
        table=SimpleNamespace(topic=SimpleNamespace(wait_until=wait_until)),  # type: ignore[arg-type]
        metrics=Metrics(),
    )
    with nullcontext() if read else pytest.raises(LogUnavailableError):
        await log.append(EventsAppended(appended="a"), EventsAppended(appended="b"))
    assert asked == [1]


@pytest.mark.parametrize(("away", "kind"), [(ViewUnavailableError("away"), "view-away"), (LogUnavailableError(), "kafka-away")])
def test_a_view_and_a_log_that_are_away_are_two_problems(away: Exception, kind: str) -> None:
    """A caller is answered which of the two does not answer: a view that is away is not called Kafka."""
    with pytest.raises(ProblemError) as problem, unavailable_as_problem():
        raise away
    assert problem.value.kind == kind
