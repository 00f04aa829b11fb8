"""The check of topic settings: no record is appended before they are right, and each fault is a line in the log."""

import asyncio
from dataclasses import replace

import pytest

from services.adapters.http.app_factory import running
from services.adapters.kafka.topic_admin import TopicAdmin
from services.adapters.kafka.topic_config_check import TopicConfigCheck
from services.adapters.kafka.topics import Topics, create_topics, plans
from services.adapters.observability.metrics import Metrics
from tests.controlled_servers import Kafka
from tests.topic_settings import change
from tests.waiting import until

pytestmark = pytest.mark.e2e


async def test_nothing_runs_before_the_topics_are_right(kafka: Kafka, prefix: str, caplog: pytest.LogCaptureFixture) -> None:
    """Missing topics and a truth topic with a wrong setting are each logged once, and work waits; once they are right, it runs."""
    ran = asyncio.Event()

    async def appending() -> None:
        ran.set()

    watch = TopicConfigCheck(kafka.brokers, prefix, 12, Metrics())
    async with running(watch.run_forever, watch.before(appending)):
        await until(lambda: f"{prefix}.bed-events: missing" in _said(caplog))
        await create_topics(kafka.brokers, f"{prefix}-other")
        beds, demand, *others = plans(Topics(prefix), brokers=1)
        async with TopicAdmin(kafka.brokers) as admin:
            wrong = {"message.timestamp.type": "CreateTime"}
            await admin.create([*(replace(plan, settings={**plan.settings, **wrong}) for plan in (beds, demand)), *others])
        line = f"{prefix}.bed-events: message.timestamp.type is CreateTime, must be LogAppendTime"
        await until(lambda: line in _said(caplog))
        assert not ran.is_set()
        assert not watch.passed
        for topic in ("bed-events", "demand-events"):
            await change(kafka.brokers, f"{prefix}.{topic}", {"message.timestamp.type": "LogAppendTime"})
        await until(ran.is_set)
    assert watch.passed
    assert _said(caplog).count(line) == 1


async def test_a_setting_changed_while_it_runs_is_logged_and_stops_nothing(
    kafka: Kafka, prefix: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting that is changed while the service runs is logged and counted in the metric, and stops nothing."""
    monkeypatch.setattr("services.adapters.kafka.topic_config_check._AGAIN_S", 0.1)
    await create_topics(kafka.brokers, prefix)
    metrics = Metrics()
    watch = TopicConfigCheck(kafka.brokers, prefix, 12, metrics)
    async with running(watch.run_forever):
        await until(lambda: watch.passed)
        await change(kafka.brokers, f"{prefix}.bed-events", {"retention.ms": "86400000"})
        await until(lambda: f"{prefix}.bed-events: retention.ms is 86400000, must be -1" in _said(caplog))
    assert watch.passed
    assert b'plek_setup_faults{part="topics"} 1.0' in metrics.page()


def _said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [vars(record)["why"] for record in caplog.records if record.name == "services.adapters.kafka.topic_config_check"]
