"""The records of `plek.proposals`: what was proposed, and what was decided (ADR 43).

A proposal never changes: each decision is a record with a key of its own, so that compaction removes none, and in every process, on every
replay, the first decision in the log is the one that counts. A record holds codes, ids of ours, and what the contract lets a registration
or a declaration hold; a person is a pseudonym.
"""

from dataclasses import dataclass, fields
from typing import Annotated, Final, Literal, get_args

import orjson
from pydantic import TypeAdapter, ValidationError

from services.adapters.roles import Role
from services.domain.durations import DAY_MS
from services.domain.events import value_types as v
from services.domain.events.catalog import ShelterRegistered, UnitDeclared

What = Literal["new-shelter", "changed-shelter", "units"]
Proposer = Literal["shelter", "coordinator", "operator", "system"]
Verdict = Literal["confirmed", "rejected", "withdrawn"]
RejectionReason = Literal["mistake", "not_agreed", "unknown_shelter", "wrong_data", "duplicate", "other"]
Status = Literal["proposed", "confirmed", "in-force", "rejected", "withdrawn", "lapsed"]

REJECTION_REASONS: Final[tuple[RejectionReason, ...]] = get_args(RejectionReason)
Rejecting = Annotated[str, v.OneOf(REJECTION_REASONS)]
LAPSES_MS: Final = 30 * DAY_MS
"""A proposal on which nothing was decided lapses after this time: what it would change has changed by then."""
MEMBERS: Final = tuple(field.name for field in fields(ShelterRegistered) if field.name != "shelter")
"""The members of a registration, in the order of the contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change of one shelter: its registration, some of its units, or both. `by` is the pseudonym of who proposed it, `at` when (ms)."""

    proposal: str
    shelter: str
    by: str
    proposer: Proposer
    at: int
    seen_in: tuple[str, ...]
    """The regions that it concerns, before and after: their coordinators see it."""
    regions: tuple[str, ...]
    """The regions of which the one who confirms must be a coordinator: of all of them."""
    organisation: str | None = None
    """Of a system: its organisation; None for a person."""
    registration: ShelterRegistered | None = None
    before: ShelterRegistered | None = None
    """The registration in force when it was proposed; None for a shelter that was not registered."""
    declared: tuple[UnitDeclared, ...] = ()
    withdrawn: tuple[str, ...] = ()
    units_before: tuple[UnitDeclared, ...] = ()
    """The declarations then in force of the units that it changes."""

    @property
    def what(self) -> What:
        """Return what it is."""
        if self.registration is None:
            return "units"
        return "new-shelter" if self.before is None else "changed-shelter"

    @property
    def changes(self) -> tuple[str, ...]:
        """List the members of the registration that it changes; `units` where it changes units."""
        changed = changed_members(self.before, self.registration) if self.registration else ()
        return (*changed, "units") if self.units else changed

    @property
    def units(self) -> tuple[str, ...]:
        """List the units that it changes."""
        return (*(each.unit for each in self.declared), *self.withdrawn)

    @property
    def lapses_at(self) -> int:
        """Return when it lapses (ms) if nothing is decided."""
        return self.at + LAPSES_MS

    @property
    def phone_before(self) -> str | None:
        """Return the intake phone that it replaces; None where it replaces none."""
        return self.before.intake_phone if self.before and "intake_phone" in self.changes else None

    def same_as(self, other: "Proposal") -> bool:
        """Return whether another one states the same."""
        return (self.registration, self.declared, self.withdrawn) == (other.registration, other.declared, other.withdrawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecision:
    """What a person decided on a proposal, at `at` (ms); `by` is a pseudonym."""

    decides: str
    verdict: Verdict
    by: str
    role: Role
    at: int
    reason: str | None = None
    """Of a rejection: one of REJECTION_REASONS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsAppended:
    """That the events of a confirmed proposal stand in the log."""

    appended: str


ProposalRecord = Proposal | ProposalDecision | EventsAppended
_RECORDS: Final[TypeAdapter[ProposalRecord]] = TypeAdapter(ProposalRecord)


def changed_members(before: ShelterRegistered | None, after: ShelterRegistered) -> tuple[str, ...]:
    """List the members of a registration that differ, in the order of the contract; lists without their order."""
    if before is None:
        return MEMBERS
    return tuple(name for name in MEMBERS if _value(before, name) != _value(after, name))


def _value(registration: ShelterRegistered, name: str) -> object:
    value = getattr(registration, name)
    return frozenset(value) if isinstance(value, tuple) else value


def key_of(record: ProposalRecord) -> bytes:
    """Return the key of a record: the proposal, and for a decision what it is and by which person."""
    match record:
        case Proposal():
            return record.proposal.encode()
        case ProposalDecision():
            return f"{record.decides}/{record.verdict}/{record.by}".encode()
        case EventsAppended():
            return f"{record.appended}/appended".encode()


def encode_record(record: ProposalRecord) -> bytes:
    """Encode a record."""
    return orjson.dumps(record)


def decode_record(value: bytes) -> ProposalRecord | None:
    """Decode a record; None for bytes that are none."""
    try:
        return _RECORDS.validate_json(value)
    except ValidationError:
        return None
