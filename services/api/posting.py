"""Says what is never refused for a fault of ours: to the log, or else to the outbox, and tells which. Of demand only.

While something waits in the outbox everything goes there, so that nothing overtakes it.
"""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response

from services.adapters.outbox import Outbox, OutboxError
from services.adapters.problems import ProblemError
from services.adapters.web import answer
from services.api.sending import Sending
from services.domain.events import Event

# As long as a person does not notice (design, section 4).
_VISIBLE_S: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """All that posting takes."""

    sending: Sending
    outbox: Outbox

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
