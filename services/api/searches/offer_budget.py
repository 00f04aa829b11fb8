"""How many shelters a chain of searches for one household may be offered: nine. Kept here, for what is handed out can be forked.

Law: no chain is offered more than its budget, however many requests come at once; a request that is sent again is offered the same.
Without Redis each process keeps count by itself.

    <prefix>:offered:<root search>       hash    digests of the shelters offered in a chain of searches, each with the search it was
                                                 first offered in; gone a day after the last new one
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final, NamedTuple, Protocol

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import Stopwatch
from services.adapters.redis.auto_pipeline import AutoPipeline
from services.adapters.redis.clients import AWAY
from services.domain.durations import DAY_S

BUDGET: Final = 9
"""Design, section 5: three offers, and on asking the next three up to nine."""
# As long as a search can be gone on with
_KEPT_S: Final = DAY_S
# Chains a process counts by itself before it forgets those that are over
_CHAINS: Final = 10_000


class Granted(NamedTuple):
    """Which candidates may be offered (by their places), how many new ones are left, and how many of the candidates the chain knows now."""

    places: tuple[int, ...]
    left: int
    known: int


class Chain(NamedTuple):
    """The first search of a chain, and the one that is answered; with `new` it wants what earlier ones were not offered."""

    root: str
    search: str
    new: bool = False


class OfferBudget(Protocol):
    """Counts the shelters that chains of searches were offered."""

    async def take(self, chain: Chain, shelters: Sequence[str], most: int) -> Granted:
        """Choose at most so many, in order of preference: those this search was offered, known ones, and others within the budget."""


class MemoryOfferBudget:
    """One process by itself: the twin of Redis, and what counts while Redis is away."""

    def __init__(self, seconds: Stopwatch) -> None:
        self._seconds = seconds
        self._chains: dict[str, tuple[float, dict[str, str]]] = {}

    async def take(self, chain: Chain, shelters: Sequence[str], most: int) -> Granted:
        """Choose at most so many, in order of preference."""
        now = self._seconds()
        until, first = self._chains.get(chain.root, (0.0, dict[str, str]()))
        first = first if now < until else {}
        places = [place for place, shelter in enumerate(shelters) if first.get(shelter) == chain.search][:most]
        for place, shelter in enumerate(shelters):
            if len(places) == most:
                break
            if shelter not in first and len(first) < BUDGET:
                first[shelter], until = chain.search, now + _KEPT_S
                places.append(place)
            elif first.get(shelter, chain.search) != chain.search and not chain.new:
                places.append(place)
        if first:
            self._chains[chain.root] = (until, first)
        if len(self._chains) > _CHAINS:
            self._chains = {root: kept for root, kept in self._chains.items() if now < kept[0]}
        return Granted(tuple(sorted(places)), BUDGET - len(first), len(first.keys() & set(shelters)))


class RedisOfferBudget:
    """All services together, in Redis; `alone` counts while it is away."""

    def __init__(self, joined: AutoPipeline, prefix: str, pseudonyms: Pseudonyms, alone: MemoryOfferBudget) -> None:
        self._joined, self._prefix, self._pseudonyms, self._alone = joined, prefix, pseudonyms, alone
        self._script: Any = joined.script(files(__package__).joinpath("offer_budget.lua").read_text("utf-8"))

    async def take(self, chain: Chain, shelters: Sequence[str], most: int) -> Granted:
        """Choose at most so many, in order of preference."""
        digests = self._pseudonyms.offered(chain.root, shelters)
        args = [chain.search, BUDGET, most, int(chain.new), _KEPT_S, *digests]
        try:
            left, known, *places = await self._joined.run(self._script, [f"{self._prefix}:offered:{chain.root}"], args)
        except AWAY:
            return await self._alone.take(chain, shelters, most)
        return Granted(tuple(sorted(places)), left, known)
