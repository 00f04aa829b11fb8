"""The table of figures: the one owner of their names, versions and sentences, and of what is not told."""

from typing import Final

from services.monitor.defined_demand import DEMAND
from services.monitor.defined_places import PLACES
from services.monitor.defined_stays import STAYS
from services.monitor.definition import Definition
from services.monitor.not_told import NOT_TOLD

DEFINITIONS: Final[dict[str, Definition]] = {definition.id: definition for definition in (*PLACES, *STAYS, *DEMAND)}
"""Every figure by its name, in the order in which they are listed."""

__all__ = ["DEFINITIONS", "NOT_TOLD"]
