"""Rate limits that all services count together in Redis; while it is away each counts by itself, and retries Redis after a second.

<prefix>:turn:<pseudonym>:<kind>[:<household>]   string  when the next turn is due (microseconds), gone when nothing is owed
<prefix>:requests:<pseudonym>                    list    when each search and hold of the last hour was requested (microseconds)
<prefix>:paid:<attempt>                          string  which limit an attempt was paid from, empty for broken glass; a day at most
<prefix>:unheld:<pseudonym>                      string  searches of a caller since the last hold, gone after an hour
<prefix>:given-back:<pseudonym>                  string  holds given back or expired before any shelter answered, gone after an hour
<prefix>:desk:<pseudonym>                        string  searches of a desk, gone after an hour
<prefix>:fallback:<pseudonym>                    string  fallbacks of a caller, gone after an hour
<prefix>:glass:<pseudonym>                       string  limits that a caller exceeded with a reason, gone after an hour
<prefix>:listed:<pseudonym>                      string  answers that listed shelters to call, gone after an hour
<prefix>:taken-over:<pseudonym>                  string  holds of colleagues that a caller took over, gone after an hour
<prefix>:phone:<pseudonym>                       string  processes that noticed a changed intake phone, gone after an hour
<prefix>:events:<pseudonym>                      string  events of a shelter on one day (UTC), gone after a day
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, Final

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.auth.rate_limits import (
    Balance,
    Claim,
    CounterKind,
    Decision,
    MemoryRates,
    Rate,
    RateKind,
    everything,
    kind_of,
)
from services.adapters.observability.metrics import Metrics
from services.adapters.redis.auto_pipeline import AutoPipeline
from services.adapters.redis.clients import AWAY, brief_redis
from services.domain.durations import HOUR_S, SECOND_MS

# How long Redis is not tried again after it did not answer.
_PAUSE_S: Final = 1.0


class RedisRates:
    """The limits of all services together, in Redis; `alone` counts while it is away."""

    def __init__(self, url: str, prefix: str, pseudonyms: Pseudonyms, alone: MemoryRates, metrics: Metrics) -> None:
        self._prefix, self._pseudonyms, self._alone, self._metrics = prefix, pseudonyms, alone, metrics
        self._redis = brief_redis(url)
        self.joined = AutoPipeline(self._redis)
        """For other commands of the same request: together they leave in fewer packets."""
        self._turn, self._quota, self._count = (self._script(name) for name in ("rates.lua", "quota.lua", "counts.lua"))
        self._away_until = 0.0

    def _script(self, name: str) -> Any:
        return self.joined.script(files(__package__).joinpath(name).read_text("utf-8"))

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    async def acquire(self, person: str, kind: RateKind = "call", times: int = 1) -> Decision:
        """Take one turn of one limit."""
        rate = self._alone.limits.of[kind]
        rate = rate.times(times) if times != 1 else rate
        reply = await self._try(lambda: self.joined.run(self._turn, [self._turn_of(person, kind)], [rate.every_us, rate.burst_us]))
        if reply is None:
            return await self._alone.acquire(person, kind, times)
        early, owed = map(int, reply)
        return Decision("refused" if early else "taken", early, (Balance.of(kind, rate, owed),))

    async def claim(self, person: str, claim: Claim) -> Decision:
        """Count a request in its hour, and pay for it once, however often it arrives."""
        return await self._decide(person, claim, pays=True) or await self._alone.claim(person, claim)

    async def balances(self, person: str, share: float = 1.0) -> tuple[Balance, ...]:
        """Return the balances; take nothing."""
        decision = await self._decide(person, everything(share), pays=False)
        return decision.balances if decision else await self._alone.balances(person, share)

    async def _decide(self, person: str, claim: Claim, *, pays: bool) -> Decision | None:
        limits, labels = self._alone.limits, claim.labels()
        rates = [limits.of[kind].times(claim.share) for kind, _ in claim.limits]
        keys = [self._key("requests", person), self._paid(claim.attempt), *(self._turn_of(person, label) for label in labels)]
        of_limits = [part for rate, label in zip(rates, labels, strict=True) for part in (rate.every_us, rate.burst_us, label)]
        args = [int(pays), limits.per_hour, claim.remembered_s * SECOND_MS, int(claim.break_glass), *of_limits]
        reply = await self._try(lambda: self.joined.run(self._quota, keys, args))
        return _decision(claim, rates, limits.per_hour, reply) if reply else None

    async def give_back(self, person: str, attempt: str, share: float = 1.0) -> bool:
        """Give back what an attempt paid, once; False when it paid nothing."""
        # GETDEL is atomic: of two callers at once only one gives it back
        paid = await self._try(lambda: self.joined.execute("GETDEL", self._paid(attempt)))
        if not paid:
            return await self._alone.give_back(person, attempt, share)
        label = paid.decode()
        every_us = self._alone.limits.of[kind_of(label)].times(share).every_us
        await self._try(lambda: self.joined.run(self._turn, [self._turn_of(person, label)], [-every_us, 0]))
        return True

    def _turn_of(self, person: str, label: str) -> str:
        return f"{self._key('turn', person)}:{label}"

    def _paid(self, attempt: str) -> str:
        return f"{self._prefix}:paid:{attempt}"

    def _key(self, name: str, subject: str) -> str:
        return f"{self._prefix}:{name}:{self._pseudonyms.rated(subject)}"

    async def count(self, *counters: tuple[CounterKind, str]) -> list[int]:
        """Count one more in each counter, and return how many there were within an hour."""
        keys = [self._key(kind, subject) for kind, subject in counters]
        numbers = await self._try(lambda: self.joined.run(self._count, keys, [HOUR_S, 1]))
        return await self._alone.count(*counters) if numbers is None else list(map(int, numbers))

    async def add(self, kind: CounterKind, subject: str, number: int, within_s: int) -> int:
        """Count `number` more in a counter, and return how many there were within so many seconds of its first."""
        totals = await self._try(lambda: self.joined.run(self._count, [self._key(kind, subject)], [within_s, number]))
        return await self._alone.add(kind, subject, number, within_s) if totals is None else int(totals[0])

    async def forget(self, subject: str, kind: CounterKind) -> None:
        """Reset a counter."""
        await self._try(lambda: self.joined.execute("DEL", self._key(kind, subject)))
        await self._alone.forget(subject, kind)

    async def _try(self, send: Callable[[], Awaitable[Any]]) -> Any:
        """Send a command to Redis; None when it does not answer, and for a second after that."""
        if self._alone.seconds() < self._away_until:
            return None
        try:
            reply = await send()
        except AWAY:
            self._away_until = self._alone.seconds() + _PAUSE_S
            self._metrics.set("plek_part_up", 0, part="rates")
            return None
        self._metrics.set("plek_part_up", 1, part="rates")
        return reply


def _decision(claim: Claim, rates: list[Rate], per_hour: int, reply: list[Any]) -> Decision:
    verdict, wait, count, rest, *owed = reply
    balances = [Balance.of(kind, rate, int(us)) for (kind, _), rate, us in zip(claim.limits, rates, owed, strict=True)]
    return Decision(verdict.decode(), int(wait), (*balances, Balance.hourly(per_hour, int(count), int(rest))))
