"""Whether a household fits what a unit offered then, by the one rule that a search goes by."""

from collections.abc import Iterable
from typing import Any

import orjson

from services.domain import search
from services.domain.events import Need, ShelterRegistered
from services.domain.picture import UnitPicture
from services.monitor.question import Household


def fits(offers: Iterable[str], household: Household) -> list[str]:
    """Return the offers (as `then.offer` writes them) that take the household and are in no region it must not go to."""
    ask = search.Ask(adults=household.adults, children=household.children, need=household.need, exclude_regions=household.exclude_regions)
    return [offer for offer in offers if _fits(orjson.loads(offer), ask)]


def read_need(text: str) -> Need:
    """Read a need as the table of fallbacks has it."""
    read: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in orjson.loads(text).items()}
    return Need(**read)


def _fits(offer: dict[str, Any], ask: search.Ask) -> bool:
    if offer["region"] is None or offer["region"] in ask.exclude_regions:
        return False
    unit = UnitPicture(
        unit="",
        kind=offer["kind"],
        max_adults=offer["max_adults"],
        max_children=offer["max_children"],
        features=tuple(offer["features"]),
    )
    registered = ShelterRegistered(
        shelter="",
        name="",
        organisation="",
        region=offer["region"],
        security=offer["security"],
        audience=tuple(offer["audience"]),
        max_son_age=offer["max_son_age"],
        languages=tuple(offer["languages"]),
        services=tuple(offer["services"]),
        intake_phone="",
    )
    return search.takes(unit, ask) and search.welcomes(registered, ask)
