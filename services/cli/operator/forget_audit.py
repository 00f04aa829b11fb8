"""Deletes the records of the audit log that have been kept for as long as they must be (NEN 7513: five years)."""

from services.adapters.config.settings import Settings
from services.adapters.kafka.log_reader import Ends, Log
from services.adapters.kafka.topic_admin import TopicAdmin
from services.adapters.kafka.topics import AUDIT_KEPT_MS, Topics


async def due_of_audit(settings: Settings, now: int) -> Ends:
    """Return the records that are due at `now` (ms): from the first up to the first that must still be kept. LogUnavailableError."""
    async with Log(settings.brokers, Topics(settings.prefix).audit) as log:
        ends = (await log.ends([0]))[0]
        found = await log.offset_at(0, now - AUDIT_KEPT_MS)
        return Ends(ends.start, max(ends.start, ends.end if found is None else found))


async def forget_audit(settings: Settings, now: int) -> None:
    """Delete those records. LogUnavailableError, TopicsError."""
    due = await due_of_audit(settings, now)
    if due.start < due.end:
        async with TopicAdmin(settings.brokers) as admin:
            await admin.delete_below(Topics(settings.prefix).audit, {0: due.end})
