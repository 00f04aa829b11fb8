"""Counts of demand in a partition: how many cases of each kind are open and how the others ended, by region and in the nation.

A case counts once its start is known, in the region its start names: an end alone has no region.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.domain.demand.case_fold import Case, CaseName

OPEN = "open"


@dataclass(slots=True)
class CaseCounts:
    """The counts of one partition as `<scope>:<kind>:<open or outcome>`; scope is `national` or `region:R07`."""

    numbers: Counter[str] = field(default_factory=Counter)
    counted: dict[CaseName, tuple[str, ...]] = field(default_factory=dict)
    """The numbers that each case counts in now."""

    def recount(self, cases: Mapping[CaseName, Case], names: Iterable[CaseName]) -> dict[str, int]:
        """Count these cases again; return every number that may have changed."""
        changed: dict[str, None] = {}
        for name in names:
            before = self.counted.pop(name, ())
            after = tuple(_numbers(name, cases.get(name)))
            self.numbers.subtract(before)
            self.numbers.update(after)
            if after:
                self.counted[name] = after
            changed |= dict.fromkeys((*before, *after))
        return {number: self.numbers[number] for number in changed}


def _numbers(name: CaseName, case: Case | None) -> Iterator[str]:
    if case and case.start:
        state = case.end.data.outcome if case.end else OPEN
        for scope in ("national", f"region:{case.start.data.region}"):
            yield f"{scope}:{name[0]}:{state}"
