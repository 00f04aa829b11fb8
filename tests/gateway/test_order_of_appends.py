"""What the gateway records and counts when an append fails: the state in which a caller sends again."""

import asyncio
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.adapters.kafka.ports import LogPosition, LogUnavailableError
from services.adapters.problem_details import ProblemError
from services.domain.events.catalog import Event
from services.gateway.proposals.shelter_changes import SortedChanges
from services.gateway.publish_events import PublishEvents
from tests.folded import WIRE
from tests.gateway.conftest import Desk
from tests.gateway.proposals.proposing import intake_over
from tests.sent import admitted, declared, registered


def _kind(answer: Any) -> str:
    kind: str = answer.json()["type"].rpartition(":")[2]
    return kind


async def _with_shelter(desk: Desk) -> dict[str, str]:
    await desk.folded.fold(registered(), declared())
    return desk.callers.shelter("berk")


async def test_an_append_that_failed_is_recorded_as_such(desk: Desk) -> None:
    """A fact that the log did not take is in the audit log twice: as it was begun, and as it failed."""
    shelter = await _with_shelter(desk)
    desk.log.away = True
    assert _kind(await desk.send(shelter, admitted())) == "kafka-away"
    assert [outcome for _, outcome, _ in desk.audited.told] == ["success", "failed"]


@pytest.mark.parametrize("failing", ["record", "append"])
async def test_a_fact_is_recorded_and_appended_or_is_no_success(failing: str) -> None:
    """A fact goes to the audit log and to the log at once; where one of the two fails, that is raised after the other has ended."""
    steps: list[str] = []

    async def record(*_: Any, outcome: str = "success", **__: Any) -> None:
        if failing == "record":
            raise ProblemError("kafka-away")
        steps.append(outcome)

    async def append(*_: Any, **__: Any) -> list[LogPosition]:
        for _each in range(3):
            await asyncio.sleep(0)
        if failing == "append":
            raise ProblemError("too-large")
        steps.append("appended")
        return []

    event = WIRE.decode_object(admitted())
    assert isinstance(event, Event)
    call: Any = SimpleNamespace(caller=SimpleNamespace(role="shelter"), record=record)
    publishing: Any = SimpleNamespace(log=SimpleNamespace(append=append))
    publishing._append_recorded = partial(PublishEvents._append_recorded, publishing)
    with pytest.raises(ProblemError) as problem:
        await PublishEvents._append(publishing, call, [event], SortedChanges(append=[event]))
    assert (problem.value.kind, steps) == (("kafka-away", ["appended"]) if failing == "record" else ("too-large", ["success", "failed"]))


async def test_the_intake_counts_what_the_log_has(desk: Desk, tmp_path: Path) -> None:
    """While the log is away no event and no dead letter of the intake is counted; read again, each is counted once."""
    await _with_shelter(desk)
    intake, counted = intake_over(desk, tmp_path, "org-1"), b'plek_events_total{answer="refused",type="unknown",way="intake"} '
    desk.log.away = True
    with pytest.raises(LogUnavailableError):
        await intake.take(admitted(shelter="els"))
    assert counted not in desk.metrics.page()
    desk.log.away = False
    await intake.take(admitted(shelter="els"))
    assert counted + b"1.0" in desk.metrics.page()
