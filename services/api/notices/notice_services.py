"""Composes the notices of one API process; without a receiver in the settings nothing runs."""

from dataclasses import dataclass

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import now_ms, seconds
from services.adapters.config.notice_hooks import read_hooks
from services.adapters.config.settings import Settings
from services.adapters.observability.metrics import Metrics
from services.api.notices.delivery_marks import RedisDeliveryMarks
from services.api.notices.dispatcher import Dispatcher
from services.api.notices.due_notices import DueNotices
from services.api.notices.notice_watch import NoticeWatch
from services.api.notices.outbound_calls import OutboundCalls
from services.api.notices.webhooks import Webhooks
from services.api.read_model.country_cache import CountryCache
from services.domain.durations import HOUR_MS


@dataclass(frozen=True, slots=True)
class NoticeServices:
    """What notices are made of."""

    running: list[NoticeWatch]
    """What runs for as long as the API does."""
    marks: RedisDeliveryMarks
    calls: OutboundCalls

    async def close(self) -> None:
        """Close every connection."""
        await self.marks.close()
        await self.calls.close()


def compose_notices(settings: Settings, mirror: CountryCache, pseudonyms: Pseudonyms, metrics: Metrics) -> NoticeServices:
    """Return the notices of these settings."""
    hooks = read_hooks(settings.notice_hooks.get_secret_value()) if settings.notice_hooks else {}
    marks, calls = RedisDeliveryMarks(settings.redis, settings.prefix), OutboundCalls()
    webhooks = Webhooks(hooks=hooks, calls=calls, now=now_ms)
    due = DueNotices(pseudonyms=pseudonyms, nudge_ms=round(settings.nudge_hours * HOUR_MS), age_limits=mirror.reading.age_limits)
    dispatcher = Dispatcher(receivers=webhooks.receivers_of, marks=marks, seconds=seconds, metrics=metrics)
    watch = NoticeWatch(mirror=mirror, due=due, dispatcher=dispatcher)
    return NoticeServices([watch] if hooks else [], marks, calls)
