"""A whole file as a plan: what will be sent, what is left out and why, what is said of each sheet. Nothing is sent here.

The caller gives what the plan is compared with: what Plek shows, the key of each shelter, the names of regions and languages, the time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.adapters.bring_in.dates import DateForm, order_of
from services.adapters.bring_in.import_events import EventMaker, PlannedEvent
from services.adapters.bring_in.import_ids import ImportIds
from services.adapters.bring_in.known_shelters import KnownShelters, KnownUnit
from services.adapters.bring_in.occupancy_plan import OccupancyPlan
from services.adapters.bring_in.reasons import LeftOut, Remark, line_list
from services.adapters.bring_in.shelter_cells import Named
from services.adapters.bring_in.shelter_plan import PlannedDeclaration, ShelterPlan
from services.adapters.bring_in.stay_plan import StayPlan
from services.adapters.bring_in.stay_rows import EmptyUnitRow, HouseholdRow, StayReader
from services.adapters.dutch_time import local_ns
from services.adapters.spreadsheets.cells import Sheet
from services.adapters.spreadsheets.sheet_tables import Choices, SheetTable, find_table, unknown_dates
from services.domain.durations import DAY_NS

_LONG_NS = 730 * DAY_NS
"""A stay that runs longer has often lost its end; it is sent, and named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a file is read beside. `key` returns the key of a shelter; `now` in nanoseconds."""

    known: KnownShelters
    key: Callable[[str], bytes]
    region: Named
    language: Named
    now: int
    in_force: Literal["nothing", "units", "shelters and units"] = "shelters and units"
    """What the caller declares is in force at once; stays of anything else wait until it is confirmed."""


@dataclass(slots=True)
class ImportPlan:
    """The plan of one file. `unchanged` counts rows that Plek has already."""

    tables: list[SheetTable] = field(default_factory=list)
    shelters: list[PlannedDeclaration] = field(default_factory=list)
    units: list[PlannedDeclaration] = field(default_factory=list)
    declarations: list[PlannedEvent] = field(default_factory=list)
    """Shelters and units as events, for who may send them without a proposal."""
    facts: list[PlannedEvent] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    unchanged: int = 0


def plan_file(sheets: Sequence[Sheet], choices: Choices, beside: Surroundings) -> ImportPlan:
    """Return the plan of the sheets of a file."""
    plan = ImportPlan()
    for sheet in sheets:
        table = None if sheet.hidden else find_table(sheet, choices)
        # Stays of the past, with an end that is not understood, would be taken for those of today
        if table and table.kind == "occupancy" and choices.kind is None and (dates := unknown_dates(table)):
            plan.remarks.append(Remark(sheet.name, "dates-unknown", ", ".join(dates)))
        elif table is None:
            plan.remarks.append(Remark(sheet.name, "sheet-hidden" if sheet.hidden else "not-a-table"))
        else:
            plan.tables.append(table)
    ids = ImportIds(beside.key)
    maker = EventMaker(ids, beside.now)
    known = _plan_shelters(plan, beside, maker)
    _plan_stays(plan, StayPlan(known, ids, beside.now), maker)
    plan.left_out.sort()
    return plan


def _plan_shelters(plan: ImportPlan, beside: Surroundings, maker: EventMaker) -> KnownShelters:
    """Plan shelters and units, and return what will be known with them."""
    shelters = ShelterPlan(beside.known, beside.region, beside.language)
    for table in plan.tables:
        if table.kind == "shelters":
            before = len(shelters.summed)
            shelters.add(table)
            plan.remarks += _remarks(table)
            if summed := shelters.summed[before:]:
                plan.remarks.append(Remark(table.sheet, "beds-summed", line_list(summed)))
    shelters.finish()
    plan.shelters, plan.units = shelters.shelters, shelters.units
    plan.left_out += shelters.left_out
    plan.unchanged += shelters.unchanged
    if beside.in_force == "shelters and units":
        plan.declarations += maker.of_shelters(plan.shelters, plan.units)
        names = {shelter.shelter: shelter.members["name"] for shelter in plan.shelters}
    else:
        names = {}
    known = {*beside.known.shelters, *names} if beside.in_force != "nothing" else set()
    units = ((unit.shelter, KnownUnit(str(unit.unit), unit.members["kind"])) for unit in plan.units if unit.shelter in known)
    return beside.known.with_units(units, names)


def _plan_stays(plan: ImportPlan, stays: StayPlan, maker: EventMaker) -> None:
    past: list[HouseholdRow] = []
    today: list[HouseholdRow | EmptyUnitRow] = []
    for table in plan.tables:
        if table.kind != "shelters":
            reader = StayReader(table, stays.known, _date_form(table, stays.now))
            for row in reader.read():
                if isinstance(row, LeftOut):
                    plan.left_out.append(row)
                elif isinstance(row, HouseholdRow) and table.kind == "stays":
                    past.append(row)
                else:
                    today.append(row)
            plan.remarks += [*_remarks(table, reader.groups), *_date_remarks(table, reader)]
    stays.add(past)
    occupancy = OccupancyPlan(stays)
    occupancy.add(today)
    plan.left_out += stays.left_out
    plan.facts += [*maker.of_stays(stays), *maker.of_closings(occupancy)]
    sent = {(planned.sheet, planned.line) for planned in plan.facts}
    plan.unchanged += occupancy.unchanged + sum((stay.row.sheet, stay.row.line) not in sent for stay in stays.stays)
    if stays.by_kind:
        plan.remarks.append(Remark("", "units-by-kind", str(stays.by_kind)))
    long = [stay.row.line for stay in stays.stays if stay.end is None and stay.begin < stays.now - _LONG_NS]
    if long:
        plan.remarks.append(Remark("", "long-stays", line_list(long)))


def _date_form(table: SheetTable, now: int) -> DateForm:
    values = [row.values.get(name) for row in table.rows for name in ("begin", "end")]
    today = local_ns(now).date()
    return DateForm(order_of(values) or "day first", today, table.epoch_1904)


def _remarks(table: SheetTable, named: set[int] | None = None) -> Iterator[Remark]:
    """Yield what is said of every table. `named` are loose lines that were of use."""
    yield Remark(table.sheet, "columns", ", ".join(f"{label} = {name}" for name, label in table.names.items()))
    for code, labels in (
        ("columns-not-read", table.not_read),
        ("columns-personal", table.personal),
        ("columns-twice", table.twice),
    ):
        if labels:
            yield Remark(table.sheet, code, ", ".join(labels))
    hidden = [row.number for row in table.rows if row.hidden]
    loose = set(table.loose) - {row.number for row in table.rows} - (named or set())
    for code, lines in (("examples", table.examples), ("totals", table.totals), ("loose", loose), ("hidden-rows", hidden)):
        if lines:
            yield Remark(table.sheet, code, line_list(lines))


def _date_remarks(table: SheetTable, reader: StayReader) -> Iterator[Remark]:
    values = [row.values.get(name) for row in table.rows for name in ("begin", "end")]
    if reader.dates.order in {"either", "month first"}:
        yield Remark(table.sheet, "day-first" if reader.dates.order == "either" else "month-first")
    moments = filter(None, map(reader.dates.read, values))
    if any(not moment.exact for moment in moments):
        yield Remark(table.sheet, "noon")
    if reader.from_above:
        yield Remark(table.sheet, "shelter-from-above", line_list(reader.from_above))
    if reader.by_number:
        yield Remark(table.sheet, "units-by-number", str(len(reader.by_number)))
