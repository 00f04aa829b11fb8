"""A country as the raw events have it: its shelters, stays, holds and requests, over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from services.adapters.regions import read_regions
from tests.monitor.naive.holds import Hold, walk
from tests.monitor.naive.past import FOREVER, Shelter, Span, highest, looked_at, shelters
from tests.reference.facts import happened, of, recorded
from tests.reference.log import read, uncorrected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.reference.log import Record

MS: Final = 1_000_000
REGIONS: Final = read_regions()
KINDS: Final = ("emergency", "crisis", "follow_up", "assisted")
AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
Json = dict[str, Any]


@dataclass(frozen=True)
class Where:
    """A scope, spelled out."""

    regions: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS

    @property
    def everywhere(self) -> bool:
        """Whether what has no region belongs to it."""
        return len(self.regions) == len(REGIONS)

    def has(self, region: str, kind: str) -> bool:
        """Return whether a place belongs to it; one without a region to the whole country, one without a kind to all kinds."""
        return (region in self.regions or (not region and self.everywhere)) and (kind in self.kinds or (not kind and self.kinds == KINDS))


@dataclass(frozen=True)
class Case:
    """A search, fallback or entry that began: what its start says, and when and how it ended."""

    key: str
    start: int
    data: Json
    end: int
    outcome: str | None


class Country:
    """The records up to a clock (None: all), and what they say."""

    def __init__(self, beds: Sequence[Record], demand: Sequence[Record], known_at: int | None = None) -> None:
        self.beds, self.demand = looked_at(beds, known_at), looked_at(demand, known_at)
        self.clock = max((clock for clock in (highest(self.beds), highest(self.demand)) if clock is not None), default=None)

    @cached_property
    def shelters(self) -> list[Shelter]:
        """List the shelters."""
        return shelters(self.beds)

    @cached_property
    def units(self) -> list[tuple[str, str, Span]]:
        """List what each unit of a registered shelter was: shelter, unit, span."""
        return [(each.name, unit, span) for each in self.shelters for unit, span in each.units if span[2][0]]

    @cached_property
    def holds(self) -> list[Hold]:
        """List the holds."""
        return [hold for each in self.shelters for hold in walk(each.name, each.entries)]

    def inside(self, where: Where, *, overflow: bool = False) -> list[tuple[str, str, Span]]:
        """List the spans of the units of a scope."""
        return [
            each
            for each in self.units
            if each[2][2][0]["region"] in where.regions and each[2][2][1]["kind"] in where.kinds and each[2][2][1]["overflow"] == overflow
        ]

    def place_of(self, shelter: str, unit: str, instant: int) -> tuple[str, str]:
        """Return the region of a shelter at an instant and the kind its unit had then, or last; empty where there was none yet."""
        found = next(each for each in self.shelters if each.name == shelter)
        kinds = [span[2]["kind"] for span in found.declared.get(unit, []) if span[0] <= instant]
        regions = [span[2]["region"] for span in found.registered if span[0] <= instant]
        return regions[-1] if regions else "", kinds[-1] if kinds else ""

    def cases(self, start: str, end: str) -> list[Case]:
        """D1 to D4: list the cases that begin with events of one name and end with those of another."""
        found = []
        for key, entries in self._demand.items():
            facts = uncorrected(entries)
            starts, ends = of(facts, start), of(facts, end)
            if starts:
                first, last = max(starts, key=recorded), min(ends, key=happened) if ends else None
                until = FOREVER if last is None else max(first.occurred_at, last.occurred_at)
                found.append(Case(key, first.occurred_at, first.data, until, last.data["outcome"] if last else None))
        return found

    @cached_property
    def _demand(self) -> dict[str, Any]:
        return read(self.demand, "demand").entries


def nights(start: int, end: int) -> list[int]:
    """List the instants 04:00 in Amsterdam between two (ns): every minute of a night is looked at."""
    first = datetime.fromtimestamp(start / 1e9, UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    hours = range(int(first.timestamp()), end // 1_000_000_000 + 3_600, 3_600)
    found = [hour * 1_000_000_000 for hour in hours if datetime.fromtimestamp(hour, AMSTERDAM).hour == 4]
    return [instant for instant in found if start <= instant < end]


def overlap(span: Span, start: int, end: int) -> int:
    """Return how long a span lies between two instants."""
    return int(max(0, min(span[1], end) - max(span[0], start)))
