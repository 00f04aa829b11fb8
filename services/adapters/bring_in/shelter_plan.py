"""Rows of shelters and their units: one row a unit, with the members of its shelter beside it or on the first row only.

What a row does not say is what Plek has already; what is new has to be complete. Of a shelter all rows must say the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from services.adapters.bring_in.known_shelters import KnownShelters
from services.adapters.bring_in.reasons import LeftOut
from services.adapters.bring_in.shelter_cells import CellError, Named, registration_members, slug, unit_members
from services.adapters.spreadsheets.sheet_tables import SheetTable, TableRow

_REGISTRATION: Final = ("name", "organisation", "region", "security", "audience", "max_son_age", "languages", "services", "intake_phone")
_UNIT: Final = ("kind", "overflow", "max_adults", "max_children", "beds", "features")
_DEFAULTS: Final[Mapping[str, Any]] = {"languages": ("nl",), "services": (), "overflow": False, "max_children": 0, "features": ()}
"""What is taken where neither the file nor Plek says it."""
_MOST_BEDS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDeclaration:
    """What is to be sent of a shelter, or of a unit of it. `before` is what Plek has; None for a new one."""

    sheet: str
    line: int
    shelter: str
    members: Mapping[str, Any]
    before: Mapping[str, Any] | None
    unit: str | None = None

    @property
    def changes(self) -> tuple[str, ...]:
        """The members that differ from what Plek has."""
        before = self.before or {}
        return tuple(name for name, value in self.members.items() if name not in before or not _same(value, before[name]))


@dataclass(slots=True)
class _Stated:
    """What the rows say of one shelter, and the line that says it first."""

    sheet: str
    line: int
    members: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    conflict: bool = False

    def add(self, line: int, members: Mapping[str, Any]) -> None:
        """Add what a row says. Raises CellError where an earlier one says something else: then nothing of the shelter is sent."""
        for name, value in members.items():
            if name in self.members and self.members[name] != value:
                self.conflict = True
                raise CellError("shelter-differs", other=self.lines[name])
            self.members.setdefault(name, value)
            self.lines.setdefault(name, line)


@dataclass(slots=True)
class ShelterPlan:
    """Plans the shelters and units of one file. `summed` are lines with beds that are the sum of adults and children."""

    known: KnownShelters
    region: Named
    language: Named
    shelters: list[PlannedDeclaration] = field(default_factory=list)
    units: list[PlannedDeclaration] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    unchanged: int = 0
    summed: list[int] = field(default_factory=list)
    _stated: dict[str, _Stated] = field(default_factory=dict)
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, table: SheetTable) -> None:
        """Read the rows of a table."""
        above: str | None = None
        for row in table.rows:
            try:
                above = self._shelter(table, row, above)
                self._unit(table, row, above)
            except CellError as error:
                self.left_out.append(LeftOut(table.sheet, row.number, error.code, error.other, error.fields))

    def finish(self) -> None:
        """Plan the registrations, once all rows were read."""
        for shelter, stated in self._stated.items():
            if stated.members and not stated.conflict:
                known = self.known.shelters.get(shelter)
                before = known.registration if known else None
                stated_here = PlannedDeclaration(
                    sheet=stated.sheet, line=stated.line, shelter=shelter, members=stated.members, before=before
                )
                self._plan(stated_here, self.shelters, _REGISTRATION)

    def _shelter(self, table: SheetTable, row: TableRow, above: str | None) -> str:
        """Return the shelter of a row, and collect what the row says of it. A row that names none is of the shelter above it."""
        text = row.text("shelter") or row.text("name")
        found = None if text is None else self.known.find(text)
        shelter = above or self.known.only if text is None else found or slug(text)
        if not shelter:
            raise CellError("shelter-missing")
        members = registration_members(row, self.region, self.language)
        # A new shelter that is named in words has these for its name too
        if name := row.text("name") or (text if found is None and text and slug(text) != text else None):
            members["name"] = name
        self._stated.setdefault(shelter, _Stated(table.sheet, row.number)).add(row.number, members)
        return shelter

    def _unit(self, table: SheetTable, row: TableRow, shelter: str) -> None:
        text = row.text("unit")
        if text is None:
            return
        known = self.known.shelters.get(shelter)
        found = known.find_unit(text) if known else None
        unit = found[0] if found else slug(text)
        if not unit:
            raise CellError("unit-incomplete", "unit")
        if (shelter, unit) in self._seen:
            raise CellError("twice", other=self._seen[shelter, unit])
        self._seen[shelter, unit] = row.number
        before = known.units[unit].declared if known and unit in known.units else None
        members = unit_members(row)
        if "beds" not in members and before is None and "max_adults" in members:
            members["beds"] = min(_MOST_BEDS, members["max_adults"] + members.get("max_children", 0))
            self.summed.append(row.number)
        stated = PlannedDeclaration(sheet=table.sheet, line=row.number, shelter=shelter, members=members, before=before, unit=unit)
        self._plan(stated, self.units, _UNIT)

    def _plan(self, stated: PlannedDeclaration, planned: list[PlannedDeclaration], names: tuple[str, ...]) -> None:
        """Plan a declaration whole; what is neither stated nor in Plek is taken as usual, or missing."""
        members = {**{name: value for name, value in _DEFAULTS.items() if name in names}, **(stated.before or {}), **stated.members}
        if missing := tuple(name for name in names if name not in members):
            code = "incomplete" if stated.unit is None else "unit-incomplete"
            self.left_out.append(LeftOut(stated.sheet, stated.line, code, fields=missing))
            return
        whole = {name: tuple(members[name]) if isinstance(members[name], list) else members[name] for name in names}
        made = replace(stated, members=whole)
        if made.changes:
            planned.append(made)
        else:
            self.unchanged += 1


def _same(one: Any, other: Any) -> bool:
    """Return whether two values of a member are the same; the order of a list says nothing."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return sorted(one) == sorted(other)
    return bool(one == other)
