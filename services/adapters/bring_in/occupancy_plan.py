"""Today's occupancy beside what Plek shows: a household is sent for a unit that Plek shows without one, and nothing else is changed.

A household that Plek shows and the file does not have is never discharged by a file: that is said by line.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.adapters.bring_in.known_shelters import KnownUnit
from services.adapters.bring_in.reasons import LeftOut
from services.adapters.bring_in.stay_plan import PlannedStay, StayPlan
from services.adapters.bring_in.stay_rows import EmptyUnitRow, HouseholdRow
from services.adapters.dutch_time import local_ns


@dataclass(slots=True)
class OccupancyPlan:
    """Decides for the rows of an occupancy, after the stays of the same file were planned."""

    plan: StayPlan
    closings: list[EmptyUnitRow] = field(default_factory=list)
    unchanged: int = 0
    seen: dict[tuple[str, str], HouseholdRow | EmptyUnitRow] = field(default_factory=dict)

    @property
    def day(self) -> str:
        """The Dutch day of today."""
        return local_ns(self.plan.now).date().isoformat()

    def add(self, rows: Iterable[HouseholdRow | EmptyUnitRow]) -> None:
        """Plan the rows."""
        planned = {(stay.row.shelter, stay.unit): stay.row for stay in self.plan.stays if stay.end is None or stay.end > self.plan.now}
        self.seen |= planned
        for row in rows:
            if row.unit is None:
                self._leave_out(row, "unit-missing")
            elif (other := self.seen.get((row.shelter, row.unit))) is not None:
                self._leave_out(row, "twice", other)
            else:
                self.seen[row.shelter, row.unit] = row
                here = self.plan.known.shelters[row.shelter].units[row.unit]
                if isinstance(row, EmptyUnitRow):
                    self._empty(row, here)
                else:
                    self._occupied(row, here)

    def _empty(self, row: EmptyUnitRow, here: KnownUnit) -> None:
        if here.occupied:
            self._leave_out(row, "occupied-in-plek")
        elif row.closed is None or here.closed:
            self.unchanged += 1
        else:
            self.closings.append(row)

    def _occupied(self, row: HouseholdRow, here: KnownUnit) -> None:
        present = list(here.stays.values())
        if row.begin is not None and self.plan.instant(row.begin) > self.plan.now:
            self._leave_out(row, "begin-in-future")
        elif not here.occupied:
            self.plan.stays.append(self._stay(row))
        elif not present or [(stay.adults, stay.children) for stay in present] == [(row.adults, row.children)]:
            self.unchanged += 1
        else:
            self._leave_out(row, "other-household")

    def _stay(self, row: HouseholdRow) -> PlannedStay:
        """Return the stay of a row. Without a begin it is one of this unit and day: tomorrow Plek shows it, and it is not sent."""
        unit = str(row.unit)
        if row.begin is None:
            return self.plan.plan_stay(row, unit, self.plan.ids.make(row.shelter, "occupancy", unit, self.day))
        return self.plan.plan_stay(row, unit, self.plan.stay_id(row))

    def _leave_out(self, row: HouseholdRow | EmptyUnitRow, code: str, other: HouseholdRow | EmptyUnitRow | None = None) -> None:
        where = "" if other is None else str(other.line) if other.sheet == row.sheet else f"{other.sheet}!{other.line}"
        self.plan.left_out.append(LeftOut(row.sheet, row.line, code, where))
