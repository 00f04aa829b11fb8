"""The one way into the log over HTTP: check permissions, validate each event, compare it with the view, append, wait a moment for the view.

In that order, and no other. `POST /v1/events` and the calls without an envelope both go this way.

Guarantees: the events of a request are appended in the order they were sent, so those of a shelter keep their order; what is refused holds
up nothing; and no decision is in the log that is not in the audit log. What the view shows refuses nothing: it is answered as warnings.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from services.adapters.clock import Clock
from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.http.call import Call
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.ports import LogPosition
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.domain.events.catalog import SHORT_NAMES, TYPE_NAMES, Event, ShelterRegistered
from services.gateway import authorization
from services.gateway.audit_summary import audit_objects, event_type_names, is_decision
from services.gateway.authorization import UNRESTRICTED, ForbiddenError, Permissions
from services.gateway.event_log import EventLog
from services.gateway.event_validator import EventValidator
from services.gateway.models import Checked, EventsAnswer, Published, Warnings, accepted_for, answer_of, errors, outcomes
from services.gateway.proposals.decide import objects_of
from services.gateway.proposals.proposal_log import ProposalLog
from services.gateway.proposals.shelter_changes import ShelterChanges, SortedChanges
from services.gateway.shelters.shelter_states import ShelterStates
from services.gateway.unavailable import unavailable_as_problem

_SHORT: Final = {TYPE_NAMES[shape]: name for shape, name in SHORT_NAMES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishEvents:
    """Publishes the events of a request. A view that is older than `unavailable_ms` knows no owner of a shelter."""

    validator: EventValidator
    regions: frozenset[str]
    log: EventLog
    states: ShelterStates
    changes: ShelterChanges
    proposals: ProposalLog
    positions: SealedPositions
    now: Clock
    metrics: Metrics

    async def answer(self, call: Call[list[Any]]) -> EventsAnswer:
        """Publish what a request holds; ProblemError 400 with all that is wrong, and what was accepted beside it."""
        published = await self.publish(call, call.body)
        events = outcomes(published, accepted_for(call.caller.role, self.positions))
        if wrong := errors(published.checked):
            raise ProblemError("invalid", errors=wrong, events=events)
        return {"events": events}

    async def publish(self, call: Call[Any], values: Sequence[Any], warnings: Sequence[Warnings] | None = None) -> Published:
        """Publish JSON values as events. `warnings`, of each, are those of an earlier attempt: else they are worked out now."""
        await self.check_permissions(call, values)
        read = [self.validator.validate(value, self.now()) for value in values]
        changes = await self._sort(call, [event for event in read if isinstance(event, Event)])
        checked, accepted = changes.treated(read), changes.append
        self._count(values, checked)
        found = await self.states.warnings(accepted) if warnings is None else warnings[: len(accepted)]
        for code, by in Counter(code for codes in found for code in codes).items():
            self.metrics.count("plek_warnings_total", by, code=code)
        positions = await self._append(call, [event for event in read if isinstance(event, Event)], changes)
        visible = await self.log.visible(accepted, positions)
        return Published(checked=checked, positions=positions, visible=visible, warnings=found)

    async def _sort(self, call: Call[Any], events: Sequence[Event]) -> SortedChanges:
        """Sort out what does not go to the log at once; ProblemError 503 where it is not known what an event changes."""
        if call.caller.role in UNRESTRICTED:
            return SortedChanges(append=list(events))
        with unavailable_as_problem():
            return await self.changes.sort(self.changes.sender(call.caller), events, self.states.lookup())

    async def check_permissions(self, call: Call[Any], values: Sequence[Any]) -> None:
        """Raise ProblemError 403 unless all of it is the caller's to send, 503 where the owner of a shelter is not known."""
        if call.caller.role in UNRESTRICTED:
            return
        permissions = Permissions(call.caller, self.states.lookup(), claimed=self.changes.claimed_regions)
        with unavailable_as_problem():
            try:
                for value in values:
                    await permissions.check(authorization.read(value, self.regions))
                    self._add_registration(permissions, value)
            except ForbiddenError as refused:
                await call.refuse(because=refused.because)

    def _add_registration(self, permissions: Permissions, value: Any) -> None:
        """Add a shelter that the request registers: its units may be declared in the same one."""
        if permissions.caller.role == "coordinator":
            event = self.validator.validate(value, self.now())
            if isinstance(event, Event) and isinstance(event.data, ShelterRegistered):
                permissions.registered[event.subject] = event.data.region

    async def _append(self, call: Call[Any], sent: Sequence[Event], changes: SortedChanges) -> list[LogPosition]:
        """Append and record: a decision or a proposal is recorded before it is in the log, a fact of an own shelter at the same time."""
        objects = {*audit_objects(sent), *objects_of(changes.proposals)}
        record = partial(call.record, *sorted(objects), what=event_type_names(sent))
        # What an operator sends may be a whole log
        append = partial(self.log.append, changes.append, counted=call.caller.role not in UNRESTRICTED)
        if changes.proposals or is_decision(call.caller.role, sent):
            await record()
            await self._propose(changes)
            return await self._append_recorded(record, append)
        recorded, appended = await asyncio.gather(record(), self._append_recorded(record, append), return_exceptions=True)
        if isinstance(recorded, BaseException):
            raise recorded
        if isinstance(appended, BaseException):
            raise appended
        return appended

    async def _propose(self, changes: SortedChanges) -> None:
        with unavailable_as_problem():
            await self.proposals.append(*changes.records)

    async def _append_recorded(
        self, record: Callable[..., Awaitable[None]], append: Callable[[], Awaitable[list[LogPosition]]]
    ) -> list[LogPosition]:
        """Append; where that fails, record that too, as far as that is possible."""
        try:
            return await append()
        except Exception:
            with suppress(ProblemError):
                await record(outcome="failed")
            raise

    def _count(self, values: Sequence[Any], checked: Checked) -> None:
        kinds = Counter((_type_name(value), answer_of(event)) for value, event in zip(values, checked, strict=True))
        for (name, answer), by in kinds.items():
            self.metrics.count("plek_events_total", by, way="http", type=name, answer=answer)
        codes = Counter(problem.code for event in checked if isinstance(event, RefusedEvent) for problem in event.problems)
        for code, by in codes.items():
            self.metrics.count("plek_problems_total", by, code=code)


def _type_name(value: Any) -> str:
    name = value.get("type") if type(value) is dict else None
    return _SHORT.get(name, "unknown") if type(name) is str else "unknown"
