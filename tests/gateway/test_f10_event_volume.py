"""What finding F10 showed to be unmetered at the gateway: events of one shelter. Above a limit a day the coordinators read an alert."""

from pathlib import Path
from typing import Any

from services.adapters.alerts.alert_record import Alert, decode_alert
from services.adapters.auth.rate_limits import MemoryRates
from services.adapters.clock import now_ms, seconds
from services.adapters.http.app_factory import running
from services.domain.events.catalog import Event
from services.gateway.event_volume import EventVolume
from tests.audited import Audited
from tests.folded import WIRE, Folded
from tests.gateway.conftest import Desk
from tests.gateway.volumes import volume_over
from tests.sent import declared, event, registered
from tests.twins.memory_log import MemoryLog


def _counts(*numbers: int) -> list[dict[str, Any]]:
    return [event("count-confirmed", number=number) for number in numbers]


def _decoded(sent: list[dict[str, Any]]) -> list[Event]:
    return [read for each in sent if isinstance(read := WIRE.decode_object(each), Event)]


def _raised(log: MemoryLog) -> list[Alert]:
    return [alert for record in log.records["plek.alarms", 0] if (alert := decode_alert(record.value))]


async def _folded() -> Folded:
    folded = Folded(now_ms())
    await folded.begin()
    await folded.fold(registered())
    return folded


async def test_f10_a_shelter_above_its_events_a_day_raises_an_alert(tmp_path: Path) -> None:
    """Two gateways count six events where five are usual: an alert for the region, again at eleven, with an audit record each."""
    log, audited, folded, rates = MemoryLog(1), Audited(), await _folded(), MemoryRates(seconds)
    first, second = [volume_over(log, folded, audited, tmp_path, 5, rates) for _ in range(2)]
    sent: list[tuple[EventVolume, int, list[int]]]
    sent = [
        (first, 3, []),
        (second, 2, []),
        (second, 1, [6]),
        (first, 4, [6]),
        (first, 1, [6, 11]),
    ]
    async with running(audited.writer.run_forever):
        for volume, number, raised in sent:
            volume.add(_decoded(_counts(*range(number))))
            await volume.flush()
            assert [alert.count for alert in _raised(log)] == raised
    alerts = _raised(log)
    assert [(alert.what, alert.count, alert.regions, alert.reason, alert.desk) for alert in alerts] == [
        ("events", 6, ("R07",), "berk", None),
        ("events", 11, ("R07",), "berk", None),
    ]
    assert len({alert.id for alert in alerts}) == 1
    assert audited.told == [("alarm-raised", "success", ["berk"])] * 2


async def test_f10_an_alert_waits_for_the_view_that_knows_the_region(tmp_path: Path) -> None:
    """While the view is away nothing is guessed; the alert is raised once the region of the shelter is known."""
    log, audited, folded = MemoryLog(1), Audited(), await _folded()
    volume = volume_over(log, folded, audited, tmp_path, 1)
    folded.view.away = True
    async with running(audited.writer.run_forever):
        volume.add(_decoded(_counts(1, 2)))
        await volume.flush()
        assert _raised(log) == []
        folded.view.away = False
        for _ in range(2):
            await volume.flush()
    assert [alert.regions for alert in _raised(log)] == [("R07",)]


async def test_f10_what_was_accepted_over_http_is_counted_but_not_of_an_operator(desk: Desk) -> None:
    """Events of a shelter count, each accepted one; an operator, who may send a whole log, raises no alert."""
    desk.volume.most = 3
    await desk.folded.fold(registered())
    operator, shelter = desk.callers.operator, desk.callers.shelter("berk")
    assert (await desk.send(operator, *(declared(f"u{number}") for number in range(9)))).status_code == 200
    await desk.volume.flush()
    for number in range(4):
        await desk.send(shelter, _counts(number)[0])
    await desk.send(shelter, event("admission", unit="u1"))
    await desk.volume.flush()
    [alert] = [decode_alert(value) for topic, value in desk.records if topic == "plek.alarms"]
    assert alert
    assert (alert.what, alert.count) == ("events", 4)
