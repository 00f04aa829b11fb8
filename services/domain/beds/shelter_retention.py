"""What of a shelter is kept when the records before a position of the log are deleted (contract, section 5).

Guarantees: with what is kept, every record from that position on does to the shelter what it would have done with all of it; and whatever
is asked of a time after the limit has the same answer. What is kept:
- of each matter the statement that rules at the limit, and the ones before it that rule once later records have corrected it;
- a stay that is present, or that ends after the limit, or that a later record names or corrects, or that has left its unit to be cleaned;
- a hold that is live, or that a later record names.

It does not hold for a correction that is logged after the deletion: what it corrects is gone, or what was before that is.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.domain.beds.holds import HoldFacts
from services.domain.beds.last_write_wins import D, Statement, order
from services.domain.beds.shelter_fold import ShelterState
from services.domain.beds.stays import Stay, unit_of
from services.domain.beds.units import Unit
from services.domain.events import catalog as e

Name = tuple[str, str]
"""The source and the id of an event."""


@dataclass(slots=True)
class LaterBedEvents:
    """What the events of one shelter after the position refer to: the names of events they correct, stays and holds."""

    corrected: set[Name] = field(default_factory=set)
    stays: set[str] = field(default_factory=set)
    holds: set[str] = field(default_factory=set)

    def add(self, data: e.Data) -> None:
        """Add what an event refers to."""
        match data:
            case e.Correction():
                self.corrected.add((data.corrects.source, data.corrects.id))
            case e.Admission():
                self.stays.add(data.stay)
                self.holds |= {data.hold} if data.hold else set()
            case e.StayChanged() | e.Transfer() | e.DischargePlanned() | e.Discharge():
                self.stays.add(data.stay)
            case e.HoldRequested() | e.HoldExtended() | e.HoldAccepted() | e.HoldReleased() | e.HoldDeclined():
                self.holds.add(data.hold)
            case _:
                pass


def kept_facts(shelter: ShelterState, limit: int, later: LaterBedEvents) -> dict[int, e.Event]:
    """Return the facts that are kept, by offset; `limit` (ns) is no later than the first record that is not deleted."""
    stays = {stay.stay for stay in shelter.stays.values() if not _is_over(stay, limit, later)}
    names = {statement.event.name for statement in _ruling(shelter.registrations, limit, later)}
    names |= {statement.event.name for statement in _ruling(shelter.pauses, limit, later)}
    unready = _unready_stays(shelter)
    for unit in shelter.units.values():
        names |= {statement.event.name for statement in _ruling(unit.declarations, limit, later)}
        closed, cleaned = _ruling_closings(unit, unready[unit.unit], limit, later)
        names |= closed
        stays |= cleaned
    return {
        offset: event
        for name, facts in shelter.facts.items()
        for offset, event in facts.items()
        if name in names or (isinstance(event.data, e.StayFact) and event.data.stay in stays)
    }


def kept_holds(shelter: ShelterState, clock: int, later: LaterBedEvents) -> list[HoldFacts]:
    """Return the holds that are kept at the clock (ms) of the partition, in the order of the log."""
    kept = (hold for hold in shelter.holds.values() if hold.live(clock) or hold.hold in later.holds)
    return sorted(kept, key=lambda hold: hold.offset)


def _is_over(stay: Stay, limit: int, later: LaterBedEvents) -> bool:
    """Return whether a stay has ended, or was never present, and no later record or question can change or show it."""
    return _is_settled(stay, limit, later) and (bool(stay.discharges) or stay.admitted_at is None)


def _is_settled(stay: Stay, limit: int, later: LaterBedEvents) -> bool:
    """Return whether no later record names a stay or corrects a fact of it, and all of it happened by the limit."""
    matters: tuple[Sequence[Statement[e.StayFact]], ...] = (stay.moves, stay.discharges, stay.households, stay.plans)
    statements = [statement for matter in matters for statement in matter]
    return stay.stay not in later.stays and all(_is_final(statement, limit, later) for statement in statements)


def _is_final(statement: Statement[object], limit: int, later: LaterBedEvents) -> bool:
    return statement.at <= limit and statement.event.name not in later.corrected


def _ruling(statements: Sequence[Statement[D]], limit: int, later: LaterBedEvents) -> Iterator[Statement[D]]:
    """Yield the statements of one matter after the limit, and before it those back to the first that no later record corrects."""
    for statement in reversed(statements):
        yield statement
        if _is_final(statement, limit, later):
            return


def _unready_stays(shelter: ShelterState) -> defaultdict[str, list[Stay]]:
    """Return the stays that left a unit to be cleaned (R6), by each unit that they were ever in."""
    by_unit: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in shelter.stays.values():
        if stay.unready_discharges:
            for unit in {unit_of(move.data) for move in stay.moves}:
                by_unit[unit].append(stay)
    return by_unit


def _ruling_closings(unit: Unit, unready: list[Stay], limit: int, later: LaterBedEvents) -> tuple[set[Name], set[str]]:
    """Return what of R5 and R6 is kept of a unit: the names of its closings and reopenings, and the stays that left it to be cleaned.

    A stay that was in several units may count in another one than this: it is kept, and what was before it too.
    """
    statements: list[tuple[Statement[e.UnitClosing | e.Discharge], Stay | None]] = [(statement, None) for statement in unit.closings]
    statements += [(discharge, stay) for stay in unready for discharge in stay.unready_discharges]
    names: set[Name] = set()
    stays: set[str] = set()
    for statement, stay in sorted(statements, key=lambda pair: order(pair[0]), reverse=True):
        if stay is None:
            names.add(statement.event.name)
            rules = _is_final(statement, limit, later)
        else:
            stays.add(stay.stay)
            rules = _is_settled(stay, limit, later) and {unit_of(move.data) for move in stay.moves} == {unit.unit}
        if rules:
            break
    return names, stays
