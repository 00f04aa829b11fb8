"""What is always true of a state, whatever was sent: one list, for property tests, end-to-end tests and fault tests alike.

`broken(state)` takes the document of the operator's state (and of the tapes' results); `broken_inside(registry)` looks within a fold
as well. Both name every invariant that does not hold, and where; an empty list is a promise kept.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from services.adapters.view import documents
from services.adapters.wire import encode
from services.domain.freshness import Limits
from services.domain.occupancy import load
from services.domain.picture import ShelterPicture, count, state_of
from tests.played import WIRE, document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.domain.occupancy import Shelter
    from services.domain.registry import Registry

Json = dict[str, Any]
PARTS: Final = ("occupied", "closed", "held", "paused", "unknown", "free")
STATUSES: Final = ("refused", "granted", "expired", "declined", "released", "fulfilled", "overtaken")
REASONS: Final = ("unknown_shelter", "intake_paused", "no_free_unit")
LIMITS: Final = Limits()


def broken(state: Json) -> list[str]:
    """Name the invariants of a state document that do not hold."""
    return [f"{invariant.__name__}: {where}" for invariant in OF_A_STATE for where in invariant(state)]


def broken_inside(registry: Registry, now: int | None = None) -> list[str]:
    """Name the invariants of a fold, and of the state it shows at `now` (ms), that do not hold."""
    seen_at = max(now or 0, registry.clock)
    inside = [
        f"{invariant.__name__}: {name} {where}"
        for invariant in OF_A_SHELTER
        for name, shelter in registry.shelters.items()
        for where in invariant(shelter, seen_at)
    ]
    return broken(document([registry], seen_at)) + inside + [f"names_are_in_order: {where}" for where in names_are_in_order(registry)]


# --- of a state document ------------------------------------------------------------------------------------------------------------


def _all_counts(state: Json) -> Iterator[tuple[str, Json]]:
    for name, shelter in state["shelters"].items():
        yield f"{name} counts", shelter["counts"]
        yield f"{name} overflow", shelter["overflow"]
    yield from state["regions"].items()
    yield "national", state["national"]


def capacity_is_the_sum_of_its_six_parts(state: Json) -> Iterator[str]:
    """R7: of every shelter, its overflow, every region and the nation."""
    return (where for where, counts in _all_counts(state) if counts["capacity"] != sum(counts[part] for part in PARTS))


def no_number_is_negative(state: Json) -> Iterator[str]:
    """Nothing is ever fewer than none."""
    numbers = [(where, number) for where, counts in _all_counts(state) for number in counts.values()]
    return (where for where, number in [*numbers, ("dead_letters", state["dead_letters"])] if type(number) is not int or number < 0)


def a_region_is_the_sum_of_its_shelters(state: Json) -> Iterator[str]:
    """R7: a shelter counts in its region from the moment it is registered, its overflow nowhere."""
    sums: dict[str, Counter[str]] = {}
    for shelter in state["shelters"].values():
        if shelter["region"] is not None:
            sums.setdefault(shelter["region"], Counter()).update(shelter["counts"])
    if sums.keys() != state["regions"].keys():
        yield "which regions"
    yield from (region for region, counts in state["regions"].items() if dict(sums.get(region, {})) != counts)


def the_nation_is_the_sum_of_its_regions(state: Json) -> Iterator[str]:
    """R7: nothing is counted twice and nothing left out."""
    total = Counter(dict.fromkeys(("capacity", *PARTS), 0))
    for counts in state["regions"].values():
        total.update(counts)
    if dict(total) != state["national"]:
        yield "national"


def a_hold_says_what_became_of_it(state: Json) -> Iterator[str]:
    """R10, R11: a refused hold has a reason and no unit, any other a unit and no reason."""
    for name, hold in state["holds"].items():
        refused = hold["status"] == "refused"
        known = hold["status"] in STATUSES and (hold["reason"] in REASONS if refused else hold["reason"] is None)
        if not known or (hold["unit"] is None) != refused:
            yield name


def a_unit_has_one_live_hold_at_most(state: Json) -> Iterator[str]:
    """R10: the last place has exactly one winner."""
    live = Counter((name.split("/")[0], hold["unit"]) for name, hold in state["holds"].items() if hold["status"] == "granted")
    return (f"{shelter}/{unit}" for (shelter, unit), number in live.items() if number > 1)


def every_live_hold_keeps_its_unit(state: Json) -> Iterator[str]:
    """R7, R11: a unit is held iff a hold on it is live; one whose unit is occupied, closed or gone was overtaken."""
    live = Counter(name.split("/")[0] for name, hold in state["holds"].items() if hold["status"] == "granted")
    for name, shelter in state["shelters"].items():
        if shelter["counts"]["held"] + shelter["overflow"]["held"] != live.pop(name, 0):
            yield name
    yield from live


def anomalies_are_what_they_say(state: Json) -> Iterator[str]:
    """R8: units stand once and in byte order, and a discrepancy differs."""
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
    a_hold_says_what_became_of_it,
    a_unit_has_one_live_hold_at_most,
    every_live_hold_keeps_its_unit,
    anomalies_are_what_they_say,
]


# --- within a fold ------------------------------------------------------------------------------------------------------------------


def a_present_stay_is_in_one_unit(shelter: Shelter, _now: int) -> Iterator[str]:
    """R3: every stay that is present is seen in the unit of its latest move, and nowhere else."""
    seen = sorted((stay.stay, unit.unit) for unit in shelter.picture.units.values() for stay in unit.stays)
    present = sorted((name, stay.unit or "") for name, stay in shelter.stays.items() if stay.present)
    if seen != present:
        yield "stays"


def no_household_in_a_free_unit(shelter: Shelter, now: int) -> Iterator[str]:
    """R7: a unit somebody lives in is occupied, whatever else is said of it."""
    unknown = shelter.picture.unknown(now, LIMITS)
    for unit in shelter.picture.units.values():
        state = state_of(unit, paused=shelter.picture.paused is not None, unknown=unknown, now=now)
        if bool(unit.stays) != (state == "occupied"):
            yield unit.unit


def the_picture_is_what_the_facts_give(shelter: Shelter, now: int) -> Iterator[str]:
    """R2: loaded from its facts and holds alone, a shelter looks the same and counts the same."""
    loaded = reloaded(shelter)
    if comparable(loaded, now) != comparable(shelter, now):
        yield "picture"


def documents_come_back_whole(shelter: Shelter, _now: int) -> Iterator[str]:
    """Read back without loss what the view keeps of a shelter, its units and its holds."""
    picture = shelter.picture
    read = documents.read_shelter(picture.shelter, documents.shelter_document(picture))
    read.units = {name: documents.read_unit(documents.unit_document(unit)) for name, unit in picture.units.items()}
    if read != picture:
        yield "shelter"
    yield from (name for name, hold in shelter.holds.items() if documents.read_hold(documents.hold_document(hold)) != hold)


def facts_come_back_whole(shelter: Shelter, _now: int) -> Iterator[str]:
    """Every kept fact survives the canonical encoding."""
    kept = [event for facts in shelter.facts.values() for event in facts.values()]
    return (f"{event.source} {event.id}" for event in kept if WIRE.decode("beds", event.subject.encode(), encode(event)) != event)


def nothing_empty_is_kept(shelter: Shelter, _now: int) -> Iterator[str]:
    """R12: of what was corrected nothing is left behind."""
    yield from (name for name, stay in shelter.stays.items() if stay.empty)
    yield from (name for name, unit in shelter.units.items() if unit.empty)


def names_are_in_order(registry: Registry) -> Iterator[str]:
    """Section 5: names stand in the order of their clocks, none of them ahead of the clock of the partition."""
    for kind, names in (("seen", registry.seen), ("corrected", registry.corrected)):
        clocks = list(names.logged_at.values())
        if clocks != sorted(clocks) or (clocks and clocks[-1] > registry.clock):
            yield kind


OF_A_SHELTER: Final[list[Callable[[Shelter, int], Iterator[str]]]] = [
    a_present_stay_is_in_one_unit,
    no_household_in_a_free_unit,
    the_picture_is_what_the_facts_give,
    documents_come_back_whole,
    facts_come_back_whole,
    nothing_empty_is_kept,
]


def reloaded(shelter: Shelter) -> Shelter:
    """Save a shelter as the view keeps it, in documents and encoded facts, and load it again."""
    picture = documents.read_shelter(shelter.picture.shelter, documents.shelter_document(shelter.picture))
    kept = [(offset, encode(event)) for facts in shelter.facts.values() for offset, event in facts.items()]
    facts = [(offset, WIRE.decode("beds", shelter.picture.shelter.encode(), raw)) for offset, raw in kept]
    holds = [documents.read_hold(documents.hold_document(hold)) for hold in shelter.holds.values()]
    return load(picture, facts, holds)  # type: ignore[arg-type]  # a refusal among them would be a finding of its own


def comparable(shelter: Shelter, now: int) -> Any:
    """Reduce a shelter to what it will ever show from `now` on: its picture, its holds, its counts."""
    picture = shelter.picture
    units = {name: documents.unit_document(unit) for name, unit in picture.units.items()}
    without = ShelterPicture(picture.shelter, picture.registration, picture.heard_at, picture.paused, picture.discrepancy)
    return without, units, shelter.holds, count(picture, now, LIMITS)
