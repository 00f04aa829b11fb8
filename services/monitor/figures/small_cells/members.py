"""The members of each month: which shelters were registered at its full hours, by what had been recorded, and what they had."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from itertools import pairwise
from typing import Final

from services.domain.durations import HOUR_MS, HOUR_NS, NS_PER_MS
from services.domain.events.value_types import KINDS
from services.monitor.figures.dimensions import NO_REGION
from services.monitor.figures.query_context import QueryContext
from services.monitor.figures.small_cells.cell_rule import Atom, Member
from services.monitor.figures.small_cells.household_filters import features_of
from services.monitor.figures.small_cells.month_grid import NO_UNIT, moved
from services.monitor.intervals.table_schemas import NEVER
from services.monitor.query import Period
from services.monitor.sql_files import statements

_SQL: Final = statements(__name__)
_Given = tuple[int, int, frozenset[str]]
"""From when to when (ns) a shelter had something."""


def members_of(context: QueryContext) -> "MonthMembers":
    """Return the members as they were known at the bound of a query; they are the same for each question with that bound."""
    with_filters = context.query.household is not None
    return context.known.once((MonthMembers, with_filters), lambda: MonthMembers(context, with_filters=with_filters))


class MonthMembers:
    """The shelters that questions may rest on. Analysts see times to the hour, so the full hours are all that counts."""

    def __init__(self, context: QueryContext, *, with_filters: bool) -> None:
        self.of: Callable[[Period], Atom] = cache(self._of)
        """Returns the members at the first hour of a month and at each hour at which they had changed; of no hour without any."""
        self.moves: Callable[[Period], list[frozenset[Member]]] = cache(self._moves)
        """Lists who came, went, moved or changed hands at each hour of a month: the same for every place."""
        self._registered = context.rows(_SQL["registrations"])
        self._given: defaultdict[str, list[_Given]] = defaultdict(list)
        known: dict[tuple[str, bool], frozenset[str]] = {}
        for shelter, offer, overflow, start, end in context.rows(_SQL["offers"]):
            if (offer, overflow) not in known:
                known[offer, overflow] = features_of(offer, overflow=overflow, with_filters=with_filters)
            self._given[shelter].append((start, end, known[offer, overflow]))
        strays = context.rows(_SQL["strays"], never=NEVER)
        self._strays = frozenset(Member(shelter, "", NO_REGION, frozenset({NO_UNIT})) for (shelter,) in strays)

    def _of(self, month: Period) -> Atom:
        hours = sorted({month.start, *(hour for hour in self._hours if month.start <= hour < month.end)})
        found = dict.fromkeys(members for hour in hours if (members := self.at(hour)))
        return tuple(members | self._strays for members in found)

    def _moves(self, month: Period) -> list[frozenset[Member]]:
        return [members for before, after in pairwise(self.around(month)) if (members := moved(before, after))]

    def around(self, month: Period) -> Atom:
        """Return the members from the hour before a month to the hour after it, at each hour at which they had changed."""
        hours = {month.start - HOUR_MS, month.start, month.end, *(hour for hour in self._hours if month.start <= hour < month.end)}
        return tuple(self.at(hour) for hour in sorted(hours))

    def at(self, hour: int) -> frozenset[Member]:
        """Return the members at the end of an hour (ms): what comes or goes in an hour does so together."""
        instant = hour * NS_PER_MS
        found = (
            Member(shelter, organisation, region, self._has(shelter, instant))
            for shelter, organisation, region, start, end in self._registered
            if start < instant <= end
        )
        # A shelter without a place is behind no number: it would only make a cell look large enough
        return frozenset(each for each in found if each.has.intersection(KINDS))

    def _has(self, shelter: str, instant: int) -> frozenset[str]:
        return frozenset().union(*(given for start, end, given in self._given[shelter] if start < instant <= end))

    def is_changing(self, instant: int) -> bool:
        """Return whether a shelter came or went exactly at an instant (ms), which those of the same hour may not have done yet."""
        return any(instant * NS_PER_MS in {start, end} for *_, start, end in self._registered)

    @cached_property
    def _hours(self) -> frozenset[int]:
        """The ends (ms) of the hours in which something changed."""
        return frozenset((instant // HOUR_NS + 1) * HOUR_MS for instant in self._instants())

    def _instants(self) -> Iterator[int]:
        for *_, start, end in self._registered:
            yield from (start, end)
        for given in self._given.values():
            for start, end, _ in given:
                yield from (start, end)
