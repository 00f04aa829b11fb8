"""`GET /v1/waiting-holds`: the holds of the coordinator's regions that their shelters have not answered yet.

An answer names the shelter, the unit and the desk, as the shelter itself reads them, and no person, not even by a pseudonym.
"""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.audit.records import shelters
from services.adapters.auth.authentication import Caller
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.rfc3339 import show_ms
from services.api.read_model.country_cache import CountryCache, CountrySnapshot
from services.api.shelters.models import WaitingHold, WaitingHoldsAnswer
from services.api.shelters.shelter_answers import may_see
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import ShelterSnapshot
from services.domain.durations import MINUTE_MS

_WAITING: Final = RoutePolicy(roles=("coordinator",), audit="waiting-holds-shown", errors=("data-unavailable", "rebuilding"))


def add_waiting_holds(app: FastAPI, mirror: CountryCache) -> None:
    """Add the route."""

    @app.get(
        "/v1/waiting-holds",
        tags=["holds"],
        summary="The holds of the caller's regions that wait for the answer of a shelter",
        description="Those that wait longest first. `/v1/live` has a `shelter` notice, with `holds_waiting`, when one comes or goes.",
    )
    async def list_waiting_holds(call: Annotated[Call[None], Depends(_WAITING)]) -> WaitingHoldsAnswer:
        country = await mirror.country()
        holds = list_waiting(call.caller, country)
        call.describe(*shelters(hold.shelter for hold in holds), *(("hold", hold.hold) for hold in holds))
        return WaitingHoldsAnswer(**mirror.reading.dataset_head(country.now), **country.head, holds=holds)


def list_waiting(caller: Caller, country: CountrySnapshot) -> list[WaitingHold]:
    """Return the holds that wait in the shelters that a caller may see, those that wait longest first."""
    found = sorted(_waiting(caller, country), key=lambda each: (each[1].requested_at, each[1].hold))
    return [_answer(shelter, hold, country.now) for shelter, hold in found]


def _waiting(caller: Caller, country: CountrySnapshot) -> Iterator[tuple[ShelterSnapshot, HoldFacts]]:
    for snapshot in country.snapshots:
        if snapshot.halted:  # its shelters are counted among the hidden ones
            continue
        for (name, _), hold in snapshot.holds.items():
            shelter = snapshot.shelters.get(name)
            if shelter and may_see(caller, shelter) and hold.live(country.now) and not hold.accepted:
                yield shelter, hold


def _answer(shelter: ShelterSnapshot, hold: HoldFacts, now: int) -> WaitingHold:
    return WaitingHold(
        hold=hold.hold,
        shelter=shelter.shelter,
        region=shelter.region or "",
        unit=hold.unit or "",
        desk=hold.desk,
        adults=hold.adults,
        children=hold.children,
        since=show_ms(hold.requested_at),
        until=show_ms(hold.until),
        minutes_waiting=max(0, now - hold.requested_at) // MINUTE_MS,
    )
