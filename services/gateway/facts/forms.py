"""The bodies of the calls: dataclasses with the rules of the contract at their fields. Each makes the data of one event."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from services.adapters.codec.validation import FieldProblem
from services.domain.events import catalog as e
from services.domain.events import value_types as v

HoldOrNull = Annotated[str | None, v.Nullable(v.UUID)]


class FactForm(Protocol):
    """A body that makes the data of an event."""

    def data(self, shelter: str, stay: str) -> e.BedData:
        """Return the data of the event; `stay` is that of the fact, where it is of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionForm:
    """A household moves in. `hold` is null for a household that the unit was not held for."""

    unit: v.UnitId
    adults: v.Adults
    children: v.Children
    stay: v.StayId | None = None
    hold: HoldOrNull = None
    occurred_at: v.Instant | None = None

    def broken_rules(self) -> list[FieldProblem]:
        """Check that there is a household."""
        return _household(self.adults, self.children)

    def data(self, shelter: str, stay: str) -> e.BedData:
        """Return the data of an admission."""
        return e.Admission(
            shelter=shelter,
            unit=self.unit,
            stay=stay,
            adults=self.adults,
            children=self.children,
            hold=self.hold,
            occurred_at=self.occurred_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StayForm:
    """A fact of a stay, which is named by itself, or by the unit that nobody else is in."""

    stay: v.StayId | None = None
    unit: v.UnitId | None = None
    occurred_at: v.Instant | None = None

    def broken_rules(self) -> list[FieldProblem]:
        """Check that the stay is named once."""
        return [FieldProblem("", "not_exactly_one_key")] if (self.stay is None) == (self.unit is None) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeForm(StayForm):
    """A household leaves."""

    destination: v.Destination
    unit_ready: v.Yes = True

    def data(self, shelter: str, stay: str) -> e.BedData:
        """Return the data of a discharge."""
        return e.Discharge(
            shelter=shelter, stay=stay, destination=self.destination, unit_ready=self.unit_ready, occurred_at=self.occurred_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferForm(StayForm):
    """A household moves to another unit."""

    to_unit: v.UnitId

    def data(self, shelter: str, stay: str) -> e.BedData:
        """Return the data of a transfer."""
        return e.Transfer(shelter=shelter, stay=stay, to_unit=self.to_unit, occurred_at=self.occurred_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class StayChangeForm(StayForm):
    """A household grows or shrinks."""

    adults: v.Adults
    children: v.Children

    def broken_rules(self) -> list[FieldProblem]:
        """Check that the stay is named once, and that there is a household."""
        return [*StayForm.broken_rules(self), *_household(self.adults, self.children)]

    def data(self, shelter: str, stay: str) -> e.BedData:
        """Return the data of a changed stay."""
        return e.StayChanged(shelter=shelter, stay=stay, adults=self.adults, children=self.children, occurred_at=self.occurred_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDischargeForm(StayForm):
    """When a household is expected to leave."""

    expected_at: v.Instant

    def data(self, shelter: str, stay: str) -> e.BedData:
        """Return the data of a planned discharge."""
        return e.DischargePlanned(shelter=shelter, stay=stay, expected_at=self.expected_at, occurred_at=self.occurred_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureForm:
    """A unit can't be used for now."""

    unit: v.UnitId
    reason: v.ClosingReason
    expected_until: v.Instant | None = None
    occurred_at: v.Instant | None = None

    def data(self, shelter: str, _stay: str) -> e.BedData:
        """Return the data of a closed unit."""
        return e.UnitClosed(
            shelter=shelter, unit=self.unit, reason=self.reason, expected_until=self.expected_until, occurred_at=self.occurred_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopeningForm:
    """A closed unit can be used again."""

    unit: v.UnitId
    occurred_at: v.Instant | None = None

    def data(self, shelter: str, _stay: str) -> e.BedData:
        """Return the data of a reopened unit."""
        return e.UnitReopened(shelter=shelter, unit=self.unit, occurred_at=self.occurred_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountForm:
    """What Plek shows is still right, with the number of free units where they were counted."""

    free: v.CountedFree | None = None

    def data(self, shelter: str, _stay: str) -> e.BedData:
        """Return the data of a count."""
        return e.CountConfirmed(shelter=shelter, free=self.free)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseForm:
    """The shelter takes no households in for now."""

    reason: v.PauseReason
    expected_until: v.Instant | None = None
    occurred_at: v.Instant | None = None

    def data(self, shelter: str, _stay: str) -> e.BedData:
        """Return the data of a paused intake."""
        return e.IntakePaused(shelter=shelter, reason=self.reason, expected_until=self.expected_until, occurred_at=self.occurred_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumptionForm:
    """The shelter takes households in again."""

    occurred_at: v.Instant | None = None

    def data(self, shelter: str, _stay: str) -> e.BedData:
        """Return the data of a resumed intake."""
        return e.IntakeResumed(shelter=shelter, occurred_at=self.occurred_at)


def _household(adults: int, children: int) -> list[FieldProblem]:
    return [] if adults + children else [FieldProblem("", "no_household")]
