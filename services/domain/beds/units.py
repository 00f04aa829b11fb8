"""One unit (contract R5 to R7): declared or not, closed or not, and which stays are in it; worked out from its facts in any order."""

from dataclasses import dataclass, field
from typing import assert_never

from services.domain.beds.last_write_wins import Statement, insert_sorted, order
from services.domain.beds.shelter_snapshot import Closing, Held, UnitSnapshot
from services.domain.beds.stays import Stay
from services.domain.events import catalog as e


@dataclass(slots=True)
class Unit:
    """The facts of one unit in the order of R5, and the stays that are present in it (R3).

    `unready` are by stay the discharges that left it unready (R6), and `cleanings` all of those in the order of R5: to show the unit
    costs the same after ten years as after one.
    """

    unit: str
    declarations: list[Statement[e.UnitDeclaration]] = field(default_factory=list)
    closings: list[Statement[e.UnitClosing]] = field(default_factory=list)
    stays: dict[str, Stay] = field(default_factory=dict)
    unready: dict[str, list[Statement[e.Discharge]]] = field(default_factory=dict)
    cleanings: list[Statement[e.Discharge]] = field(default_factory=list)

    def assign(self, stay: Stay, *, here: bool) -> None:
        """Add a stay of this unit, or with `here=False` remove it; one that has left the unit ready (R6) is not stored."""
        if here and stay.present:
            self.stays[stay.stay] = stay
        else:
            self.stays.pop(stay.stay, None)
        before, after = self.unready.pop(stay.stay, []), stay.unready_discharges if here else []
        if after:
            self.unready[stay.stay] = after
        for discharge in before:
            if discharge not in after:
                insert_sorted(self.cleanings, discharge, keep=False)
        for discharge in after:
            if discharge not in before:
                insert_sorted(self.cleanings, discharge, keep=True)

    @property
    def empty(self) -> bool:
        """Whether no fact of this unit is left."""
        return not (self.declarations or self.closings or self.stays or self.unready)

    @property
    def closed(self) -> Closing | None:
        """R5 and R6: what the last closing, reopening or unready discharge says."""
        statements: list[Statement[e.UnitClosing | e.Discharge]] = [*self.cleanings[-1:], *self.closings[-1:]]
        if not statements:
            return None
        last = max(statements, key=order).data
        match last:
            case e.UnitClosed():
                return Closing(last.reason, last.expected_until)
            case e.UnitReopened():
                return None
            case e.Discharge():
                return Closing("cleaning", None)
            case _:
                assert_never(last)

    @property
    def declared(self) -> e.UnitDeclared | None:
        """The declaration that counts; None when the unit was withdrawn or never declared (R5)."""
        return declaration(self.declarations[-1].data) if self.declarations else None

    def snapshot(self, held: Held | None) -> UnitSnapshot | None:
        """Return what is shown of the unit; None when it is neither declared nor occupied."""
        stays = tuple(shown for _, stay in sorted(self.stays.items()) if (shown := stay.snapshot()))
        declared = self.declared
        if declared is None:
            return UnitSnapshot(self.unit, stays=stays) if stays else None
        return UnitSnapshot(
            unit=self.unit,
            kind=declared.kind,
            overflow=declared.overflow,
            max_adults=declared.max_adults,
            max_children=declared.max_children,
            beds=declared.beds,
            features=declared.features,
            stays=stays,
            closed=self.closed,
            held=held,
        )


def declaration(statement: e.UnitDeclaration) -> e.UnitDeclared | None:
    """Return what a unit is declared as; None for a withdrawal."""
    match statement:
        case e.UnitDeclared():
            return statement
        case e.UnitWithdrawn():
            return None
        case _:
            assert_never(statement)
