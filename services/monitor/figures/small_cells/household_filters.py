"""The filters of a household that an analyst may use, one at a time, and in which order they are answered while groups are large enough."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import orjson

from services.domain.events.catalog import Need
from services.domain.events.value_types import FEATURES, SECURITY, SERVICES
from services.monitor.figures.household_fit import fitting_offers
from services.monitor.query import Household

_NEED: Final = Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=())
_PLAIN: Final = Household(adults=1, children=0, need=_NEED)
# Households that are asked about most; larger ones are few
_SIZES: Final = ((1, 1), (1, 2), (1, 3), (2, 0), (1, 4), (2, 1), (2, 2))


def filters_of(household: Household) -> tuple[str, ...]:
    """Return by which filters a household differs from one adult without a need; of that one, its size."""
    need, size = household.need, f"size={household.adults}+{household.children}"
    found = [
        *([f"men={need.men}"] if need.men else []),
        *([] if need.oldest_son_age is None else [f"oldestSonAge={need.oldest_son_age}"]),
        *([] if need.security == _NEED.security else [f"security={need.security}"]),
        *(f"feature={name}" for name in need.features),
        *(f"service={name}" for name in need.services),
        *(f"excludeRegion={name}" for name in household.exclude_regions),
    ]
    return (size, *found) if (household.adults, household.children) != (_PLAIN.adults, _PLAIN.children) or not found else tuple(found)


def _households() -> Iterator[Household]:
    """Yield the households in the order in which they are answered: each leaves less room for those that follow."""
    needs = [
        _NEED,
        *(replace(_NEED, services=(name,)) for name in SERVICES),
        *(replace(_NEED, security=name) for name in SECURITY[1:]),
        *(replace(_NEED, features=(name,)) for name in FEATURES),
    ]
    for need in needs:
        yield replace(_PLAIN, need=need)
    for adults, children in _SIZES:
        yield replace(_PLAIN, adults=adults, children=children)


FILTERS: Final = {filters_of(household)[0]: household for household in _households()}
"""By the name of each filter the household that differs in it alone; another filter is never answered."""


def features_of(offer: str, *, overflow: bool, with_filters: bool) -> frozenset[str]:
    """Return what a unit gives its shelter: its kind, or that it is overflow; with filters those of the households that it takes."""
    if overflow:
        return frozenset({"overflow"})
    taken = {name for name, household in FILTERS.items() if fitting_offers([offer], household)} if with_filters else set[str]()
    return frozenset({orjson.loads(offer)["kind"], *taken})
