"""Says what is never refused for a fault of ours: to the log, or else to the outbox, and tells which. Of demand only.

While something waits in the outbox everything goes there, so that nothing overtakes it. Who says it need not wait her turn, and is noted
in the audit log after it was taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi import Request, Response

from services.adapters.checks import in_future
from services.adapters.identity import Caller
from services.adapters.outbox import Outbox, OutboxError
from services.adapters.problems import ProblemError
from services.adapters.pseudonym import Attempt
from services.adapters.view.cases import CaseShown
from services.adapters.web import answer
from services.adapters.wire import key_of
from services.api.forms import Form, wrong
from services.api.reading import Reading
from services.api.sending import WORKER, Sending
from services.domain.demand import Kind
from services.domain.events import DemandData, Event, FallbackEnded, WaitingListLeft

# As long as a person does not notice (design, section 4).
_VISIBLE_S: Final = 0.25

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Heard:
    """Who says something of demand, and the body she says it with; of a case that goes on also how it stands, where that is certain."""

    request: Request
    caller: Caller
    body: Any
    case: CaseShown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """All that posting takes."""

    reading: Reading
    sending: Sending
    outbox: Outbox

    async def hear(self, request: Request, form: Form[T]) -> tuple[Heard, T]:
        """Hear what a worker has to say; ProblemError when it is not of its form, or is said to happen later."""
        caller = await self.reading.caller(request, "worker", asked=None)
        said, body = await form.read(request)
        occurred_at = getattr(said, "occurred_at", None)
        if occurred_at is not None and in_future(occurred_at, self.reading.now()):
            raise ProblemError("invalid", errors=[wrong("/occurred_at", "in_future")])
        return Heard(request, caller, body), said

    async def say(
        self, heard: Heard, kind: Kind, what: str, region: str, make: Callable[[Attempt], DemandData], status: int = 200, **told: Any
    ) -> Response:
        """Say of a case what was heard, for a desk of a region, and answer with its id."""
        attempt = await self.sending.attempt(heard.request, heard.caller, heard.body)
        event = self.sending.event(attempt, WORKER, region, make(attempt))
        key = key_of(event)
        if heard.case and isinstance(event.data, FallbackEnded | WaitingListLeft) and heard.case.ended_before(event):
            # Logged, it would take the place of the end that counts if that is taken back
            answered = answer({kind: key, "status": "unchanged", "visible": True})
        else:
            answered = await self.post(event, {kind: key} | told, status)
        await self.reading.audit.tried(heard.request, heard.caller, "demand-logged", objects=((kind, key),), what=(what,))
        return answered

    @property
    def certain(self) -> bool:
        """Say whether all that was taken is in the log: else the view can't say that there is none of something."""
        return self.sending.log.ready and not self.outbox.waiting

    async def post(self, event: Event, told: dict[str, Any], status: int = 200) -> Response:
        """Say something, and answer what is told of it with where it stands: in the log, or queued (202)."""
        if self.certain:
            try:
                [place] = await self.sending.send(event)
            except ProblemError:  # the log is away: it may have it, and counts it once
                pass
            else:
                visible = await self.sending.shown([event], [place], _VISIBLE_S)
                return answer(told | {"status": "logged", "partition": place.partition, "offset": place.offset, "visible": visible}, status)
        try:
            await self.outbox.append([self.sending.record(event)])
        except OutboxError as full:
            raise ProblemError("not-taken") from full
        return answer(told | {"status": "queued", "visible": False}, 202)
