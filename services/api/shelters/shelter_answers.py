"""A shelter as its answer has it: what is so at an instant, and to its own shelter the households in it."""

from collections.abc import Mapping

from services.adapters.auth.authentication import Caller
from services.adapters.codec.event_codec import plain
from services.adapters.rfc3339 import show, show_ms
from services.adapters.view.ports import PartitionSnapshot
from services.api.read_model.data_age import format_ms, format_ns
from services.api.shelters.models import Closed, HeldShape, HoldWaiting, Registration, ShelterShape, StayShape, UnitShape
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import Held, ShelterSnapshot, StaySnapshot, UnitSnapshot, state_of
from services.domain.beds.staleness import StalenessLimits, freshness
from services.domain.beds.state_document import PartitionPart, state_document


def may_see(caller: Caller, shelter: ShelterSnapshot) -> bool:
    """Return whether a caller may see a shelter: its own, those of the coordinator's regions, and an operator all."""
    match caller.role:
        case "shelter":
            return shelter.shelter in caller.shelters
        case "coordinator":
            return shelter.region in caller.regions
        case role:
            return role == "operator"


def shelter_answer(
    snapshot: PartitionSnapshot, shelter: ShelterSnapshot, now: int, limits: StalenessLimits, *, households: bool
) -> ShelterShape:
    """Return a shelter as it is at `now` (ms), with or without the households in it; `position` is for the caller to set."""
    paused = shelter.paused
    waiting = [hold for (where, _), hold in snapshot.holds.items() if where == shelter.shelter and hold.live(now) and not hold.accepted]
    numbers = state_document([PartitionPart(clock=now, shelters=[shelter], holds=[], dead_letters=0)], now, limits)["shelters"]
    return ShelterShape(
        shelter=shelter.shelter,
        registration=Registration.model_validate(plain(shelter.registration)) if shelter.registration else None,
        **numbers[shelter.shelter],
        freshness=freshness(shelter.heard_at, now, limits),
        heard_at=format_ms(shelter.heard_at),
        paused=Closed(reason=paused.reason, expected_until=format_ns(paused.expected_until)) if paused else None,
        units=[
            _unit(unit, shelter, now, limits, snapshot.holds if households else {}, households=households)
            for unit in sorted(shelter.units.values(), key=lambda unit: unit.unit)
        ],
        holds_waiting=[_hold(hold) for hold in sorted(waiting, key=lambda hold: (hold.until, hold.hold))],
        position=None,
    )


def _unit(
    unit: UnitSnapshot,
    shelter: ShelterSnapshot,
    now: int,
    limits: StalenessLimits,
    holds: Mapping[tuple[str, str], HoldFacts],
    *,
    households: bool,
) -> UnitShape:
    held = unit.held if unit.held and now < unit.held.until else None
    stays = {"stays": [_stay(stay) for stay in unit.stays]} if households else {}
    return UnitShape(
        unit=unit.unit,
        declared=unit.declared,
        state=state_of(unit, paused=shelter.paused is not None, unknown=shelter.unknown(now, limits), now=now),
        kind=unit.kind,
        overflow=unit.overflow,
        max_adults=unit.max_adults,
        max_children=unit.max_children,
        beds=unit.beds,
        features=list(unit.features),
        closed=Closed(reason=unit.closed.reason, expected_until=format_ns(unit.closed.expected_until)) if unit.closed else None,
        held=_held(held, holds.get((shelter.shelter, held.hold))) if held else None,
        **stays,
    )


def _held(held: Held, hold: HoldFacts | None) -> HeldShape:
    """Return for whom a unit is held; without the facts of the hold, as to a reader who sees no household, until when."""
    if hold is None:
        return HeldShape(hold=held.hold, until=show_ms(held.until))
    return HeldShape(hold=held.hold, until=show_ms(held.until), adults=hold.adults, children=hold.children, accepted=hold.accepted)


def _stay(stay: StaySnapshot) -> StayShape:
    return StayShape(
        stay=stay.stay, adults=stay.adults, children=stay.children, since=show(stay.since), expected_at=format_ns(stay.expected_at)
    )


def _hold(hold: HoldFacts) -> HoldWaiting:
    return HoldWaiting(
        hold=hold.hold,
        unit=hold.unit or "",
        desk=hold.desk,
        adults=hold.adults,
        children=hold.children,
        requested_at=show_ms(hold.requested_at),
        until=show_ms(hold.until),
    )
