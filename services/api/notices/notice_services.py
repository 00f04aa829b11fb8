"""Composes the notices of one API process; without a receiver in the settings nothing runs."""

from collections.abc import Awaitable, Callable

from services.adapters.clock import now_ms, seconds
from services.adapters.config.notice_hooks import read_hooks
from services.adapters.config.push_service import read_push_hosts
from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.kafka.compacted_topic import CompactedTopic
from services.adapters.kafka.topics import Topics
from services.api.connections import Connections
from services.api.notices.delivery_marks import RedisDeliveryMarks
from services.api.notices.dispatcher import Dispatcher, Receiver
from services.api.notices.due_notices import DueNotice, DueNotices
from services.api.notices.notice_watch import NoticeWatch
from services.api.notices.outbound_calls import OutboundCalls
from services.api.notices.routes import BrowserNotices
from services.api.notices.subscriptions import KEPT_MS, Subscriptions
from services.api.notices.web_push import PushKey, WebPush
from services.api.notices.webhooks import Webhooks
from services.api.read_model.country_cache import CountryCache
from services.domain.durations import HOUR_MS


class NoticeServices:
    """The notices of one process."""

    def __init__(self, to: Connections, mirror: CountryCache) -> None:
        settings = to.settings
        hooks = read_hooks(settings.notice_hooks.get_secret_value()) if settings.notice_hooks else {}
        key = PushKey(settings.push_key.get_secret_value(), settings.contact_email) if settings.push_key else None
        topic = Topics(settings.prefix).push_subscriptions
        self._marks, self._calls = RedisDeliveryMarks(settings.redis, settings.prefix), OutboundCalls()
        self._followed = CompactedTopic(settings.brokers, topic, now_ms, KEPT_MS)
        seals = SealedTokens(to.pseudonyms.sealing_key("push"))
        subscriptions = Subscriptions(topic=self._followed, name=topic, durable=to.durable_log, seals=seals, now=now_ms)
        hosts = read_push_hosts(settings.push_hosts)
        self._webhooks = Webhooks(hooks=hooks, calls=self._calls, now=now_ms)
        self._push = WebPush(key=key, subscriptions=subscriptions, calls=self._calls, now=now_ms, hosts=hosts) if key else None
        self.browsers = BrowserNotices(key.public if key else None, subscriptions, hosts)
        due = DueNotices(pseudonyms=to.pseudonyms, nudge_ms=round(settings.nudge_hours * HOUR_MS), age_limits=mirror.reading.age_limits)
        dispatcher = Dispatcher(receivers=self._receivers_of, marks=self._marks, seconds=seconds, metrics=to.metrics)
        self._watch = NoticeWatch(mirror=mirror, due=due, dispatcher=dispatcher)

    def tasks(self) -> list[Callable[[], Awaitable[None]]]:
        """Return what runs for as long as the API does."""
        watching = [self._watch.run_forever] if self._webhooks.hooks or self._push else []
        return [*watching, *([self._followed.run_forever] if self._push else [])]

    def _receivers_of(self, notice: DueNotice) -> list[Receiver]:
        return [*self._webhooks.receivers_of(notice), *(self._push.receivers_of(notice) if self._push else [])]

    async def close(self) -> None:
        """Close every connection."""
        await self._marks.close()
        await self._calls.close()
