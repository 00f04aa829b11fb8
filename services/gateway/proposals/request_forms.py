"""The bodies of the routes of proposals: dataclasses with the rules of the contract at their fields."""

from dataclasses import dataclass
from typing import Annotated, Any

from services.adapters.codec.validation import FieldProblem
from services.adapters.proposals.proposal_records import Rejecting
from services.domain.events import value_types as v
from services.domain.events.catalog import UnitDeclared


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationChange:
    """The members of a registration that change; those that are left out stay as they are."""

    name: v.Name = ""
    organisation: v.OrganisationId = ""
    region: v.RegionCode = ""
    security: v.Security = ""
    audience: v.Audience = ()
    max_son_age: v.AgeOrNull = None
    languages: v.Languages = ()
    services: v.Services = ()
    intake_phone: v.Phone = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitForm:
    """A unit as it is to be declared."""

    unit: v.UnitId
    kind: v.Kind
    max_adults: v.MaxAdults
    max_children: v.MaxChildren
    beds: v.Beds
    overflow: v.Yes = False
    features: v.Features = ()

    def declared(self, shelter: str) -> UnitDeclared:
        """Return the declaration in a shelter."""
        return UnitDeclared(
            shelter=shelter,
            unit=self.unit,
            kind=self.kind,
            overflow=self.overflow,
            max_adults=self.max_adults,
            max_children=self.max_children,
            beds=self.beds,
            features=self.features,
        )


_ONE: tuple[str, ...] = ("unit", "kind", "max_adults", "max_children", "beds")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsForm:
    """One unit, by its members, or several under `units`."""

    unit: v.UnitId | None = None
    kind: v.Kind | None = None
    max_adults: v.MaxAdults | None = None
    max_children: v.MaxChildren | None = None
    beds: v.Beds | None = None
    overflow: v.Yes = False
    features: v.Features = ()
    units: Annotated[tuple[UnitForm, ...], v.ListOf(v.Members(UnitForm), most=100)] = ()

    def broken_rules(self) -> list[FieldProblem]:
        """Check that there is one unit with all its members, or a list of them, each unit once."""
        stated = [name for name in _ONE if getattr(self, name) is not None]
        if self.units:
            names = [each.unit for each in self.units]
            repeated = [FieldProblem("/units", "repeated_value")] if len(set(names)) < len(names) else []
            return [FieldProblem(f"/{name}", "unknown_member", ("units",)) for name in stated] + repeated
        return [FieldProblem(f"/{name}", "missing") for name in _ONE if name not in stated]

    def declared(self, shelter: str) -> list[UnitDeclared]:
        """Return the declarations in a shelter."""
        if self.units:
            return [each.declared(shelter) for each in self.units]
        members: dict[str, Any] = {name: getattr(self, name) for name in (*_ONE, "overflow", "features")}
        return [UnitForm(**members).declared(shelter)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionForm:
    """Why a proposal is rejected."""

    reason: Rejecting
