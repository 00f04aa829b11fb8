"""A fact as a person or a page sends it: the gateway makes its id, time, source, and the stay of an admission, and publishes that event.

Guarantees: with an Idempotency-Key a request that is sent again makes the same event, which counts once (R1), and it chooses the stay that
it chose first. What the view shows refuses a fact in two cases only, each with the choices: a unit held for such a household, and a unit
that names no stay because not exactly one household is in it. Neither uses up the key. Only after Redis was emptied can a retry by unit be
asked which stay once more.
"""

from dataclasses import dataclass
from typing import Any

from services.adapters.auth.idempotency_keys import IdempotencyKeys
from services.adapters.auth.pseudonyms import Attempt, Pseudonyms
from services.adapters.http.call import Call
from services.adapters.problem_details import ProblemError
from services.adapters.rfc3339 import show, show_ms
from services.domain.beds.fact_warnings import ExpectedShelter
from services.domain.durations import NS_PER_MS
from services.domain.events.catalog import SHORT_NAMES, Event
from services.gateway.facts.forms import AdmissionForm, FactForm, StayForm
from services.gateway.facts.models import FactAnswer, answer_for, document_of, refuse_invalid
from services.gateway.models import accepted_for
from services.gateway.publish_events import PublishEvents
from services.gateway.shelters.event_handles import EventHandles
from services.gateway.shelters.shelter_access import require_access, source_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCalls:
    """Makes events of the calls, and publishes them."""

    publishing: PublishEvents
    handles: EventHandles
    pseudonyms: Pseudonyms
    keys: IdempotencyKeys

    async def record(self, call: Call[Any], shelter: str) -> FactAnswer:
        """Publish the fact of a call; ProblemError 403, 409 `held`, `which-stay` or `key-reused`, 503."""
        await require_access(call, shelter, self.publishing.states.lookup())
        attempt = self.pseudonyms.attempt(call.caller.sub, call.operation, call.idempotency_key)
        chosen = await self._chosen(call, shelter, attempt)
        event = self._event(call.body, shelter, attempt, chosen)
        published = await self.publishing.publish(call, [document_of(event)], [tuple(chosen["warnings"])])
        refuse_invalid(published.checked[0])
        return answer_for(event, published, accepted_for(call.caller.role, self.publishing.positions), self.handles.of(event))

    async def _chosen(self, call: Call[Any], shelter: str, attempt: Attempt) -> dict[str, Any]:
        """Return stay, source and warnings of the event: those of an earlier copy of the request, where there was one."""
        keyed = call.idempotency_key is not None
        before = await self.keys.choice(attempt) if keyed else None
        chosen = before or await self._choose(call, shelter, attempt)
        if keyed and await self.keys.differs(attempt, call.json):
            raise ProblemError("key-reused")
        return await self.keys.choose(attempt, chosen) if keyed else chosen

    async def _choose(self, call: Call[Any], shelter: str, attempt: Attempt) -> dict[str, Any]:
        state = await self.publishing.states.expected(shelter)
        _refuse_held(call, state)
        chosen = {"stay": _stay(call.body, state, attempt), "source": source_of(call.caller, shelter), "warnings": []}
        event = self._event(call.body, shelter, attempt, chosen)
        refuse_invalid(self.publishing.validator.validate(document_of(event), self.publishing.now()))
        [chosen["warnings"]] = await self.publishing.states.warnings([event])
        return chosen

    def _event(self, form: FactForm, shelter: str, attempt: Attempt, chosen: dict[str, Any]) -> Event:
        data = form.data(shelter, chosen["stay"])
        name = attempt.id(SHORT_NAMES[type(data)])
        return Event(id=name, source=chosen["source"], time=self.publishing.now() * NS_PER_MS, subject=shelter, data=data)


def _stay(form: FactForm, state: ExpectedShelter | None, attempt: Attempt) -> str:
    """Return the stay of a fact; a new one for an admission without, an empty text for a fact of no stay. ProblemError 409, 503."""
    if isinstance(form, AdmissionForm):
        return form.stay or attempt.id("stay")
    if not isinstance(form, StayForm):
        return ""
    if form.stay is not None or form.unit is None:
        return form.stay or ""
    if state is None:
        raise ProblemError("view-away")
    stays = state.unit(form.unit).stays
    if len(stays) == 1:
        return stays[0].stay
    listed = [{"stay": each.stay, "adults": each.adults, "children": each.children, "since": show(each.since)} for each in stays]
    raise ProblemError("which-stay", stays=listed)


def _refuse_held(call: Call[Any], state: ExpectedShelter | None) -> None:
    """Raise ProblemError 409 when the unit is held for a household of this size, and the request does not say if it is that one (D6)."""
    form = call.body
    if not isinstance(form, AdmissionForm) or state is None or "hold" in call.json:
        return
    held = state.held_for(state.unit(form.unit))
    if held and (held.adults, held.children) == (form.adults, form.children):
        shown = {"hold": held.hold, "adults": held.adults, "children": held.children, "until": show_ms(held.until)}
        raise ProblemError("held", holds=[shown])
