"""Who may send what (design, section 5), as one table. Decided before anything is checked, for the request as a whole.

An event is looked at only for what it names: a type, shelters, a source, a hold. What is not of the contract's form names nothing,
and goes on to be refused for that. "Not yours" and "does not exist" are one answer.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from services.adapters.identity import Caller, Role
from services.domain import events as e
from services.domain import values as v

Rule = Literal["own shelter", "own region", "own registration", "own request", "own hold", "own demand", "anything"]


def _each(rule: Rule, *shapes: type) -> dict[str, Rule]:
    return {e.TYPE_NAMES[shape]: rule for shape in shapes}


_FACTS = tuple(shape for shape in e.BED_EVENTS if shape not in e.HOLD_EVENTS)

MAY_SEND: Final[Mapping[Role, Mapping[str, Rule]]] = {
    "shelter": _each("own shelter", *_FACTS, e.HoldAccepted, e.HoldDeclined),
    "coordinator": {
        **_each("own registration", e.ShelterRegistered),
        **_each("own region", e.UnitDeclared, e.UnitWithdrawn, e.Correction),
    },
    "worker": {
        **_each("own request", e.HoldRequested),
        **_each("own hold", e.HoldExtended, e.HoldReleased),
        **_each("own demand", *e.DEMAND_EVENTS),
    },
    "operator": _each("anything", *e.BED_EVENTS, *e.DEMAND_EVENTS),
    "analyst": {},
    "auditor": {},
}
# A type that is not of the contract is refused later on, but not before it is known whose shelter it speaks of.
_OF_ANY_TYPE: Final[Mapping[Role, Rule]] = {"shelter": "own shelter", "coordinator": "own region"}
_TYPES: Final = frozenset(e.TYPE_NAMES.values())
_ANY_SHELTER: Final = "urn:plek:shelter:"


class NotYoursError(Exception):
    """Something in the request is not for this caller to send."""


class Books(Protocol):
    """Where it is written down what belongs to whom."""

    async def region(self, shelter: str) -> str | None:
        """Tell the region of a shelter; None when it is not registered."""

    async def asked_by(self, shelter: str, hold: str) -> str | None:
        """Tell who asked for a hold; None when the log has not decided it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one JSON value names, in so far as it is of the contract's form."""

    type: str | None = None
    shelters: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    source: str | None = None
    hold: str | None = None
    asked_by: str | None = None
    desk: str | None = None


def _of_form(rule: v.Text) -> Callable[[Any], str | None]:
    pattern = re.compile(rule.pattern)
    return lambda value: value if type(value) is str and pattern.fullmatch(value) else None


_SHELTER, _SOURCE = _of_form(v.SHELTER), _of_form(v.ENVELOPE_SOURCE)
# A hold is looked up by shelter and id, a pseudonym and a desk are compared: any text will do, and is refused later on if it is wrong.
# An unpaired surrogate is no text that could be looked up.
_TEXT = _of_form(v.Text("[^/\ud800-\udfff]*", ""))


def read(value: Any, regions: frozenset[str]) -> Sent:
    """Read what a JSON value names."""
    if type(value) is not dict:
        return Sent()
    data = value["data"] if type(value.get("data")) is dict else {}
    named = (value.get("subject"), data.get("shelter"))
    placed = (value.get("subject"), data.get("region"))
    return Sent(
        type=_TEXT(value.get("type")),
        shelters=frozenset(filter(None, map(_SHELTER, named))),
        regions=frozenset(code for code in placed if type(code) is str and code in regions),
        source=_SOURCE(value.get("source")),
        hold=_TEXT(data.get("hold")),
        asked_by=_TEXT(data.get("asked_by")),
        desk=_TEXT(data.get("desk")),
    )


@dataclass(slots=True)
class Rights:
    """What one caller may do in one request. `registered` grows with the shelters that the request itself registers."""

    caller: Caller
    pseudonym: str
    books: Books
    registered: dict[str, str] = field(default_factory=dict)

    @property
    def may_send_anything(self) -> bool:
        """Say whether there is any event at all that this role may send."""
        return bool(MAY_SEND[self.caller.role])

    @property
    def may_send_everything(self) -> bool:
        """Say whether nothing need be looked at."""
        return set(MAY_SEND[self.caller.role].values()) == {"anything"}

    async def check(self, sent: Sent) -> None:
        """Raise NotYoursError unless the caller may send this."""
        if not await self._allowed(self._rule(sent), sent):
            raise NotYoursError

    def _rule(self, sent: Sent) -> Rule | None:
        """Find the rule for this type; None when there is nothing that could be anybody's."""
        rule = MAY_SEND[self.caller.role].get(sent.type or "")
        if rule is None and sent.type in _TYPES:
            raise NotYoursError
        return rule or _OF_ANY_TYPE.get(self.caller.role)

    async def _allowed(self, rule: Rule | None, sent: Sent) -> bool:
        if rule is None or rule == "anything":
            return True
        if rule == "own shelter":
            return self._speaks_for_own(sent)
        return _speaks_for_no_shelter(sent) and await self._owns(rule, sent)

    async def _owns(self, rule: Rule, sent: Sent) -> bool:
        match rule:
            case "own region":
                return await self._in_own_region(sent)
            case "own registration":
                return await self._registers_in_own_region(sent)
            case "own request":
                return self._asks_for_herself(sent)
            case "own hold":
                return await self._asked_for(sent)
            case _:
                return sent.regions <= self.caller.regions

    def _speaks_for_own(self, sent: Sent) -> bool:
        spoken = sent.source is None or all(sent.source.startswith(f"{_ANY_SHELTER}{shelter}:") for shelter in sent.shelters)
        return spoken and sent.shelters <= self.caller.shelters

    async def _in_own_region(self, sent: Sent) -> bool:
        return all([await self._region(shelter) in self.caller.regions for shelter in sent.shelters])

    async def _registers_in_own_region(self, sent: Sent) -> bool:
        """Both the region it is to be in and the one it is in must be hers; a new shelter is in none."""
        before = [await self._region(shelter) for shelter in sent.shelters]
        return sent.regions <= self.caller.regions and all(region is None or region in self.caller.regions for region in before)

    async def _region(self, shelter: str) -> str | None:
        return self.registered.get(shelter) or await self.books.region(shelter)

    def _asks_for_herself(self, sent: Sent) -> bool:
        return sent.asked_by in (None, self.pseudonym) and sent.desk in (None, self.caller.desk)

    async def _asked_for(self, sent: Sent) -> bool:
        if sent.hold is None:
            return True
        return all([await self.books.asked_by(shelter, sent.hold) == self.pseudonym for shelter in sent.shelters])


def _speaks_for_no_shelter(sent: Sent) -> bool:
    """Only a shelter is heard of through its own sources (contract, R9)."""
    return sent.source is None or not sent.source.startswith(_ANY_SHELTER)
