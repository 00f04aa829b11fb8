"""What is always true of a state, whatever was sent: one list, for property tests, end-to-end tests and fault tests.

`broken(state)` checks the document of the operator's state (and of the tapes' results); `broken_inside(partition)` checks the state of a
fold as well. Both return every invariant that does not hold, and where; an empty list when all hold.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from services.adapters.codec.event_codec import encode
from services.adapters.view import shelter_documents
from services.domain.beds.shelter_fold import load
from services.domain.beds.shelter_snapshot import ShelterSnapshot, count, state_of
from services.domain.beds.staleness import StalenessLimits
from tests.played import WIRE, document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.domain.beds.partition_fold import PartitionState
    from services.domain.beds.shelter_fold import ShelterState

Json = dict[str, Any]
PARTS: Final = ("occupied", "closed", "held", "paused", "unknown", "free")
STATUSES: Final = ("refused", "granted", "expired", "declined", "released", "fulfilled", "overtaken")
REASONS: Final = ("unknown_shelter", "intake_paused", "no_free_unit")
LIMITS: Final = StalenessLimits()


def broken(state: Json) -> list[str]:
    """Return the invariants of a state document that do not hold."""
    return [f"{invariant.__name__}: {where}" for invariant in OF_A_STATE for where in invariant(state)]


def broken_inside(partition: PartitionState, now: int | None = None) -> list[str]:
    """Return the invariants of a fold, and of its state at `now` (ms), that do not hold."""
    seen_at = max(now or 0, partition.clock)
    inside = [
        f"{invariant.__name__}: {name} {where}"
        for invariant in OF_A_SHELTER
        for name, shelter in partition.shelters.items()
        for where in invariant(shelter, seen_at)
    ]
    return broken(document([partition], seen_at)) + inside + [f"names_are_in_order: {where}" for where in names_are_in_order(partition)]


# --- of a state document ------------------------------------------------------------------------------------------------------------


def _all_counts(state: Json) -> Iterator[tuple[str, Json]]:
    for name, shelter in state["shelters"].items():
        yield f"{name} counts", shelter["counts"]
        yield f"{name} overflow", shelter["overflow"]
    yield from state["regions"].items()
    yield "national", state["national"]


def capacity_is_the_sum_of_its_six_parts(state: Json) -> Iterator[str]:
    """R7: capacity is the sum of the six states, of every shelter, its overflow, every region and the nation."""
    return (where for where, counts in _all_counts(state) if counts["capacity"] != sum(counts[part] for part in PARTS))


def no_number_is_negative(state: Json) -> Iterator[str]:
    """Every number is an integer of at least 0."""
    numbers = [(where, number) for where, counts in _all_counts(state) for number in counts.values()]
    return (where for where, number in [*numbers, ("dead_letters", state["dead_letters"])] if type(number) is not int or number < 0)


def a_region_is_the_sum_of_its_shelters(state: Json) -> Iterator[str]:
    """R7: the counts of a region are the sum of its registered shelters, without overflow."""
    sums: dict[str, Counter[str]] = {}
    for shelter in state["shelters"].values():
        if shelter["region"] is not None:
            sums.setdefault(shelter["region"], Counter()).update(shelter["counts"])
    if sums.keys() != state["regions"].keys():
        yield "which regions"
    yield from (region for region, counts in state["regions"].items() if dict(sums.get(region, {})) != counts)


def the_nation_is_the_sum_of_its_regions(state: Json) -> Iterator[str]:
    """R7: the counts of the nation are the sum of its regions."""
    total = Counter(dict.fromkeys(("capacity", *PARTS), 0))
    for counts in state["regions"].values():
        total.update(counts)
    if dict(total) != state["national"]:
        yield "national"


def a_hold_has_a_unit_or_a_reason(state: Json) -> Iterator[str]:
    """R10, R11: a refused hold has a reason and no unit, any other a unit and no reason."""
    for name, hold in state["holds"].items():
        refused = hold["status"] == "refused"
        known = hold["status"] in STATUSES and (hold["reason"] in REASONS if refused else hold["reason"] is None)
        if not known or (hold["unit"] is None) != refused:
            yield name


def a_unit_has_one_live_hold_at_most(state: Json) -> Iterator[str]:
    """R10: a unit has at most one live hold."""
    live = Counter((name.split("/")[0], hold["unit"]) for name, hold in state["holds"].items() if hold["status"] == "granted")
    return (f"{shelter}/{unit}" for (shelter, unit), number in live.items() if number > 1)


def every_live_hold_keeps_its_unit(state: Json) -> Iterator[str]:
    """R7, R11: a unit is held iff a hold on it is live; one whose unit is occupied, closed or gone was overtaken."""
    live = Counter(name.split("/")[0] for name, hold in state["holds"].items() if hold["status"] == "granted")
    for name, shelter in state["shelters"].items():
        if shelter["counts"]["held"] + shelter["overflow"]["held"] != live.pop(name, 0):
            yield name
    yield from live


def anomalies_are_listed_once(state: Json) -> Iterator[str]:
    """R8: the units of an anomaly are listed once and in byte order, and a discrepancy has two different numbers."""
    for name, shelter in state["shelters"].items():
        anomalies = shelter["anomalies"]
        lists = (anomalies["double_occupied"], anomalies["undeclared_unit"])
        if any(units != sorted(set(units)) for units in lists):
            yield name
        found = anomalies["discrepancy"]
        if found is not None and found["reported"] == found["computed"]:
            yield f"{name} discrepancy"


OF_A_STATE: Final[list[Callable[[Json], Iterator[str]]]] = [
    capacity_is_the_sum_of_its_six_parts,
    no_number_is_negative,
    a_region_is_the_sum_of_its_shelters,
    the_nation_is_the_sum_of_its_regions,
    a_hold_has_a_unit_or_a_reason,
    a_unit_has_one_live_hold_at_most,
    every_live_hold_keeps_its_unit,
    anomalies_are_listed_once,
]


# --- within a fold ------------------------------------------------------------------------------------------------------------------


def a_present_stay_is_in_one_unit(shelter: ShelterState, _now: int) -> Iterator[str]:
    """R3: every stay that is present is shown in the unit of its latest move, and in no other."""
    seen = sorted((stay.stay, unit.unit) for unit in shelter.snapshot.units.values() for stay in unit.stays)
    present = sorted((name, stay.unit or "") for name, stay in shelter.stays.items() if stay.present)
    if seen != present:
        yield "stays"


def a_unit_with_a_stay_is_occupied(shelter: ShelterState, now: int) -> Iterator[str]:
    """R7: a unit is occupied iff a stay is present in it, whatever else its facts say."""
    unknown = shelter.snapshot.unknown(now, LIMITS)
    for unit in shelter.snapshot.units.values():
        state = state_of(unit, paused=shelter.snapshot.paused is not None, unknown=unknown, now=now)
        if bool(unit.stays) != (state == "occupied"):
            yield unit.unit


def the_snapshot_is_what_the_facts_give(shelter: ShelterState, now: int) -> Iterator[str]:
    """R2: a shelter that is loaded from its facts and holds alone has the same snapshot and counts."""
    loaded = reloaded(shelter)
    if comparable(loaded, now) != comparable(shelter, now):
        yield "snapshot"


def documents_come_back_whole(shelter: ShelterState, _now: int) -> Iterator[str]:
    """Every document of a shelter, its units and its holds is read back without loss."""
    snapshot = shelter.snapshot
    read = shelter_documents.read_shelter(snapshot.shelter, shelter_documents.shelter_document(snapshot))
    read.units = {name: shelter_documents.read_unit(shelter_documents.unit_document(unit)) for name, unit in snapshot.units.items()}
    if read != snapshot:
        yield "shelter"
    yield from (name for name, hold in shelter.holds.items() if shelter_documents.read_hold(shelter_documents.hold_document(hold)) != hold)


def facts_come_back_whole(shelter: ShelterState, _now: int) -> Iterator[str]:
    """Every kept fact is decoded again as it was encoded."""
    kept = [event for facts in shelter.facts.values() for event in facts.values()]
    return (f"{event.source} {event.id}" for event in kept if WIRE.decode("beds", event.subject.encode(), encode(event)) != event)


def nothing_empty_is_kept(shelter: ShelterState, _now: int) -> Iterator[str]:
    """R12: no stay or unit without any fact is stored."""
    yield from (name for name, stay in shelter.stays.items() if stay.empty)
    yield from (name for name, unit in shelter.units.items() if unit.empty)


def names_are_in_order(partition: PartitionState) -> Iterator[str]:
    """Section 5: names are stored in the order of their clocks, and none is ahead of the clock of the partition."""
    for kind, names in (("seen", partition.seen), ("corrected", partition.corrected)):
        clocks = list(names.logged_at.values())
        if clocks != sorted(clocks) or (clocks and clocks[-1] > partition.clock):
            yield kind


OF_A_SHELTER: Final[list[Callable[[ShelterState, int], Iterator[str]]]] = [
    a_present_stay_is_in_one_unit,
    a_unit_with_a_stay_is_occupied,
    the_snapshot_is_what_the_facts_give,
    documents_come_back_whole,
    facts_come_back_whole,
    nothing_empty_is_kept,
]


def reloaded(shelter: ShelterState) -> ShelterState:
    """Return a shelter that was saved as the view stores it, in documents and encoded facts, and loaded again."""
    snapshot = shelter_documents.read_shelter(shelter.snapshot.shelter, shelter_documents.shelter_document(shelter.snapshot))
    kept = [(offset, encode(event)) for facts in shelter.facts.values() for offset, event in facts.items()]
    facts = [(offset, WIRE.decode("beds", shelter.snapshot.shelter.encode(), raw)) for offset, raw in kept]
    holds = [shelter_documents.read_hold(shelter_documents.hold_document(hold)) for hold in shelter.holds.values()]
    return load(snapshot, facts, holds)  # type: ignore[arg-type]  # a refusal among them would be a finding of its own


def comparable(shelter: ShelterState, now: int) -> Any:
    """Return all that a shelter will ever show from `now` on: its snapshot, its holds, its counts."""
    snapshot = shelter.snapshot
    units = {name: shelter_documents.unit_document(unit) for name, unit in snapshot.units.items()}
    without = ShelterSnapshot(snapshot.shelter, snapshot.registration, snapshot.heard_at, snapshot.paused, snapshot.discrepancy)
    return without, units, shelter.holds, count(snapshot, now, LIMITS)
