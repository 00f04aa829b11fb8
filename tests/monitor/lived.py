"""A simulated year on its way into Kafka, and what the country itself knows of it: counted here from what happens, not from figures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.adapters.topics import Topics
from services.adapters.wire import encode, key_of
from services.commands.by_kafka import Record
from services.domain import events as e
from services.simulator.casebook import Began
from services.simulator.country import Country
from services.simulator.document import national
from services.simulator.hours import DAY, start_of_year

ZONE: Final = ZoneInfo("Europe/Amsterdam")
_PUT_UP: Final = ("hotel", "holiday_park")
# Ten moments, at odd hours of odd days
_LOOKS: Final = 10


@dataclass
class Lived:
    """A year of a country; what it knows of itself is there when all of it has been written."""

    seed: int
    year: int
    states: dict[int, Counter[str]] = field(default_factory=dict)
    waiting: dict[int, int] = field(default_factory=dict)
    put_up: list[tuple[Began, int]] = field(default_factory=list)
    """Each household in a hotel or holiday park: how that began, and when (ms) it ended as far as this year goes."""
    records: int = 0
    end: int = 0

    def written(self, prefix: str) -> Iterator[Record]:
        """Let the year pass, and write it down for Kafka, each record at its time."""
        start, end, topics = start_of_year(self.year), start_of_year(self.year + 1), Topics(prefix)
        country = Country(self.seed, start)
        looks = {start + (look + 1) * (end - start) // (_LOOKS + 1) + look * 4_321_987 for look in range(_LOOKS)}
        for instant in sorted(looks | set(range(start + DAY - 1, end, DAY))):
            for logged in country.until(instant):
                topic = topics.demand_events if isinstance(logged.event.data, e.DEMAND_EVENTS) else topics.bed_events
                self.records, self.end = self.records + 1, logged.at
                yield Record(topic, key_of(logged.event).encode(), encode(logged.event), logged.at)
            if instant in looks:
                # What was logged some milliseconds later is in the truth already
                now = max(instant, country.world.now)
                self.states[now] = national(country.truth, now)
                self.waiting[now] = len(country.truth.demand.now("entry"))
        hotels = [(began, ended) for _, began, ended in country.truth.demand.of("fallback") if began.shown["accommodation"] in _PUT_UP]
        self.put_up = [(began, self.end if ended is None else min(ended, self.end)) for began, ended in hotels]

    def nights(self) -> int:
        """Count the nights of households put up: every 04:00 on the clock of Amsterdam, each by itself, up to the last event."""
        return sum(_nights_of(*stay) for stay in self.put_up)

    def persons(self) -> tuple[int, int]:
        """Count the adults and the children who slept there at least a night."""
        slept = [began.shown for began, ended in self.put_up if _nights_of(began, ended)]
        return sum(int(of["adults"]) for of in slept), sum(int(of["children"]) for of in slept)


def _nights_of(began: Began, ended: int) -> int:
    since, found = began.said[0], 0
    day = datetime.fromtimestamp(since / 1e3, UTC).astimezone(ZONE).date()
    while (four := round(datetime.combine(day, time(4), ZONE).timestamp() * 1e3)) < ended:
        found += four >= since
        day += timedelta(days=1)
    return found
