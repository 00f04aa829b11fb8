"""One unit (contract R5 to R7): declared or not, closed or not, and who is in it. Worked out from its facts in any order."""

from dataclasses import dataclass, field

from services.domain import events as e
from services.domain.picture import Closing, Held, UnitPicture
from services.domain.statements import happened, last
from services.domain.stays import Stay


@dataclass(slots=True)
class Unit:
    """The facts of one unit, and the stays whose unit it is (R3), present or not."""

    unit: str
    declarations: list[e.Event] = field(default_factory=list)
    closings: list[e.Event] = field(default_factory=list)
    stays: dict[str, Stay] = field(default_factory=dict)

    def seat(self, stay: Stay, *, here: bool) -> None:
        """Note that this is, or is no longer, the unit of a stay; a stay that has gone and left it clean needs no seat."""
        if here and (stay.present or stay.left_to_clean):
            self.stays[stay.stay] = stay
        else:
            self.stays.pop(stay.stay, None)

    @property
    def empty(self) -> bool:
        """Nothing is known of this unit (any more)."""
        return not (self.declarations or self.closings or self.stays)

    @property
    def closed(self) -> Closing | None:
        """R5 and R6: the last of its closings, reopenings and discharges that left it to be cleaned."""
        cleanings = [fact for stay in self.stays.values() for fact in stay.left_to_clean]
        stated = last(self.closings)
        latest = max([*cleanings, stated] if stated else cleanings, key=happened, default=None)
        match latest.data if latest else None:
            case e.UnitClosed(reason=reason, expected_until=until):
                return Closing(reason, until)
            case e.Discharge():
                return Closing("cleaning", None)
            case _:
                return None

    def draw(self, held: Held | None) -> UnitPicture | None:
        """Draw the unit as it is; None when it is neither declared nor lived in."""
        shown = tuple(seen for _, stay in sorted(self.stays.items()) if (seen := stay.show()))
        stated = last(self.declarations)
        declared = stated.data if stated and isinstance(stated.data, e.UnitDeclared) else None
        if declared is None:
            return UnitPicture(self.unit, stays=shown) if shown else None
        return UnitPicture(
            unit=self.unit,
            kind=declared.kind,
            overflow=declared.overflow,
            max_adults=declared.max_adults,
            max_children=declared.max_children,
            beds=declared.beds,
            features=declared.features,
            stays=shown,
            closed=self.closed,
            held=held,
        )
