"""What the uncorrected facts of a shelter say, in whatever order they came: R2 to R8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.reference.parse import Event


def recorded(event: Event) -> tuple[int, str, str]:
    """R5: the order of the last statement."""
    return event.time, event.id, event.source


def happened(event: Event) -> tuple[int, int, str, str]:
    """R3, R5: the order of what really happened."""
    return event.occurred_at, event.time, event.id, event.source


def of(facts: list[Event], *names: str, **members: str) -> list[Event]:
    """Return the facts of these types with data that have these members."""
    return [fact for fact in facts if fact.name in names and all(fact.data.get(member) == value for member, value in members.items())]


def registration(facts: list[Event]) -> dict[str, Any] | None:
    """R5: the last registration."""
    said = sorted(of(facts, "shelter-registered"), key=recorded)
    return said[-1].data if said else None


def declared_units(facts: list[Event]) -> dict[str, dict[str, Any]]:
    """R5: the units whose last statement is a declaration, and that declaration, by byte order of their id."""
    last = {fact.data["unit"]: fact for fact in sorted(of(facts, "unit-declared", "unit-withdrawn"), key=recorded)}
    return {unit: last[unit].data for unit in sorted(last) if last[unit].name == "unit-declared"}


def unit_of(facts: list[Event], stay: str) -> str | None:
    """R3: the unit of a stay, present or not: that of the latest of its admissions and transfers."""
    moves = sorted(of(facts, "admission", "transfer", stay=stay), key=happened)
    if not moves:
        return None
    last = moves[-1].data
    return str(last["unit"] if "unit" in last else last["to_unit"])


def present(facts: list[Event]) -> dict[str, str]:
    """R3, R4: the stays with an admission and no discharge, and their units."""
    admitted = {fact.data["stay"] for fact in of(facts, "admission")}
    discharged = {fact.data["stay"] for fact in of(facts, "discharge")}
    return {stay: unit_of(facts, stay) or "" for stay in sorted(admitted - discharged)}


def closed_units(facts: list[Event]) -> set[str]:
    """R5, R6: the units whose last statement is a closing; a discharge that leaves the unit unready is one, of its stay's unit."""
    said = [(happened(fact), fact.data["unit"], fact.name == "unit-closed") for fact in of(facts, "unit-closed", "unit-reopened")]
    for fact in of(facts, "discharge"):
        unit = unit_of(facts, fact.data["stay"])
        if fact.data.get("unit_ready") is False and unit is not None:
            said.append((happened(fact), unit, True))
    last = {unit: closing for _, unit, closing in sorted(said, key=lambda statement: statement[0])}
    return {unit for unit, closing in last.items() if closing}


def is_paused(facts: list[Event]) -> bool:
    """R5: the last of pause and resumption is a pause."""
    said = sorted(of(facts, "intake-paused", "intake-resumed"), key=happened)
    return bool(said) and said[-1].name == "intake-paused"


def double_occupied(facts: list[Event]) -> list[str]:
    """R8: the units, declared or not, with two stays present."""
    taken = list(present(facts).values())
    return sorted({unit for unit in taken if taken.count(unit) > 1})


def undeclared_units(facts: list[Event]) -> list[str]:
    """R8: the units that are not declared and have a stay."""
    return sorted(set(present(facts).values()) - declared_units(facts).keys())


def states_of(facts: list[Event], held: set[str], *, unknown: bool) -> dict[str, str]:
    """R7: of each declared unit the first state that fits."""
    occupied, closed, paused = set(present(facts).values()), closed_units(facts), is_paused(facts)
    rest = "paused" if paused else "unknown" if unknown else "free"
    return {
        unit: "occupied" if unit in occupied else "closed" if unit in closed else "held" if unit in held else rest
        for unit in declared_units(facts)
    }
