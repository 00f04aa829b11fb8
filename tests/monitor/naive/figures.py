"""Every figure computed again from its definition, by its id, without the monitor's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.monitor.naive.demand import DEMAND
from tests.monitor.naive.hotels import HOTELS
from tests.monitor.naive.places import PLACES
from tests.monitor.naive.quality import QUALITY
from tests.monitor.naive.stays import STAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.monitor.naive.ask import Ask, Parts

FIGURES: Final[dict[str, Callable[[Ask], Parts]]] = {**PLACES, **STAYS, **HOTELS, **DEMAND, **QUALITY}
