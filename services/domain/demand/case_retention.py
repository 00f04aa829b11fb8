"""What of demand is kept when the records before a position of the log are deleted (contract, section 5).

Guarantees: a case is kept whole or not at all. Kept is a case that a later record names, directly or as the search it repeats; an open
fallback or waiting-list entry; and a case that begins or ends after the limit. An open search is not kept: who asked has long found a way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.domain.demand.case_fold import Case, CaseName
from services.domain.events import catalog as e


@dataclass(slots=True)
class LaterDemandEvents:
    """The keys of the events after the position, those of the searches they repeat among them."""

    keys: set[str] = field(default_factory=set)

    def add(self, data: e.Data, key: str) -> None:
        """Add what an event refers to."""
        self.keys.add(key)
        if isinstance(data, e.SearchStart) and data.again_of:
            self.keys.add(data.again_of)


def kept_cases(cases: Mapping[CaseName, Case], limit: int, later: LaterDemandEvents) -> dict[CaseName, Case]:
    """Return the cases that are kept; `limit` (ns) is no later than the first record that is not deleted."""
    kept = {name: case for name, case in cases.items() if name[1] in later.keys or _is_still_so(name, case, limit)}
    waiting = list(kept.values())
    while waiting:  # a search that is kept may repeat one that is not named later
        for start in waiting.pop().starts:
            repeated: CaseName = ("search", (isinstance(start.data, e.SearchStart) and start.data.again_of) or "")
            if repeated in cases and repeated not in kept:
                kept[repeated] = cases[repeated]
                waiting.append(cases[repeated])
    return kept


def _is_still_so(name: CaseName, case: Case, limit: int) -> bool:
    return (case.open and name[0] != "search") or any(each.event.occurred_at > limit for each in (*case.starts, *case.ends))
