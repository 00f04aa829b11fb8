"""A release as an explicit act: the draft that was shown is published, once and for ever; a simulated country publishes none."""

from typing import Any

import httpx

from tests.api.conftest import kind
from tests.monitor.http.conftest import Monitor
from tests.waiting import until

_DRAFT, _RELEASE = "/v1/monitor/release-drafts/2023", "/v1/monitor/releases/2023"


async def _drafted(monitor: Monitor) -> dict[str, Any]:
    """Ask for a draft until it is there; return it."""
    monitor.gate.set()
    await monitor.get(_DRAFT, monitor.callers.of("analyst"))
    await monitor.wait_for("draft", 2023, "done")
    found: dict[str, Any] = (await monitor.get(_DRAFT, monitor.callers.of("analyst"))).json()
    return found


async def _publish(monitor: Monitor, draft: dict[str, Any], version: object = 1) -> httpx.Response:
    return await monitor.client.put(f"{_RELEASE}/{version}", params=_known_at(draft), headers=monitor.callers.of("analyst"))


def _known_at(draft: dict[str, Any]) -> dict[str, str]:
    return {"knownAt": draft["progress"]["known_at"]}


async def test_what_was_shown_is_published_for_anyone(monitor: Monitor) -> None:
    """The draft is not public; published, anyone reads the same document, and the act is in the audit log."""
    draft = await _drafted(monitor)
    assert (await monitor.client.get(_RELEASE)).status_code == 404
    done = await _publish(monitor, draft)
    assert done.status_code == 200
    assert (await monitor.client.get(_RELEASE)).json() == done.json() == draft["draft"]
    await until(lambda: monitor.audited.entries[-1]["event"] == "release-published")
    assert monitor.audited.entries[-1]["what"] == ["release", "2023", "1"]


async def test_a_retry_publishes_no_second_one(monitor: Monitor) -> None:
    """The same request again has the same answer, and one release is out; the next draft has nothing new in it."""
    draft = await _drafted(monitor)
    first, again = await _publish(monitor, draft), await _publish(monitor, draft)
    assert (again.status_code, again.content) == (200, first.content)
    assert len(monitor.published.keys) == 1


async def test_another_version_or_another_draft_is_not_published(monitor: Monitor) -> None:
    """A version that is not the draft's, and a draft that was not shown, are refused."""
    draft = await _drafted(monitor)
    assert kind(await _publish(monitor, draft, version=2)) == (404, "not-found")
    other = {"progress": {"known_at": "2024-01-09T11:00:00Z"}}
    assert kind(await _publish(monitor, other)) == (404, "not-found")
    assert kind(await _publish(monitor, draft, version="one")) == (404, "not-found")
    assert len(monitor.published.keys) == 0


async def test_a_simulated_country_publishes_nothing(monitor: Monitor) -> None:
    """A draft of a made-up country can be looked at, and not be published."""
    monitor.simulated = True
    draft = await _drafted(monitor)
    assert draft["draft"]["simulated"] is True
    assert kind(await _publish(monitor, draft)) == (403, "not-live")
    assert len(monitor.published.keys) == 0


async def test_who_may_not_see_figures_may_publish_none(monitor: Monitor) -> None:
    """The draft and the act are an analyst's and an operator's."""
    draft, callers = await _drafted(monitor), monitor.callers
    for headers in (callers.worker(), callers.shelter("berk"), callers.coordinator("R07"), callers.of("auditor")):
        assert (await monitor.client.get(_DRAFT, headers=headers)).status_code == 403
        assert (await monitor.client.put(f"{_RELEASE}/1", params=_known_at(draft), headers=headers)).status_code == 403
    assert len(monitor.published.keys) == 0
    assert (await monitor.client.put(f"{_RELEASE}/1", params=_known_at(draft), headers=callers.operator)).status_code == 200
