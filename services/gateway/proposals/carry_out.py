"""Carries confirmed proposals out: their events go to the log. Doing it twice changes nothing.

Guarantees: a decision that is in the topic of proposals reaches the log, also when the process that took it dies in between: every gateway
carries out what it finds confirmed and not yet appended. The names of the events are a function of the proposal, so they count once (R1).
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from services.adapters.clock import Clock
from services.adapters.kafka.ports import LogPosition, LogUnavailableError
from services.adapters.problem_details import ProblemError
from services.adapters.proposals.proposal_records import EventsAppended
from services.adapters.proposals.table import TrackedProposal
from services.domain.durations import SECOND_MS
from services.domain.events.catalog import Event
from services.gateway.event_log import EventLog
from services.gateway.proposals.proposal_events import ProposalEvents
from services.gateway.proposals.proposal_log import ProposalLog

_log = logging.getLogger(__name__)

# The process that took the decision appends within this time; then it is taken to have died
_LEFT_MS: Final = 5 * SECOND_MS
_LOOK_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalExecutor:
    """Carries proposals out, at once or, while `run_forever` runs, in the place of a process that has died."""

    log: EventLog
    proposals: ProposalLog
    ids: ProposalEvents
    now: Clock

    async def carry_out(self, tracked: TrackedProposal) -> tuple[list[Event], list[LogPosition]]:
        """Append the events of a confirmed proposal, and return them with their positions; ProblemError 503, LogUnavailableError."""
        assert tracked.decision is not None  # noqa: S101 - confirmed
        events = self.ids.make(tracked.proposal, tracked.decision)
        positions = await self.log.append(events)
        await self.proposals.append(EventsAppended(appended=tracked.proposal.proposal))
        return events, positions

    async def run_forever(self) -> None:
        """Carry out what was confirmed and left undone, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            await self.finish_left()

    async def finish_left(self) -> None:
        """Carry out once what was confirmed and left undone, as far as the log takes it."""
        for tracked in self.proposals.table.unfinished():
            if tracked.decision and self.now() - tracked.decision.at >= _LEFT_MS:
                await self._finish(tracked)

    async def _finish(self, tracked: TrackedProposal) -> None:
        try:
            await self.carry_out(tracked)
        except (LogUnavailableError, ProblemError):
            return
        _log.warning("carried out a proposal that was confirmed elsewhere", extra={"proposal": tracked.proposal.proposal})
