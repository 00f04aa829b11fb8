"""What is planned as events of the contract, from the source that makes no shelter heard of (R9)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from services.adapters.bring_in.import_ids import ImportIds
from services.adapters.bring_in.occupancy_plan import OccupancyPlan
from services.adapters.bring_in.shelter_plan import PlannedDeclaration
from services.adapters.bring_in.stay_plan import PlannedStay, StayPlan
from services.domain.events import catalog as e
from services.domain.events.value_types import IMPORT_SOURCE


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """An event with the row that it is of."""

    sheet: str
    line: int
    event: e.Event


@dataclass(frozen=True, slots=True)
class EventMaker:
    """Makes events that are recorded at `now` (nanoseconds). The same row makes the same name (R1), whenever it is brought in."""

    ids: ImportIds
    now: int

    def of_stays(self, plan: StayPlan) -> Iterator[PlannedEvent]:
        """Yield the events of stays, as far as Plek does not show them already."""
        for stay in plan.stays:
            for words, data in self._of_stay(stay, plan):
                yield self._planned(stay.row.sheet, stay.row.line, data, stay.stay, *words)

    def _of_stay(self, stay: PlannedStay, plan: StayPlan) -> Iterator[tuple[tuple[str, ...], e.StayFact]]:
        row = stay.row
        begin, end = "" if row.begin is None else row.begin.text, "" if row.end is None else row.end.text
        common: dict[str, Any] = {"shelter": row.shelter, "stay": stay.stay}
        if not _is_shown(stay, plan):
            admission = e.Admission(**common, unit=stay.unit, adults=row.adults, children=row.children, occurred_at=stay.begin)
            yield (stay.unit, str(row.adults), str(row.children), begin), admission
        if stay.end is None:
            return
        if stay.end > self.now:
            yield (end,), e.DischargePlanned(**common, expected_at=stay.end)
        else:
            yield (end, row.destination), e.Discharge(**common, destination=row.destination, occurred_at=stay.end)

    def of_closings(self, plan: OccupancyPlan) -> Iterator[PlannedEvent]:
        """Yield the closings of units; one a unit, a reason and a day."""
        for row in plan.closings:
            data = e.UnitClosed(shelter=row.shelter, unit=row.unit, reason=str(row.closed))
            yield self._planned(row.sheet, row.line, data, row.unit, data.reason, plan.day)

    def of_shelters(self, shelters: Iterable[PlannedDeclaration], units: Iterable[PlannedDeclaration]) -> Iterator[PlannedEvent]:
        """Yield registrations, then declarations. The name holds what they replace: what was changed back is another event."""
        for shelter in shelters:
            registered = e.ShelterRegistered(shelter=shelter.shelter, **shelter.members)
            yield self._planned(shelter.sheet, shelter.line, registered, *_replaced(shelter))
        for unit in units:
            declared = e.UnitDeclared(shelter=unit.shelter, unit=str(unit.unit), **unit.members)
            yield self._planned(unit.sheet, unit.line, declared, str(unit.unit), *_replaced(unit))

    def _planned(self, sheet: str, line: int, data: Any, *words: str) -> PlannedEvent:
        shelter: str = data.shelter
        name = self.ids.make(shelter, e.SHORT_NAMES[type(data)], *words)
        return PlannedEvent(sheet, line, e.Event(id=name, source=IMPORT_SOURCE, time=self.now, subject=shelter, data=data))


def _is_shown(stay: PlannedStay, plan: StayPlan) -> bool:
    """Return whether Plek shows the stay with this household already; in whichever unit, for it may have moved since."""
    units = plan.known.shelters[stay.row.shelter].units.values()
    shown = next((unit.stays[stay.stay] for unit in units if stay.stay in unit.stays), None)
    return shown is not None and (shown.adults, shown.children) == (stay.row.adults, stay.row.children)


def _replaced(planned: PlannedDeclaration) -> tuple[str, ...]:
    """Return the words of a declaration: all that it says, and what Plek had before."""
    before = {} if planned.before is None else planned.before
    return tuple(f"{name}={value}|{before.get(name)}" for name, value in sorted(planned.members.items()))
