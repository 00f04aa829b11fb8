"""Whether a household fits what a unit offered at some time, by the rule that a search uses."""

from collections.abc import Iterable
from typing import Any

import orjson

from services.adapters.needs.sealed_needs import need_of
from services.domain.beds.shelter_snapshot import UnitSnapshot
from services.domain.events.catalog import Need, ShelterRegistered
from services.domain.search import matching
from services.monitor.query import Household


def fitting_offers(offers: Iterable[str], household: Household) -> list[str]:
    """Return the offers (JSON as `row_types.offer_json` writes it) that take the household, outside the regions it excludes."""
    criteria = matching.SearchCriteria(
        adults=household.adults, children=household.children, need=household.need, exclude_regions=household.exclude_regions
    )
    return [offer for offer in offers if _fits(orjson.loads(offer), criteria)]


def read_need(text: str) -> Need:
    """Read a need from the JSON of the table of fallbacks."""
    return need_of(orjson.loads(text))


def _fits(offer: dict[str, Any], criteria: matching.SearchCriteria) -> bool:
    if offer["region"] is None or offer["region"] in criteria.exclude_regions:
        return False
    unit = UnitSnapshot(
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
    return matching.unit_accepts(unit, criteria) and matching.shelter_accepts(registered, criteria)
