"""What is to be remarked on an event when it is logged: how well the log was kept, not what it says.

A remark is made once, from what had been logged of that shelter or case before, and never changed.
"""

from dataclasses import dataclass
from typing import Final

from services.domain.durations import DAY_NS, NS_PER_MS
from services.domain.events import catalog as e
from services.monitor.intervals.bitemporal_rows import LoggedAt
from services.monitor.intervals.row_types import RowWriter
from services.monitor.query import Topic

# A shelter that reports what happened the evening before is on time
_LATE: Final = DAY_NS


@dataclass(slots=True)
class Remarks:
    """The remarks on the events of one shelter or case; `last` is the latest time (ns) at which anything logged so far happened."""

    topic: Topic
    partition: int
    put: RowWriter
    last: int | None = None

    def add(self, event: e.Event, position: LoggedAt, region: str | None, *, double: bool, oversized: bool = False) -> None:
        """Write the remarks on an event that was just folded, where there is one."""
        late = disordered = False
        correction = not double and isinstance(event.data, e.Correction | e.DemandCorrection)
        if not double and e.says_what_happened(event.data):
            happened = event.occurred_at
            late = position.clock * NS_PER_MS - happened > _LATE
            disordered = self.last is not None and happened < self.last
            self.last = happened if self.last is None else max(self.last, happened)
        remarks = (late, correction, disordered, double, oversized)
        if any(remarks):
            self.put("remarks", (self.topic, self.partition, position.offset, position.clock, region, *remarks))
