"""Appends records to the log, or else to the outbox on disk. A caller is answered after one of the two.

While something waits in the outbox everything goes there, so that nothing overtakes it. A log that does not acknowledge within a second
counts as away; what was sent to it is queued as well, and counts once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.adapters.kafka.ports import AppendableLog, LogPosition, LogRecord, LogUnavailableError
from services.adapters.outbox import Outbox

# No answer waits longer than this for a log that may be away; an acknowledgement takes milliseconds.
_ACKNOWLEDGED_S: Final = 0.8
# A record that has waited longer than this waits for a log that is away; before that it is on its way.
_AWAY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class DurableLog:
    """Takes records that are never refused because the log is away."""

    log: AppendableLog
    outbox: Outbox
    _unacknowledged: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def certain(self) -> bool:
        """Return whether all that was taken is in the log."""
        return self._ready and not self.outbox.waiting

    @property
    def away(self) -> bool:
        """Return whether the log is away, as far as this process knows."""
        return not self._ready or self.outbox.waits_s > _AWAY_S

    @property
    def _ready(self) -> bool:
        log = self.log
        return log.ready

    async def append_or_queue(self, records: Sequence[LogRecord]) -> list[LogPosition] | None:
        """Append records in order and return their positions; None when they are queued on disk; OutboxError when neither takes them."""
        if self.certain:
            positions = await self._append(records)
            if positions is not None:
                return positions
        await self.outbox.append(records)
        return None

    async def _append(self, records: Sequence[LogRecord]) -> list[LogPosition] | None:
        """Append; None when the log is away, or does not acknowledge. It may have them then: it is not interrupted (R1, D1)."""
        sending = asyncio.create_task(self.log.append(records))
        self._unacknowledged.add(sending)
        sending.add_done_callback(self._end)
        done, _ = await asyncio.wait((sending,), timeout=_ACKNOWLEDGED_S)
        if not done:
            return None
        try:
            return sending.result()
        except LogUnavailableError:
            return None

    def _end(self, sending: "asyncio.Task[Any]") -> None:
        self._unacknowledged.discard(sending)
        if not sending.cancelled():
            sending.exception()  # read, so that asyncio does not log an exception that was never retrieved
