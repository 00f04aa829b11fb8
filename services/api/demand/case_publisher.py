"""Publishes the events of demand, which no fault of Plek refuses: to the log, or else to the outbox (`durable_publisher.py`).

No rate limit applies, and the audit entry is written after the event was taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from services.adapters.auth.pseudonyms import Attempt
from services.adapters.codec.event_codec import key_of
from services.adapters.codec.validation import in_future
from services.adapters.http.call import Call
from services.adapters.http.request_body import wrong
from services.adapters.outbox import Outbox
from services.adapters.problem_details import ProblemError
from services.adapters.rfc3339 import show
from services.adapters.view.case_documents import CaseShown, Stated
from services.api.publishing.durable_publisher import DurablePublisher
from services.api.publishing.event_publisher import WORKER, EventPublisher
from services.api.read_model.view_reader import ViewReader
from services.domain.demand.case_fold import Kind
from services.domain.events.catalog import DemandData, Event, FallbackEnded, WaitingListLeft


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """One thing to log of a case: its kind, what happens to it, for a desk of which region, and the event of an attempt.

    `case` is the case as it stands, where that is certain; `attempt` is known already where it had to be.
    """

    kind: Kind
    what: str
    region: str
    event: Callable[[Attempt], DemandData]
    case: CaseShown | None = None
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class PublishedCase:
    """What became of a change: `logged`, `queued` on disk, or `unchanged` because of an earlier end, which counts (D3)."""

    key: str
    status: Literal["logged", "queued", "unchanged"]
    visible: bool
    end: Stated | None = None

    def members(self) -> dict[str, Any]:
        """Return the members of an answer that every change has."""
        end = {"outcome": self.end.data["outcome"], "occurred_at": show(self.end.occurred_at)} if self.end else {}
        return {"status": self.status, "visible": self.visible} | end


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePublisher:
    """Publishes changes of cases. `durable` is the log with the outbox behind it."""

    reading: ViewReader
    durable: DurablePublisher

    @property
    def sending(self) -> EventPublisher:
        """Return what makes events and appends them."""
        return self.durable.sending

    @property
    def outbox(self) -> Outbox:
        """Return what waits on disk."""
        return self.durable.outbox

    @property
    def certain(self) -> bool:
        """Return whether all that was taken is in the log: else the view can't show that there is none of something."""
        return self.durable.certain

    def require_past(self, occurred_at: int | None) -> None:
        """Raise a ProblemError where something is stated to happen later than now (ns)."""
        if occurred_at is not None and in_future(occurred_at, self.reading.now()):
            raise ProblemError("invalid", errors=[wrong("/occurred_at", "in_future")])

    async def publish(self, call: Call[Any], change: CaseChange) -> PublishedCase:
        """Publish a change, and return what became of it once the audit entry is written, if possible."""
        attempt = change.attempt or await self.sending.attempt(call, call.json)
        event = self.sending.event(attempt, WORKER, change.region, change.event(attempt))
        published = await self._append(event, change)
        await call.record_if_possible((change.kind, published.key), what=(change.what,))
        return published

    async def _append(self, event: Event, change: CaseChange) -> PublishedCase:
        key, case = key_of(event), change.case
        if case and isinstance(event.data, FallbackEnded | WaitingListLeft) and case.ended_before(event):
            # Logged, it would take the place of the end that counts if that is taken back
            return PublishedCase(key, "unchanged", visible=True, end=case.end)
        positions = await self.durable.append_or_queue(event)
        if positions is None:
            return PublishedCase(key, "queued", visible=False)
        return PublishedCase(key, "logged", visible=await self.sending.shown([event], positions))
