"""How often a person may ask: so many times a minute, of which a minute's worth at once. Redis keeps it for all services together.

Law: without Redis each service keeps count by itself. It is never an open door, and whatever else is asked of Redis is not waited for.

    <prefix>:turn:<pseudonym>:<kind>     string  when she may ask next (microseconds), gone when she has waited long enough
    <prefix>:unheld:<pseudonym>          string  her searches since her last hold, gone after an hour
    <prefix>:given-back:<pseudonym>      string  her holds that she gave back before any shelter accepted, gone after an hour
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final, Literal, Protocol

from services.adapters.clock import Stopwatch
from services.adapters.joined import Joined
from services.adapters.metrics import Metrics
from services.adapters.pseudonym import Pseudonyms
from services.adapters.redis import AWAY, brief_redis
from services.adapters.settings import Settings

Asked = Literal["call", "search", "name", "desk"]
"""What is asked for, each counted apart: anything; a search; what names a shelter (a hold, whom to call first); a search, by a desk."""
Counted = Literal["unheld", "given-back"]
"""What is counted of a person, within an hour: searches since her last hold; holds given back that no shelter had accepted."""

_MINUTE_US: Final = 60_000_000
_S_US: Final = 1_000_000
_HOUR_S: Final = 3_600
# How long Redis is left alone after it did not answer.
_PAUSE_S: Final = 1.0
# Persons a service counts by itself before it forgets those whose turn has come anyway.
_PERSONS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times at once, and then as many a minute, or fewer: so many an hour."""

    per_minute: int
    per_hour: int | None = None

    @property
    def every_us(self) -> int:
        """How long one takes (microseconds)."""
        return max(1, _MINUTE_US * 60 // (self.per_hour or self.per_minute * 60))

    @property
    def burst_us(self) -> int:
        """How long as many take as may come at once."""
        return self.every_us * self.per_minute

    def times(self, times: int) -> "Rate":
        """Give so many times as much."""
        return Rate(self.per_minute * times, self.per_hour and self.per_hour * times)


class Rates(Protocol):
    """Counts how often persons ask. `times` as often as others may who is called by a machine."""

    async def wait_s(self, person: str, asked: Asked, times: int = 1) -> float:
        """Take her turn and return 0.0, or tell how long she must wait for it (seconds)."""

    async def give_back(self, person: str, asked: Asked) -> None:
        """Give a turn back that was taken for nothing."""

    async def count(self, person: str, counted: Counted) -> int:
        """Count one more, and tell how many there were within an hour."""

    async def forget(self, person: str, counted: Counted) -> None:
        """Begin to count anew."""


def rates_of(settings: Settings) -> Mapping[Asked, Rate]:
    """Read the rates of a service from its settings."""
    search = Rate(settings.searches_per_minute, settings.searches_per_hour)
    return {
        "call": Rate(settings.calls_per_minute),
        "search": search,
        "name": Rate(settings.names_at_once, settings.names_per_hour),
        "desk": search.times(settings.desk_persons),
    }


USUAL: Final = rates_of(Settings.model_construct())
"""For who sets nothing else."""


@dataclass(slots=True)
class MemoryRates:
    """One process by itself: the twin of Redis, and what counts while Redis is away."""

    seconds: Stopwatch
    rates: Mapping[Asked, Rate] = field(default_factory=lambda: USUAL)
    _turns: dict[tuple[str, Asked], float] = field(default_factory=dict)
    _counts: dict[tuple[str, Counted], tuple[int, float]] = field(default_factory=dict)

    async def wait_s(self, person: str, asked: Asked, times: int = 1) -> float:
        """Take her turn and return 0.0, or tell how long she must wait for it (seconds)."""
        rate, now = self.rates[asked].times(times), self.seconds() * _S_US
        turn = max(self._turns.get((person, asked), 0.0), now) + rate.every_us
        early = turn - now - rate.burst_us
        if early > 0:
            return early / _S_US
        self._turns[person, asked] = turn
        if len(self._turns) > _PERSONS:
            self._turns = {who: then for who, then in self._turns.items() if then > now}
        return 0.0

    async def give_back(self, person: str, asked: Asked) -> None:
        """Give a turn back that was taken for nothing."""
        if (person, asked) in self._turns:
            self._turns[person, asked] -= self.rates[asked].every_us

    async def count(self, person: str, counted: Counted) -> int:
        """Count one more, and tell how many there were within an hour."""
        now = self.seconds()
        number, until = self._counts.get((person, counted), (0, 0.0))
        number, until = (number + 1, until) if now < until else (1, now + _HOUR_S)
        self._counts[person, counted] = (number, until)
        if len(self._counts) > _PERSONS:
            self._counts = {what: kept for what, kept in self._counts.items() if now < kept[1]}
        return number

    async def forget(self, person: str, counted: Counted) -> None:
        """Begin to count anew."""
        self._counts.pop((person, counted), None)


class RedisRates:
    """All services together, in Redis; `alone` counts while it is away."""

    def __init__(self, url: str, prefix: str, pseudonyms: Pseudonyms, alone: MemoryRates, metrics: Metrics) -> None:
        self._prefix, self._pseudonyms, self._alone, self._metrics = prefix, pseudonyms, alone, metrics
        self._redis = brief_redis(url)
        self._joined = Joined(self._redis)
        self._turn: Any = self._redis.register_script(files(__package__).joinpath("rates.lua").read_text("utf-8"))
        self._away_until = 0.0

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    async def wait_s(self, person: str, asked: Asked, times: int = 1) -> float:
        """Take her turn and return 0.0, or tell how long she must wait for it (seconds)."""
        rate = self._alone.rates[asked].times(times)
        early = await self._asked(lambda: self._take(self._turn_of(person, asked), rate.every_us, rate.burst_us))
        return await self._alone.wait_s(person, asked, times) if early is None else early / _S_US

    async def give_back(self, person: str, asked: Asked) -> None:
        """Give a turn back that was taken for nothing: take one that is as much shorter than none."""
        every_us = self._alone.rates[asked].every_us
        if await self._asked(lambda: self._take(self._turn_of(person, asked), -every_us, 0)) is None:
            await self._alone.give_back(person, asked)

    async def _take(self, key: str, every_us: int, burst_us: int) -> Any:
        return await self._joined.run(self._turn, [key], [every_us, burst_us])

    def _turn_of(self, person: str, asked: Asked) -> str:
        return f"{self._prefix}:turn:{self._pseudonyms.rated(person)}:{asked}"

    async def count(self, person: str, counted: Counted) -> int:
        """Count one more, and tell how many there were within an hour."""
        number = await self._asked(lambda: self._count(self._count_of(person, counted)))
        return await self._alone.count(person, counted) if number is None else number

    async def _count(self, key: str) -> int:
        number: int = await self._joined.ask("INCR", key)
        if number == 1:
            await self._joined.ask("EXPIRE", key, _HOUR_S)
        return number

    async def forget(self, person: str, counted: Counted) -> None:
        """Begin to count anew."""
        await self._asked(lambda: self._joined.ask("DEL", self._count_of(person, counted)))
        await self._alone.forget(person, counted)

    def _count_of(self, person: str, counted: Counted) -> str:
        return f"{self._prefix}:{counted}:{self._pseudonyms.rated(person)}"

    async def _asked(self, ask: Callable[[], Any]) -> int | None:
        """Ask Redis; None when it does not answer, and for a moment after that."""
        if self._alone.seconds() < self._away_until:
            return None
        try:
            answer: int = await ask()
        except AWAY:
            self._away_until = self._alone.seconds() + _PAUSE_S
            self._metrics.set("plek_part_up", 0, part="rates")
            return None
        self._metrics.set("plek_part_up", 1, part="rates")
        return answer
