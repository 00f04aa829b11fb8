"""Rows of stays and of today's occupancy, each as a value or as left out with its reason. Rows are not compared with one another here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from services.adapters.bring_in.code_words import DESTINATIONS, KINDS, code_of, state_of
from services.adapters.bring_in.dates import DateForm, LocalMoment
from services.adapters.bring_in.household_cells import UnclearError, read_household
from services.adapters.bring_in.known_shelters import KnownShelters
from services.adapters.bring_in.reasons import LeftOut
from services.adapters.spreadsheets.column_names import fold
from services.adapters.spreadsheets.sheet_tables import SheetTable, TableRow


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRow:
    """One household. Of `unit` and `kind` one is set. In an occupancy `begin` may be None: it was there before today."""

    sheet: str
    line: int
    shelter: str
    unit: str | None
    kind: str | None
    adults: int
    children: int
    begin: LocalMoment | None
    end: LocalMoment | None = None
    destination: str = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyUnitRow:
    """A unit of an occupancy without a household. `closed` is the reason where it can't be used."""

    sheet: str
    line: int
    shelter: str
    unit: str
    closed: str | None = None


_FAR_YEARS: Final = 20
_NO_DATE: Final = frozenset(
    {"onbekend", "nvt", "heden", "nu", "loopt", "looptnog", "lopend", "nnb", "nognietbekend", "nogniet", "actief", "geen"}
)
# No household is there, whatever else the row says
_EMPTY: Final = "free"


class _RowError(Exception):
    """A row that is left out; `code` is its reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class StayReader:
    """Reads the rows of one table. `by_number` counts the units that only their number named."""

    table: SheetTable
    known: KnownShelters
    dates: DateForm
    by_number: set[str] = field(default_factory=set)
    groups: set[int] = field(default_factory=set)
    """Loose lines that name the shelter of the rows below them."""
    above: str | None = None
    """The shelter that was named last."""
    from_above: list[int] = field(default_factory=list)
    """Lines that name no shelter where others do."""

    def read(self) -> Iterator[HouseholdRow | EmptyUnitRow | LeftOut]:
        """Yield what each row is."""
        loose = sorted(self.table.loose.items())
        for row in self.table.rows:
            while loose and loose[0][0] <= row.number:
                number, text = loose.pop(0)
                if shelter := self.known.find(text):
                    self.above = shelter
                    self.groups.add(number)
            if row.number in self.groups:
                continue
            try:
                yield self._row(row)
            except (_RowError, UnclearError) as error:
                yield LeftOut(self.table.sheet, row.number, error.code)

    def _row(self, row: TableRow) -> HouseholdRow | EmptyUnitRow:
        shelter = self._shelter(row)
        unit, kind = self._place(row, shelter)
        if self.table.kind == "occupancy":
            return self._occupancy(row, shelter, unit, kind)
        begin, end = self._moment(row, "begin"), self._moment(row, "end")
        if begin is None:
            raise _RowError("no-begin" if end is None else "no-begin-with-end")
        return self._stay(row, shelter, unit, kind, begin, end)

    def _occupancy(self, row: TableRow, shelter: str, unit: str | None, kind: str | None) -> HouseholdRow | EmptyUnitRow:
        state = state_of(row.values.get("status"))
        if state is None and row.values.get("status") is not None:
            # "Bezetting" may be the household itself
            if not {"household", "adults", "women", "persons"} & self.table.columns.keys():
                return self._state_as_household(row, shelter, unit, kind)
            raise _RowError("status-unknown")
        household = None if state in {None, "occupied"} and read_household(row) else _EMPTY
        if household is None:
            return self._stay(row, shelter, unit, kind, self._moment(row, "begin"), None)
        if state == "occupied":
            raise _RowError("no-household")
        if unit is None:
            raise _RowError("unit-missing")
        closed = None if state in {None, _EMPTY} else state
        return EmptyUnitRow(sheet=self.table.sheet, line=row.number, shelter=shelter, unit=unit, closed=closed)

    def _state_as_household(self, row: TableRow, shelter: str, unit: str | None, kind: str | None) -> HouseholdRow:
        as_household = TableRow(row.number, {**row.values, "household": row.values["status"]}, row.spread)
        try:
            return self._stay(as_household, shelter, unit, kind, self._moment(row, "begin"), None)
        except UnclearError:
            raise _RowError("status-unknown") from None

    def _stay(
        self, row: TableRow, shelter: str, unit: str | None, kind: str | None, begin: LocalMoment | None, end: LocalMoment | None
    ) -> HouseholdRow:
        household = read_household(row)
        if household is None:
            raise _RowError("no-household")
        destination = "unknown"
        if text := row.text("destination"):
            # A destination in words of one's own is no reason to lose the stay
            destination = code_of(text, DESTINATIONS) or "unknown"
        return HouseholdRow(
            sheet=self.table.sheet,
            line=row.number,
            shelter=shelter,
            unit=unit,
            kind=kind,
            adults=household[0],
            children=household[1],
            begin=begin,
            end=end,
            destination=destination,
        )

    def _shelter(self, row: TableRow) -> str:
        """Return the shelter of a row: the one it names, else that of the row above or of its group, the sheet's, or the only one."""
        if text := row.text("shelter"):
            shelter = self.known.find(text)
            if shelter is None:
                self.above = None
                raise _RowError("shelter-unknown")
            self.above = shelter
            return shelter
        if self.above is not None and "shelter" in self.table.columns:
            self.from_above.append(row.number)
        shelter = self.above or self.known.find(self.table.sheet) or self.known.only
        if shelter is None:
            raise _RowError("shelter-missing")
        return shelter

    def _place(self, row: TableRow, shelter: str) -> tuple[str | None, str | None]:
        """Return the unit of a row, else its kind."""
        if text := row.text("unit"):
            found = self.known.shelters[shelter].find_unit(text)
            if found is None:
                raise _RowError("unit-unknown")
            if found[1]:
                self.by_number.add(found[0])
            return found[0], None
        text = row.text("kind")
        if text is None:
            raise _RowError("unit-missing")
        kind = code_of(text, KINDS)
        if kind is None:
            raise _RowError("kind-unknown")
        return None, kind

    def _moment(self, row: TableRow, name: str) -> LocalMoment | None:
        value = row.values.get(name)
        if value is None or (isinstance(value, str) and (value in {"-", "?"} or fold(value) in _NO_DATE)):
            return None
        if self.dates.is_ambiguous(value):
            raise _RowError("date-ambiguous")
        moment = self.dates.read(value, row.values.get(f"{name}_time"))
        if moment is None:
            raise _RowError(f"{name}-unreadable")
        # Programs write a far day for an end that is not known, such as 31-12-9999
        return None if name == "end" and moment.local.year > self.dates.today.year + _FAR_YEARS else moment
