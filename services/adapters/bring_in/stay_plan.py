"""Which of the rows become stays: rows are compared with one another, and with who is there now.

Guarantees: no unit gets two households at a time, neither by two rows nor by a row and Plek; nothing is guessed to prevent it, one of the
two is left out with the line of the other.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.adapters.bring_in.dates import LocalMoment
from services.adapters.bring_in.import_ids import ImportIds
from services.adapters.bring_in.known_shelters import KnownShelters
from services.adapters.bring_in.reasons import LeftOut
from services.adapters.bring_in.stay_rows import HouseholdRow
from services.adapters.dutch_time import local_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStay:
    """A stay that is to be sent. `begin` and `end` in nanoseconds; an `end` after now is when it is expected to end."""

    row: HouseholdRow
    unit: str
    stay: str
    begin: int
    end: int | None
    present: bool
    """Plek has it already, and it has not ended there."""


@dataclass(slots=True)
class StayPlan:
    """Decides for the rows of one file, at `now` (nanoseconds)."""

    known: KnownShelters
    ids: ImportIds
    now: int
    stays: list[PlannedStay] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    by_kind: int = 0

    def add(self, rows: Iterable[HouseholdRow]) -> None:
        """Plan the rows of stays; all of a file at once."""
        with_unit: dict[tuple[str, str], list[HouseholdRow]] = defaultdict(list)
        with_kind = []
        for row in rows:
            if code := self._wrong(row):
                self.leave_out(row, code)
            elif row.unit is None:
                with_kind.append(row)
            else:
                with_unit[row.shelter, row.unit].append(row)
        taken: dict[tuple[str, str], list[PlannedStay]] = {}
        for (shelter, unit), of_unit in sorted(with_unit.items()):
            taken[shelter, unit] = self._plan_unit(unit, of_unit)
        self._plan_kinds(with_kind, taken)
        planned = (stay for stays in taken.values() for stay in stays)
        self.stays = sorted(planned, key=lambda stay: (stay.row.shelter, stay.begin, stay.row.line))

    def _wrong(self, row: HouseholdRow) -> str | None:
        """Return why a row is left out for itself."""
        begin, end = row.begin, row.end
        if begin is None:
            return "no-begin"
        if end is not None and _before(end, begin):
            return "end-before-begin"
        return "begin-in-future" if self.instant(begin) > self.now else None

    def instant(self, moment: LocalMoment) -> int:
        """Return when a moment is: of today, and without a time, it is not later than now."""
        today = local_ns(self.now).date()
        at = moment.instant()
        return min(at, self.now) if not moment.exact and moment.local.date() == today else at

    def _plan_unit(self, unit: str, rows: list[HouseholdRow]) -> list[PlannedStay]:
        """Plan the rows of one unit: in the order of their begin, none before the end of the last."""
        planned: list[PlannedStay] = []
        rows = self._without_doubles(sorted(rows, key=_order))
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            last = planned[-1] if planned else None
            if row.end is None and following is not None:
                self.leave_out(row, "no-end-but-next", following)
            elif last is not None and _overlaps(last.row, row):
                self.leave_out(row, "overlap", last.row)
            else:
                stay = self.plan_stay(row, unit, self.stay_id(row), last)
                if not stay.present and self._is_taken(row.shelter, unit, stay.end):
                    seen = self.known.shelters[row.shelter].units[unit].stays
                    self.leave_out(row, "unit-occupied" if seen else "unit-taken")
                else:
                    planned.append(stay)
        return planned

    def _without_doubles(self, rows: list[HouseholdRow]) -> list[HouseholdRow]:
        """Return rows that begin together in one unit once: the first, which is the one with an end."""
        kept: list[HouseholdRow] = []
        for row in rows:
            if kept and kept[-1].begin == row.begin and _household(kept[-1]) == _household(row) and row.end in {None, kept[-1].end}:
                self.leave_out(row, "twice", kept[-1])
            else:
                kept.append(row)
        return kept

    def plan_stay(self, row: HouseholdRow, unit: str, stay: str, last: PlannedStay | None = None) -> PlannedStay:
        """Return the stay of a row in a unit, after the `last` one there."""
        begin = self.now if row.begin is None else self.instant(row.begin)
        # A date without a time may be that of another's end: then this one begins after it
        if last is not None and last.end is not None and row.begin is not None and not row.begin.exact:
            begin = max(begin, last.end)
        end = None if row.end is None else max(begin, self.instant(row.end))
        return PlannedStay(row=row, unit=unit, stay=stay, begin=begin, end=end, present=stay in self.known.shelters[row.shelter].stays)

    def stay_id(self, row: HouseholdRow, ordinal: int = 1) -> str:
        """Return the id of a stay. Without a unit, households of one size that begin together are numbered."""
        begin = "" if row.begin is None else row.begin.text
        if row.unit:
            return self.ids.make(row.shelter, "stay", row.unit, begin)
        return self.ids.make(row.shelter, "stay-of-kind", str(row.kind), begin, *map(str, (*_household(row), ordinal)))

    def _is_taken(self, shelter: str, unit: str, end: int | None) -> bool:
        """Return whether a stay until `end` meets the household that Plek shows in its unit."""
        here = self.known.shelters[shelter].units[unit]
        if end is None or end > self.now:
            return here.occupied
        return any(stay.since < end for stay in here.stays.values())

    def _plan_kinds(self, rows: list[HouseholdRow], taken: dict[tuple[str, str], list[PlannedStay]]) -> None:
        """Put each stay without a unit into the first unit of its kind that is free from its begin to its end."""
        ordinals: dict[tuple[object, ...], int] = defaultdict(int)
        # The open ones last: the next file has their ends, and those are later than all ends of this one
        for row in sorted(rows, key=_order):
            alike = (row.shelter, row.kind, row.begin and row.begin.text, *_household(row))
            ordinals[alike] += 1
            stay = self.stay_id(row, ordinals[alike])
            unit = self._unit_for(row, stay, taken)
            if unit is None:
                self.leave_out(row, "kind-full")
            else:
                around = taken.setdefault((row.shelter, unit), [])
                place = _place_of(row, around)
                around.insert(place, self.plan_stay(row, unit, stay, around[place - 1] if place else None))
                self.by_kind += 1

    def _unit_for(self, row: HouseholdRow, stay: str, taken: dict[tuple[str, str], list[PlannedStay]]) -> str | None:
        """Return the unit in which Plek has a stay already, else the first free one of its kind; None where there is none."""
        units = self.known.shelters[row.shelter].units
        if there := next((unit.unit for unit in units.values() if stay in unit.stays), None):
            return there
        end = None if row.end is None else self.instant(row.end)
        for unit in sorted(unit.unit for unit in units.values() if unit.kind == row.kind):
            around = taken.get((row.shelter, unit), [])
            place = _place_of(row, around)
            # Stays of a unit don't overlap and stand in their order, so that none but those beside it can be in its way
            beside = [other.row for other in around[max(0, place - 2) : place + 2]]
            if not any(_overlaps(other, row) or _overlaps(row, other) for other in beside) and not self._is_taken(row.shelter, unit, end):
                return unit
        return None

    def leave_out(self, row: HouseholdRow, code: str, other: HouseholdRow | None = None) -> None:
        """Leave a row out; `other` is the row that is the reason."""
        where = "" if other is None else str(other.line) if other.sheet == row.sheet else f"{other.sheet}!{other.line}"
        self.left_out.append(LeftOut(row.sheet, row.line, code, where))


def _order(row: HouseholdRow) -> tuple[str | int, ...]:
    """Return by what rows are sorted: begin, then end, those without an end last; then what is sent of them, never the place in a file."""
    begin = "" if row.begin is None else row.begin.local.isoformat()
    end = "~" if row.end is None else row.end.local.isoformat()
    return row.shelter, begin, end, row.adults, row.children, row.destination, row.sheet, row.line


def _place_of(row: HouseholdRow, stays: list[PlannedStay]) -> int:
    """Return where a row stands among the stays of a unit."""
    return bisect_right(stays, _order(row), key=lambda stay: _order(stay.row))


def _household(row: HouseholdRow) -> tuple[int, int]:
    return row.adults, row.children


def _before(one: LocalMoment, other: LocalMoment) -> bool:
    """Return whether a moment is before another: of the same day only where both have a time."""
    if one.exact and other.exact:
        return one.instant() < other.instant()
    return one.local.date() < other.local.date()


def _overlaps(earlier: HouseholdRow, later: HouseholdRow) -> bool:
    """Return whether a stay that begins earlier has not ended when the other begins."""
    if later.begin is None or earlier.begin is None or _before(later.begin, earlier.begin):
        return False
    return earlier.end is None or _before(later.begin, earlier.end)
