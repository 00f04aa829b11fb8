"""Appends events of demand to the log, or else to the outbox on disk (`services/adapters/durable_log.py`)."""

from dataclasses import dataclass

from services.adapters.durable_log import DurableLog
from services.adapters.kafka.ports import LogPosition
from services.adapters.outbox import Outbox, OutboxError
from services.adapters.problem_details import ProblemError
from services.api.publishing.event_publisher import EventPublisher
from services.api.publishing.need_sealing import NeedSealing
from services.domain.events.catalog import Event


@dataclass(frozen=True, slots=True)
class DurablePublisher:
    """Publishes events that are never refused because the log is away; of a search or a fallback with its need sealed."""

    sending: EventPublisher
    durable: DurableLog
    needs: NeedSealing

    @property
    def outbox(self) -> Outbox:
        """Return what waits on disk."""
        return self.durable.outbox

    @property
    def certain(self) -> bool:
        """Return whether all that was taken is in the log: else the view can't show that there is none of something."""
        return self.durable.certain

    @property
    def away(self) -> bool:
        """Return whether the log is away, as far as this process knows: nothing can be held now."""
        return self.durable.away

    async def append_or_queue(self, *events: Event) -> list[LogPosition] | None:
        """Append events in order and return their positions; None when they are queued on disk; ProblemError when neither takes them."""
        records = [self.sending.record(self.needs.sealed(event)) for event in events]
        keys = self.needs.unwritten()
        try:
            positions = await self.durable.append_or_queue([*keys, *records])
        except OutboxError as full:
            raise ProblemError("not-accepted") from full
        self.needs.mark_written(keys)
        return None if positions is None else positions[len(keys) :]
