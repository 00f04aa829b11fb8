"""The watch over the topics: what is wrong with them stands in the log, a line each."""

import pytest

from services.adapters.topic_watch import TopicWatch
from services.adapters.topics import create_topics
from services.adapters.web import keeping
from services.local.kafka import Kafka
from tests.waiting import until


@pytest.mark.e2e
async def test_each_wrong_setting_is_a_line(kafka: Kafka, prefix: str, caplog: pytest.LogCaptureFixture) -> None:
    """A truth topic timed by its senders is named; what is right is not mentioned."""
    await create_topics(kafka.brokers, prefix, timestamps="CreateTime")
    async with keeping(TopicWatch(kafka.brokers, prefix, 12).keep):
        await until(lambda: len(_said(caplog)) == 2)
    assert _said(caplog)[0] == f"{prefix}.bed-events: message.timestamp.type is CreateTime, must be LogAppendTime"


def _said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [vars(record)["what"] for record in caplog.records if record.name == "services.adapters.topic_watch"]
