"""Undoing an event: a correction of it, by the handle that its answer or the list gave (R12).

Guarantees: what can't be undone is refused once and for all, and nothing is sent; a request that is sent again is no second undoing. While
the log can't be read an event that was undone before can be undone again, which changes nothing.
"""

from dataclasses import dataclass
from typing import Any

from services.adapters.auth.idempotency_keys import IdempotencyKeys
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.call import Call
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ProblemError
from services.domain.beds.fact_warnings import UNDO_EFFECTS, WarningCode
from services.domain.durations import NS_PER_MS
from services.domain.events import catalog as e
from services.domain.events import value_types as v
from services.gateway.authorization import may_undo
from services.gateway.facts.models import FactAnswer, answer_for, document_of, is_undoable, refuse_invalid
from services.gateway.models import accepted_for
from services.gateway.publish_events import PublishEvents
from services.gateway.sent_events.recent_events import RecentEvents, SentEvents
from services.gateway.shelters.event_handles import EventHandles, NamedEvent
from services.gateway.shelters.shelter_access import require_access, source_of

_SHAPES = {name: shape for shape, name in e.SHORT_NAMES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoEventForm:
    """Why an event is undone."""

    reason: v.CorrectionReason = "mistake"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoCalls:
    """Corrects events by their handles."""

    publishing: PublishEvents
    recent: RecentEvents
    handles: EventHandles
    pseudonyms: Pseudonyms
    keys: IdempotencyKeys

    async def undo(self, call: Call[UndoEventForm], shelter: str, handle: str) -> FactAnswer:
        """Publish a correction of the event that a handle names; ProblemError 403, 409 `not-undoable` or `key-reused`, 503."""
        await require_access(call, shelter, self.publishing.states.lookup())
        named = self.handles.read(handle)
        if named is None or named.shelter != shelter:
            await call.refuse()
        if not may_undo(call.caller.role, named.type):
            await call.refuse(because="role")
        correction = self._correction(call, named)
        sent = await self._sent(shelter)
        undone_by = sent.corrected.get((named.source, named.id)) if sent else None
        if not is_undoable(named.type) or undone_by not in {None, correction.name}:
            raise ProblemError("not-undoable")
        await self._check_key(call)
        document = document_of(correction)
        published = await self.publishing.publish(call, [document], [await self._effects(named, sent)])
        refuse_invalid(published.checked[0])
        return answer_for(correction, published, accepted_for(call.caller.role, self.publishing.positions), self.handles.of(correction))

    def _correction(self, call: Call[UndoEventForm], named: NamedEvent) -> e.Event:
        attempt = self.pseudonyms.attempt(call.caller.sub, call.operation, call.idempotency_key)
        corrects = e.Named(source=named.source, id=named.id)
        return e.Event(
            id=attempt.id("correction"),
            source=source_of(call.caller, named.shelter),
            time=self.publishing.now() * NS_PER_MS,
            subject=named.shelter,
            data=e.Correction(shelter=named.shelter, corrects=corrects, reason=call.body.reason),
        )

    async def _check_key(self, call: Call[Any]) -> None:
        """Raise ProblemError 409 when the key was used with another body."""
        attempt = self.pseudonyms.attempt(call.caller.sub, call.operation, call.idempotency_key)
        if call.idempotency_key is not None and await self.keys.differs(attempt, call.json):
            raise ProblemError("key-reused")

    async def _sent(self, shelter: str) -> SentEvents | None:
        """Return what was sent about a shelter; None while the log can't be read."""
        try:
            return await self.recent.of(shelter)
        except LogUnavailableError:
            return None

    async def _effects(self, named: NamedEvent, sent: SentEvents | None) -> tuple[WarningCode, ...]:
        """Return what undoing an event leads to; of a discharge also that the unit of the household is taken by now."""
        effects = UNDO_EFFECTS.get(_SHAPES[named.type], ())
        unit = _unit_left(named, sent) if sent else None
        state = await self.publishing.states.expected(named.shelter) if unit else None
        return (*effects, "unit-occupied") if state and unit and state.unit(unit).stays else effects


def _unit_left(named: NamedEvent, sent: SentEvents) -> str | None:
    """Return the unit that the household of a discharge was in last; None where its moves are not in the window."""
    discharge = sent.find((named.source, named.id))
    if discharge is None or not isinstance(discharge.data, e.Discharge):
        return None
    stay = discharge.data.stay
    moves = [each.event for each in sent.events if isinstance(each.event.data, e.Admission | e.Transfer) and each.event.data.stay == stay]
    kept = [move for move in moves if move.name not in sent.corrected]
    last = max(kept, key=lambda move: (move.occurred_at, move.time, move.id, move.source), default=None)  # R3
    return getattr(last.data, "to_unit", None) or getattr(last.data, "unit", None) if last else None
