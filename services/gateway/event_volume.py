"""Counts the events of each shelter a day, over all gateways and both ways in, and raises an alert above a limit; none is refused.

A key that fills the log of a shelter is seen by the coordinators of its region within seconds. Events are counted after they were
acknowledged and once a second, so no answer waits for it; a process that is killed leaves at most that second uncounted.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from services.adapters.alerts.alert_record import Alert
from services.adapters.alerts.alert_sender import AlertSender
from services.adapters.audit.records import Entry, shelters
from services.adapters.audit.writer import AuditWriter
from services.adapters.auth.rate_limits import Rates
from services.adapters.clock import Clock
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.observability.metrics import Metrics
from services.adapters.view.ports import ReadableView, ViewUnavailableError
from services.domain.durations import DAY_MS, DAY_S
from services.domain.events.catalog import DEMAND_EVENTS, Event
from services.gateway.ownership import OwnershipLookup

_log = logging.getLogger(__name__)
_EVERY_S: Final = 1.0


@dataclass(slots=True, kw_only=True)
class EventVolume:
    """Counts events, and raises an alert each time a shelter exceeds `most` a day once more; `oldest_ms` as in `OwnershipLookup`."""

    rates: Rates
    sender: AlertSender
    audit: AuditWriter
    view: ReadableView
    partitions: int
    oldest_ms: int
    most: int
    now: Clock
    metrics: Metrics
    _pending: Counter[str] = field(default_factory=Counter)
    _unplaced: dict[str, tuple[str, Alert]] = field(default_factory=dict)
    """Alerts whose region is not known yet, with their shelter, by id."""

    def add(self, events: Iterable[Event]) -> None:
        """Count events that were acknowledged; those of demand are of no shelter."""
        self._pending.update(event.subject for event in events if not isinstance(event.data, DEMAND_EVENTS))

    async def run_forever(self) -> None:
        """Count once a second what was acknowledged, until cancelled; then what is left."""
        self.metrics.count("plek_alarms_total", 0, what="events")
        try:
            while True:
                await asyncio.sleep(_EVERY_S)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Count what was acknowledged since the last time, and raise the alerts that are due."""
        pending, self._pending = self._pending, Counter()
        day = self.now() // DAY_MS
        for shelter, number in pending.items():
            total = await self.rates.add("events", f"{shelter}:{day}", number, DAY_S)
            if _steps(total, self.most) > _steps(total - number, self.most):
                alert = Alert(id=f"events:{shelter}:{day}", at=self.now(), what="events", count=total, reason=shelter)
                self._unplaced[alert.id] = shelter, alert
        for shelter, alert in list(self._unplaced.values()):
            with suppress(ViewUnavailableError):  # the alert waits for the view, which knows the region
                await self._raise(shelter, alert)

    async def _raise(self, shelter: str, alert: Alert) -> None:
        region = await OwnershipLookup(self.view, self.partitions, self.now() - self.oldest_ms).region(shelter)
        del self._unplaced[alert.id]
        with suppress(LogUnavailableError):
            await self.audit.append(Entry(at=alert.at, happening="alarm-raised", objects=shelters([shelter]), what=("events",)))
        self.metrics.count("plek_alarms_total", what="events")
        _log.warning("a shelter sends very many events", extra={"count": alert.count})
        await self.sender.send(replace(alert, regions=(region,) if region else ()))


def _steps(total: int, most: int) -> int:
    """Return how many times a total exceeds the most that is usual."""
    return max(total - 1, 0) // most
