"""A simulated year on its way into Kafka, and its ground truth, counted from what happens and not from figures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.adapters.codec.event_codec import encode, key_of
from services.adapters.kafka.topics import Topics
from services.cli.events.kafka_sender import SentRecord
from services.domain.events import catalog as e
from services.simulator.ground_truth.demand import CaseStart
from services.simulator.ground_truth.truth_document import national_states
from services.simulator.model.calendar import DAY, start_of_year
from services.simulator.simulation import Simulation

ZONE: Final = ZoneInfo("Europe/Amsterdam")
_HOTELS: Final = ("hotel", "holiday_park")
# Moments of comparison, at odd hours of odd days
_MOMENTS: Final = 10


@dataclass
class SimulatedYear:
    """A year of a country; its ground truth is complete when all of it has been written."""

    seed: int
    year: int
    states: dict[int, Counter[str]] = field(default_factory=dict)
    waiting: dict[int, int] = field(default_factory=dict)
    hotel_stays: list[tuple[CaseStart, int]] = field(default_factory=list)
    """Each household in a hotel or holiday park: how that began, and when (ms) it ended as far as this year goes."""
    records: int = 0
    end: int = 0

    def written(self, prefix: str) -> Iterator[SentRecord]:
        """Simulate the year, and yield its records for Kafka, each with its time."""
        start, end, topics = start_of_year(self.year), start_of_year(self.year + 1), Topics(prefix)
        simulation = Simulation(self.seed, start)
        moments = {start + (number + 1) * (end - start) // (_MOMENTS + 1) + number * 4_321_987 for number in range(_MOMENTS)}
        for instant in sorted(moments | set(range(start + DAY - 1, end, DAY))):
            for logged in simulation.until(instant):
                topic = topics.demand_events if isinstance(logged.event.data, e.DEMAND_EVENTS) else topics.bed_events
                self.records, self.end = self.records + 1, logged.at
                yield SentRecord(topic, key_of(logged.event).encode(), encode(logged.event), logged.at)
            if instant in moments:
                # What was logged some milliseconds later is in the ground truth already
                now = max(instant, simulation.context.now)
                self.states[now] = national_states(simulation.truth, now)
                self.waiting[now] = len(simulation.truth.demand.open_cases("entry"))
        fallbacks = simulation.truth.demand.started("fallback")
        stays = [(began, ended) for _, began, ended in fallbacks if began.shown["accommodation"] in _HOTELS]
        self.hotel_stays = [(began, self.end if ended is None else min(ended, self.end)) for began, ended in stays]

    def nights(self) -> int:
        """Count the nights of households in hotels: every 04:00 in Amsterdam up to the last event."""
        return sum(_nights(*stay) for stay in self.hotel_stays)

    def persons(self) -> tuple[int, int]:
        """Count the adults and the children who spent at least one night there."""
        households = [began.shown for began, ended in self.hotel_stays if _nights(began, ended)]
        return sum(int(each["adults"]) for each in households), sum(int(each["children"]) for each in households)


def _nights(began: CaseStart, ended: int) -> int:
    start, count = began.times[0], 0
    day = datetime.fromtimestamp(start / 1e3, UTC).astimezone(ZONE).date()
    while (four := round(datetime.combine(day, time(4), ZONE).timestamp() * 1e3)) < ended:
        count += four >= start
        day += timedelta(days=1)
    return count
