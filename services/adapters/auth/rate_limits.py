"""Rate limits of a caller: calls, searches, refinements and holds (GCRA, one number for each limit), and a sliding hour over all but calls.

Guarantees: a claim is decided in one step, so an attempt that arrives twice at the same instant pays once. Whole microseconds only.
Without Redis each service counts by itself (`MemoryRates`): limits always apply, and Redis is not waited for (ADR 15, 34).
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, get_args

from services.adapters.clock import Stopwatch
from services.adapters.config.settings import Settings
from services.domain.durations import DAY_S, HOUR_US, SECOND_US

RateKind = Literal["call", "refusal", "search", "refinement", "hold"]
"""The limits: any request; one that is refused; a search, or again for the same household; what names a shelter (a hold, a call list)."""
CallKind = Literal["call", "refusal"]
"""The limits of every route; `api/limits/request_quota.py` takes from the others, when the request has been read."""
CounterKind = Literal["unheld", "given-back", "desk", "fallback", "glass", "events", "listed", "taken-over", "phone"]
"""The counters for alerts, each of a person but those of a desk and of a shelter."""
Verdict = Literal["taken", "repeated", "glass", "refused", "hard"]

# Callers and attempts that a service counts by itself before it removes those that are over.
_MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests at once, and so many an hour beside those; `per_hour` None: as many a minute as at once."""

    at_once: int
    per_hour: int | None = None

    @property
    def hourly(self) -> int:
        """How many turns come back within an hour."""
        return self.per_hour or self.at_once * 60

    @property
    def every_us(self) -> int:
        """How long one turn takes to come back (microseconds)."""
        return max(1, HOUR_US // self.hourly)

    @property
    def burst_us(self) -> int:
        """How long all turns take to come back (microseconds)."""
        return self.every_us * self.at_once

    def times(self, times: float) -> "Rate":
        """Return a rate so many times as high, at least one."""
        return Rate(max(1, round(self.at_once * times)), max(1, round(self.hourly * times)))


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left of one limit: how many turns, and after how long there is one more (microseconds; 0 when all are there)."""

    name: str
    at_once: int
    per_hour: int
    left: int
    next_us: int

    @classmethod
    def of(cls, name: str, rate: Rate, owed_us: int) -> "Balance":
        """Compute the balance of a rate from how far its next turn is from now (microseconds)."""
        left = max(0, (rate.burst_us - owed_us) // rate.every_us)
        next_us = owed_us - rate.burst_us + (left + 1) * rate.every_us if owed_us else 0
        return cls(name, rate.at_once, rate.hourly, left, next_us)

    @classmethod
    def hourly(cls, most: int, count: int, rest_us: int) -> "Balance":
        """Compute the balance of the hard limit of an hour; its oldest request is over after `rest_us`."""
        return cls("request", most, most, max(0, most - count), rest_us if count else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One request: the limits it may be paid from, the preferred one first, and the name of the attempt.

    A limit is a kind, or a kind and the subject it is counted for (`refinement:<household>`). `share` scales all limits.
    """

    attempt: str
    limits: tuple[tuple[RateKind, str], ...]
    remembered_s: int = DAY_S
    break_glass: bool = False
    share: float = 1.0

    def labels(self) -> list[str]:
        """Return each limit as the last part of its key."""
        return [f"{kind}:{subject}" if subject else kind for kind, subject in self.limits]


@dataclass(frozen=True, slots=True)
class Decision:
    """The result of a claim: the wait until it would be accepted (microseconds), and the balance of each limit, the hour last."""

    verdict: Verdict
    wait_us: int
    balances: tuple[Balance, ...]


class Rates(Protocol):
    """Counts the requests of callers. A caller that is a machine has limits `times` as high."""

    async def acquire(self, person: str, kind: RateKind = "call", times: int = 1) -> Decision:
        """Take one turn of one limit."""

    async def claim(self, person: str, claim: Claim) -> Decision:
        """Count a request in its hour, and pay for it once, however often it arrives."""

    async def balances(self, person: str, share: float = 1.0) -> tuple[Balance, ...]:
        """Return the balances of searches, refinements, holds, and requests of this hour; take nothing."""

    async def give_back(self, person: str, attempt: str, share: float = 1.0) -> bool:
        """Give back what an attempt paid, once; False when it paid nothing."""

    async def count(self, *counters: tuple[CounterKind, str]) -> list[int]:
        """Count one more in each counter (kind and subject), and return how many there were within an hour."""

    async def add(self, kind: CounterKind, subject: str, number: int, within_s: int) -> int:
        """Count `number` more in a counter, and return how many there were within so many seconds of its first."""

    async def forget(self, subject: str, kind: CounterKind) -> None:
        """Reset a counter."""


@dataclass(frozen=True, slots=True)
class RequestRates:
    """The rate of each kind, and how many requests an hour there may be beside calls."""

    of: Mapping[RateKind, Rate]
    per_hour: int


def limits_of(settings: Settings) -> RequestRates:
    """Return the limits that the settings describe."""
    rates: dict[RateKind, Rate] = {
        "call": Rate(settings.calls_per_minute),
        "refusal": Rate(settings.refusals_per_hour, settings.refusals_per_hour),
        "search": Rate(settings.searches_at_once, settings.searches_per_hour),
        "refinement": Rate(settings.refinements_per_hour, settings.refinements_per_hour),
        "hold": Rate(settings.holds_at_once, settings.holds_per_hour),
    }
    return RequestRates(rates, settings.requests_per_hour)


DEFAULT_RATES: Final = limits_of(Settings.model_construct())
"""The limits of the default settings."""


@dataclass(slots=True)
class MemoryRates:
    """The limits of one process, which count while Redis is away. No method awaits, so each is atomic."""

    seconds: Stopwatch
    limits: RequestRates = field(default_factory=lambda: DEFAULT_RATES)
    _turns: dict[tuple[str, str], int] = field(default_factory=dict)
    _counted: dict[tuple[CounterKind, str], tuple[int, int]] = field(default_factory=dict)
    _requests: dict[str, deque[int]] = field(default_factory=dict)
    """When each request of the last hour passed the hard limit, by caller."""
    _paid: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    @property
    def _now(self) -> int:
        return round(self.seconds() * SECOND_US)

    async def acquire(self, person: str, kind: RateKind = "call", times: int = 1) -> Decision:
        """Take one turn of one limit."""
        rate = self.limits.of[kind].times(times) if times != 1 else self.limits.of[kind]
        early, owed = self._take(person, kind, rate)
        return Decision("refused" if early else "taken", early, (Balance.of(kind, rate, owed),))

    async def claim(self, person: str, claim: Claim) -> Decision:
        """Count a request in its hour, and pay for it once, however often it arrives."""
        recent = self._recent(person)
        stopped = len(recent) >= self.limits.per_hour
        if not stopped:
            recent.append(self._now)
            self._requests[person] = recent
        hour = self._hour(recent)
        if stopped:
            return Decision("hard", hour.next_us, (*self._left(person, claim), hour))
        paid = self._paid.get((person, claim.attempt))
        if paid and paid[1] > self._now:
            return Decision("repeated", 0, (*self._left(person, claim), hour))
        verdict, wait_us = self._pay(person, claim)
        return Decision(verdict, wait_us, (*self._left(person, claim), hour))

    def _recent(self, person: str) -> deque[int]:
        over = self._now - HOUR_US
        if len(self._requests) > _MOST:
            self._requests = {caller: times for caller, times in self._requests.items() if times and times[-1] > over}
        recent = self._requests.get(person, deque())
        while recent and recent[0] <= over:
            recent.popleft()
        return recent

    def _hour(self, recent: deque[int]) -> Balance:
        rest = recent[0] + HOUR_US - self._now if recent else 0
        return Balance.hourly(self.limits.per_hour, len(recent), rest)

    def _pay(self, person: str, claim: Claim) -> tuple[Verdict, int]:
        waits: list[int] = []
        for (kind, _), label in zip(claim.limits, claim.labels(), strict=True):
            early, _owed = self._take(person, label, self.limits.of[kind].times(claim.share))
            if not early:
                self._remember(person, claim, label)
                return "taken", 0
            waits.append(early)
        if claim.break_glass:
            self._remember(person, claim, "")
            return "glass", 0
        return "refused", min(waits)

    def _remember(self, person: str, claim: Claim, label: str) -> None:
        now = self._now
        self._paid[person, claim.attempt] = (label, now + claim.remembered_s * SECOND_US)
        if len(self._paid) > _MOST:
            self._paid = {attempt: paid for attempt, paid in self._paid.items() if paid[1] > now}

    def _take(self, person: str, label: str, rate: Rate) -> tuple[int, int]:
        """Take a turn; return how much too early it is, and how much is owed now (microseconds)."""
        now = self._now
        before = max(self._turns.get((person, label), 0), now)
        early = before + rate.every_us - now - rate.burst_us
        if early > 0:
            return early, before - now
        self._turns[person, label] = before + rate.every_us
        if len(self._turns) > _MOST:
            self._turns = {limit: due for limit, due in self._turns.items() if due > now}
        return 0, before + rate.every_us - now

    def _left(self, person: str, claim: Claim) -> list[Balance]:
        return [
            Balance.of(kind, self.limits.of[kind].times(claim.share), max(0, self._turns.get((person, label), 0) - self._now))
            for (kind, _), label in zip(claim.limits, claim.labels(), strict=True)
        ]

    async def balances(self, person: str, share: float = 1.0) -> tuple[Balance, ...]:
        """Return the balances; take nothing."""
        return (*self._left(person, everything(share)), self._hour(self._recent(person)))

    async def give_back(self, person: str, attempt: str, share: float = 1.0) -> bool:
        """Give back what an attempt paid, once; False when it paid nothing."""
        label, until = self._paid.pop((person, attempt), ("", 0))
        if not label or until <= self._now:
            return False
        every_us = self.limits.of[kind_of(label)].times(share).every_us
        if (person, label) in self._turns:
            self._turns[person, label] -= every_us
        return True

    async def count(self, *counters: tuple[CounterKind, str]) -> list[int]:
        """Count one more in each counter, and return how many there were within an hour."""
        return [self._count(counter, 1, HOUR_US) for counter in counters]

    async def add(self, kind: CounterKind, subject: str, number: int, within_s: int) -> int:
        """Count `number` more in a counter, and return how many there were within so many seconds of its first."""
        return self._count((kind, subject), number, within_s * SECOND_US)

    def _count(self, counter: tuple[CounterKind, str], by: int, within_us: int) -> int:
        now = self._now
        number, until = self._counted.get(counter, (0, 0))
        number, until = (number + by, until) if now < until else (by, now + within_us)
        self._counted[counter] = (number, until)
        if len(self._counted) > _MOST:
            self._counted = {name: (number, until) for name, (number, until) in self._counted.items() if now < until}
        return number

    async def forget(self, subject: str, kind: CounterKind) -> None:
        """Reset a counter."""
        self._counted.pop((kind, subject), None)


def everything(share: float) -> Claim:
    """Return a claim of every limit of a caller, to be read and not paid."""
    return Claim(attempt="", limits=(("search", ""), ("refinement", ""), ("hold", "")), share=share)


def kind_of(label: str) -> RateKind:
    """Return the kind of limit that a label names; KeyError when it names none."""
    kinds: dict[str, RateKind] = {kind: kind for kind in get_args(RateKind)}
    return kinds[label.partition(":")[0]]
