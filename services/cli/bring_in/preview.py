"""A plan as lines: Dutch first, English beside it, as the file's own columns are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from services.adapters.bring_in.import_events import PlannedEvent
from services.adapters.bring_in.import_plan import ImportPlan
from services.adapters.bring_in.shelter_plan import PlannedDeclaration
from services.adapters.dutch_time import local_ns
from services.domain.events import catalog as e

# So many lines of what is sent show whether it is understood; of what is left out most want all
_SENT: Final = 8
_LEFT_OUT: Final = 60
_NOUNS: Final = {
    e.Admission: "admissions",
    e.Discharge: "discharges",
    e.DischargePlanned: "planned discharges",
    e.UnitClosed: "closures",
}


def preview_lines(plan: ImportPlan, *, direct: bool, every: bool) -> list[str]:
    """Return what will be sent, what is left out and why, and what is said of each sheet. `direct`: without a proposal."""
    lines = [line for table in plan.tables for line in (f"{_sheet(table.sheet)}{table.kind}, header on line {table.header}",)]
    lines += [f"  {_sheet(remark.sheet)}{_both(remark.words)}" for remark in plan.remarks]
    sent = [*_declarations(plan), *_households(plan.facts)]
    lines += ["", f"To send: {_totals(plan, direct=direct)}", *_some(sent, None if every else _SENT)]
    if plan.unchanged:
        lines.append(f"Unchanged: {plan.unchanged:,} rows that Plek has already")
    if plan.left_out:
        reasons = [f"  {_place(row.sheet, row.line)}: {_both(row.words)}" for row in sorted(plan.left_out)]
        lines += [f"Left out: {len(plan.left_out):,} rows", *_some(reasons, None if every else _LEFT_OUT)]
    return lines


def _totals(plan: ImportPlan, *, direct: bool) -> str:
    counts = Counter(_NOUNS[type(planned.event.data)] for planned in plan.facts)
    declared = {"shelters": len(plan.shelters), "units": len(plan.units)}
    how = "" if direct else " to propose"
    parts = [f"{count:,} {noun}{how}" for noun, count in declared.items() if count]
    parts += [f"{counts[noun]:,} {noun}" for noun in _NOUNS.values() if counts[noun]]
    return ", ".join(parts) or "nothing"


def _declarations(plan: ImportPlan) -> Iterator[str]:
    for planned in (*plan.shelters, *plan.units):
        where = planned.shelter if planned.unit is None else f"{planned.shelter}/{planned.unit}"
        yield f"  {_place(planned.sheet, planned.line)}: {where} {_change(planned)}"


def _change(planned: PlannedDeclaration) -> str:
    if planned.before is None:
        return "is new"
    return f"changes {', '.join(planned.changes)}"


def _households(facts: Iterable[PlannedEvent]) -> Iterator[str]:
    """Yield a line a row: the unit, the household, and from when until when."""
    rows: dict[tuple[str, int], list[Any]] = {}
    for planned in facts:
        rows.setdefault((planned.sheet, planned.line), []).append(planned.event.data)
    for (sheet, line), said in rows.items():
        yield f"  {_place(sheet, line)}: {'; '.join(map(_fact, said))}"


def _fact(data: Any) -> str:
    match data:
        case e.Admission():
            return f"{data.shelter}/{data.unit} {data.adults}+{data.children} from {_local(data.occurred_at)}"
        case e.Discharge():
            return f"until {_local(data.occurred_at)}, {data.destination}"
        case e.DischargePlanned():
            return f"expected until {_local(data.expected_at)}"
        case _:
            return f"{data.shelter}/{data.unit} closed, {data.reason}"


def _local(instant: int | None) -> str:
    return local_ns(instant or 0).strftime("%d-%m-%Y %H:%M")


def _some(lines: list[str], most: int | None) -> list[str]:
    more = 0 if most is None else len(lines) - most
    return lines if more <= 0 else [*lines[:most], f"  … and {more:,} more: --all shows them"]


def _both(words: tuple[str, str]) -> str:
    dutch, english = words
    return f"{dutch} ({english})"


def _sheet(name: str) -> str:
    return f"{name}: " if name else ""


def _place(sheet: str, line: int) -> str:
    return f"{sheet}, line {line}" if sheet else f"line {line}"
