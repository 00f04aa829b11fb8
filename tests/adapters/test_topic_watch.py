"""The watch over the topics: nothing is appended before they are right, and what is wrong with them stands in the log, a line each."""

import asyncio

import pytest

from services.adapters.metrics import Metrics
from services.adapters.topic_watch import TopicWatch
from services.adapters.topics import create_topics
from services.adapters.web import keeping
from services.local.kafka import Kafka
from tests.topic_settings import change
from tests.waiting import until

pytestmark = pytest.mark.e2e


async def test_nothing_runs_before_the_topics_are_right(kafka: Kafka, prefix: str, caplog: pytest.LogCaptureFixture) -> None:
    """Missing topics, then a truth topic that forgets: each is a line, once, and what waits goes on waiting; put right, it runs."""
    ran = asyncio.Event()

    async def appending() -> None:
        ran.set()

    watch = TopicWatch(kafka.brokers, prefix, 12, Metrics())
    async with keeping(watch.keep, watch.before(appending)):
        await until(lambda: f"{prefix}.bed-events: missing" in _said(caplog))
        await create_topics(kafka.brokers, f"{prefix}-other")
        await create_topics(kafka.brokers, prefix, timestamps="CreateTime")
        line = f"{prefix}.bed-events: message.timestamp.type is CreateTime, must be LogAppendTime"
        await until(lambda: line in _said(caplog))
        assert not ran.is_set()
        assert not watch.passed
        for topic in ("bed-events", "demand-events"):
            await change(kafka.brokers, f"{prefix}.{topic}", {"message.timestamp.type": "LogAppendTime"})
        await until(ran.is_set)
    assert watch.passed
    assert _said(caplog).count(line) == 1


async def test_what_is_changed_while_it_runs_is_told_and_stops_nothing(
    kafka: Kafka, prefix: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can't append at all loses more than who appends to a topic that somebody lets forget; the metric raises the alarm."""
    monkeypatch.setattr("services.adapters.topic_watch._AGAIN_S", 0.1)
    await create_topics(kafka.brokers, prefix)
    metrics = Metrics()
    watch = TopicWatch(kafka.brokers, prefix, 12, metrics)
    async with keeping(watch.keep):
        await until(lambda: watch.passed)
        await change(kafka.brokers, f"{prefix}.bed-events", {"retention.ms": "86400000"})
        await until(lambda: f"{prefix}.bed-events: retention.ms is 86400000, must be -1" in _said(caplog))
    assert watch.passed
    assert b'plek_setup_faults{part="topics"} 1.0' in metrics.page()


def _said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [vars(record)["why"] for record in caplog.records if record.name == "services.adapters.topic_watch"]
