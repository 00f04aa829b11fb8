"""`GET /v1/operator/partitions`: how far the view is behind the log, and what the last verification found."""

from typing import Any

import pytest

from services.adapters.kafka.ports import LogRecord
from services.adapters.kafka.topics import partition_of
from services.adapters.roles import ROLES
from services.adapters.view.last_checks import ViewCheck
from services.adapters.view.ports import PartitionCheck
from tests.api.conftest import Window, kind
from tests.sent import declared, registered

BERK = partition_of(b"berk", 12)


async def _read(window: Window) -> dict[str, Any]:
    answer = await window.get("/v1/operator/partitions", window.callers.operator)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _logged(window: Window, records: int) -> None:
    await window.letters.append([LogRecord("plek.bed-events", b"berk", b"{}") for _ in range(records)])


async def test_an_operator_sees_how_far_the_view_is_behind(window: Window) -> None:
    """Two of five records are folded: the view is at 1, the log ends at 5, and three records are missing; the age is that of the stamp."""
    await window.folded.fold(registered(), declared())
    await _logged(window, 5)
    window.later[0] = 7_000
    found = (await _read(window))["partitions"]
    assert [(each["topic"], each["partition"]) for each in found] == [(topic, n) for topic in ("beds", "demand") for n in range(12)]
    shown = found[BERK]
    assert (shown["position"], shown["end"], shown["behind"], shown["age_seconds"]) == (1, 5, 3, 7)
    assert {each["behind"] for each in found if each is not shown} == {0}
    assert {each["position"] for each in found if each is not shown} == {None}


async def test_a_partition_that_stands_still_says_why(window: Window) -> None:
    """Halted and rebuilding partitions are shown as such."""
    await window.folded.view.halt(4, "version_too_new")
    await window.folded.stand(3, rebuild_until=100)
    found = (await _read(window))["partitions"]
    assert [each["partition"] for each in found if each["halted"] == "version_too_new"] == [4]
    assert [each["partition"] for each in found if each["rebuilding"]] == [3]


async def test_what_the_canary_found_is_answered(window: Window) -> None:
    """A partition that was compared says when, with what, and how much differed; of the others nothing is known."""
    await window.folded.view.mark_checked(4, PartitionCheck(at=1_772_409_600_000, log_at=0, differences=2))
    found = (await _read(window))["partitions"]
    shown = (found[4]["compared_at"], found[4]["compared_with_log_at"], found[4]["differences"])
    assert shown == ("2026-03-02T00:00:00Z", None, 2)
    assert {each["differences"] for each in found if each is not found[4]} == {None}


async def test_without_kafka_nothing_is_said_of_the_end(window: Window) -> None:
    """The positions are answered, and how far they are behind is unknown: not 0."""
    await window.folded.fold(registered())
    window.letters.away = True
    shown = (await _read(window))["partitions"][BERK]
    assert (shown["position"], shown["end"], shown["behind"]) == (0, None, None)


async def test_the_last_verification_is_answered_with_its_time(window: Window) -> None:
    """Before the first there is none; then what it compared and found."""
    assert (await _read(window))["last_verify"] is None
    await window.checks.write(ViewCheck(at=1_772_409_600_000, partitions=24, all=True, records=5_016, differences=2))
    assert (await _read(window))["last_verify"] == {
        "at": "2026-03-02T00:00:00Z",
        "partitions": 24,
        "all": True,
        "records": 5_016,
        "differences": 2,
    }


@pytest.mark.parametrize("role", [role for role in ROLES if role != "operator"])
async def test_no_other_role_sees_positions(window: Window, role: str) -> None:
    """A position shows when another shelter moved: it is for operators."""
    headers = {"shelter": window.callers.shelter("berk"), "coordinator": window.callers.coordinator("R07")}
    assert kind(await window.get("/v1/operator/partitions", headers.get(role) or window.callers.of(role))) == (403, "forbidden")


async def test_without_the_view_there_is_no_answer(window: Window) -> None:
    """503, never positions of nothing."""
    window.folded.view.away = True
    assert kind(await window.get("/v1/operator/partitions", window.callers.operator)) == (503, "data-unavailable")
