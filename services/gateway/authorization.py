"""Who may send what (design, section 5), as one table for both ways in: HTTP, and the topics of organisations' own systems.

Over HTTP it is decided before anything is checked, for the request as a whole. Of an event only what it names is read: a type, shelters,
regions, a source. What is not of the contract's form names nothing, and is refused for that later. Another's shelter and one that does not
exist are answered alike. Workers send nothing here: the API alone knows the rules of holds, searches and fallbacks (ADR 38).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from services.adapters.auth.authentication import Caller
from services.adapters.roles import Role
from services.domain.events import catalog as e
from services.domain.events import value_types as v
from services.gateway.ownership import OwnershipLookup

Rule = Literal["own shelter", "own region", "own registration", "own import", "anything"]
Because = Literal["role", "scope"]


def _each(rule: Rule, *shapes: type) -> dict[str, Rule]:
    return {e.TYPE_NAMES[shape]: rule for shape in shapes}


_FACTS = tuple(shape for shape in e.BED_EVENTS if shape not in e.HOLD_EVENTS)

MAY_SEND: Final[Mapping[Role, Mapping[str, Rule]]] = {
    "shelter": _each("own shelter", *_FACTS, e.HoldAccepted, e.HoldDeclined),
    "coordinator": {
        **_each("own registration", e.ShelterRegistered),
        **_each("own region", e.UnitDeclared, e.UnitWithdrawn, e.Correction),
        # What a spreadsheet of a shelter holds, and from the source of an import alone
        **_each("own import", e.Admission, e.Discharge, e.DischargePlanned, e.UnitClosed),
    },
    "worker": {},
    "operator": _each("anything", *e.BED_EVENTS, *e.DEMAND_EVENTS),
    "analyst": {},
    "auditor": {},
}
SENDERS: Final = tuple(role for role, types in MAY_SEND.items() if types)
"""The roles that may send any event at all."""
UNRESTRICTED: Final = frozenset(role for role, types in MAY_SEND.items() if set(types.values()) == {"anything"})
"""The roles whose events need no check of what they name."""
# F2: an undone registration can move a shelter to another region, organisation or telephone number, which takes two persons
_UNDONE_BY: Final[Mapping[str, tuple[Role, ...]]] = {
    e.SHORT_NAMES[e.ShelterRegistered]: ("operator",),
    e.SHORT_NAMES[e.UnitDeclared]: ("coordinator", "operator"),
    e.SHORT_NAMES[e.UnitWithdrawn]: ("coordinator", "operator"),
}
# A type that is not of the contract is refused later, but not before the owner of the shelter it names is checked.
_OF_ANY_TYPE: Final[Mapping[Role, Rule]] = {"shelter": "own shelter", "coordinator": "own region"}
_TYPES: Final = frozenset(e.TYPE_NAMES.values())
_ANY_SHELTER: Final = "urn:plek:shelter:"


def may_undo(role: Role, event_type: str) -> bool:
    """Return whether a role may undo an event of this short type, of a shelter that is its own to correct."""
    return role in _UNDONE_BY.get(event_type, SENDERS)


class ForbiddenError(Exception):
    """Something that was sent is not for this caller to send: not for its role, or out of its scope."""

    def __init__(self, because: Because) -> None:
        super().__init__(because)
        self.because: Because = because


@dataclass(frozen=True, slots=True)
class NamedScope:
    """What one event names, in so far as it is of the contract's form."""

    type: str | None = None
    shelters: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    source: str | None = None


def _of_form(rule: v.Text) -> Callable[[Any], str | None]:
    pattern = re.compile(rule.pattern)
    return lambda value: value if type(value) is str and pattern.fullmatch(value) else None


_SHELTER, _SOURCE = _of_form(v.SHELTER), _of_form(v.ENVELOPE_SOURCE)


def read(value: Any, regions: frozenset[str]) -> NamedScope:
    """Read what a JSON value names."""
    if type(value) is not dict:
        return NamedScope()
    data = value["data"] if type(value.get("data")) is dict else {}
    named = (value.get("subject"), data.get("shelter"))
    placed = (value.get("subject"), data.get("region"))
    return NamedScope(
        type=kind if type(kind := value.get("type")) is str else None,
        shelters=frozenset(filter(None, map(_SHELTER, named))),
        regions=frozenset(code for code in placed if type(code) is str and code in regions),
        source=_SOURCE(value.get("source")),
    )


def read_event(event: e.Event) -> NamedScope:
    """Read what an event of a shelter names."""
    region = getattr(event.data, "region", None)
    regions = frozenset({region} if region else ())
    return NamedScope(type=e.TYPE_NAMES[type(event.data)], shelters=frozenset({event.subject}), regions=regions, source=event.source)


def _unclaimed(_: str) -> frozenset[str]:
    return frozenset()


@dataclass(slots=True)
class Permissions:
    """What one caller may send in one request. `registered` grows with the shelters that the request itself registers."""

    caller: Caller
    ownership: OwnershipLookup
    registered: dict[str, str] = field(default_factory=dict)
    claimed: Callable[[str], frozenset[str]] = _unclaimed
    """Returns the regions in which a shelter is to be registered by a proposal that waits."""

    async def check(self, scope: NamedScope) -> None:
        """Raise ForbiddenError unless the caller may send this."""
        if not await self._allowed(self._rule(scope), scope):
            raise ForbiddenError("scope")

    def _rule(self, scope: NamedScope) -> Rule | None:
        """Return the rule for this type; None when it names nothing that could be another's. ForbiddenError."""
        rule = MAY_SEND[self.caller.role].get(scope.type or "")
        if rule is None and scope.type in _TYPES:
            raise ForbiddenError("role")
        return rule or _OF_ANY_TYPE.get(self.caller.role)

    async def _allowed(self, rule: Rule | None, scope: NamedScope) -> bool:
        if rule is None or rule == "anything":
            return True
        if rule == "own shelter":
            return self._speaks_for_own(scope)
        if rule == "own import" and scope.source not in {None, v.IMPORT_SOURCE}:
            return False
        return _speaks_for_no_shelter(scope) and await self._owns(rule, scope)

    async def _owns(self, rule: Rule, scope: NamedScope) -> bool:
        return await (self._registers_in_own_region(scope) if rule == "own registration" else self._in_own_region(scope))

    def _speaks_for_own(self, scope: NamedScope) -> bool:
        spoken = scope.source is None or all(scope.source.startswith(f"{_ANY_SHELTER}{shelter}:") for shelter in scope.shelters)
        return (spoken or scope.source == v.IMPORT_SOURCE) and scope.shelters <= self.caller.shelters

    async def _in_own_region(self, scope: NamedScope) -> bool:
        return all([await self._is_in_own_region(shelter) for shelter in scope.shelters])

    async def _is_in_own_region(self, shelter: str) -> bool:
        region = await self._region(shelter)
        regions = self.claimed(shelter) if region is None else {region}
        return not self.caller.regions.isdisjoint(regions)

    async def _registers_in_own_region(self, scope: NamedScope) -> bool:
        """Check that the region it is in is the caller's, or of a new shelter the one it is to be in: it moves only by a proposal."""
        before = [await self._region(shelter) for shelter in scope.shelters]
        is_new = not any(before)
        return all(region is None or region in self.caller.regions for region in before) and (
            not is_new or scope.regions <= self.caller.regions
        )

    async def _region(self, shelter: str) -> str | None:
        return await self.ownership.region(shelter) or self.registered.get(shelter)


def _speaks_for_no_shelter(scope: NamedScope) -> bool:
    """Check that the source is none of a shelter: only a shelter is heard of through its own (contract, R9)."""
    return scope.source is None or not scope.source.startswith(_ANY_SHELTER)
