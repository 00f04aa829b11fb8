"""What the limits and alarms of the API make of acts: refusals, broken glass, and how far each alarm's count went.

The limits and counts are those of the API (`services/adapters/auth/rate_limits.py`), at the clock of the acts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.adapters.auth.rate_limits import Claim, CounterKind, MemoryRates, RateKind
from tests.attack.workers import Act

_S = 1_000
_PAID_FROM: dict[str, tuple[tuple[RateKind, str], ...]] = {"search": (("search", ""),), "hold": (("hold", ""),)}


@dataclass(slots=True)
class Watched:
    """What came of acts; `reached` counts of each alarm how often a count within an hour came to each number."""

    acts: int = 0
    refused: int = 0
    hard: int = 0
    reached: dict[CounterKind, Counter[int]] = field(
        default_factory=lambda: {"unheld": Counter(), "given-back": Counter(), "desk": Counter()}
    )

    def alarms(self, counted: CounterKind, threshold: int) -> int:
        """Return how many alarms there would have been at a threshold."""
        return self.reached[counted][threshold]


async def watch(acts: Iterable[Act]) -> Watched:
    """Play acts in the order of time."""
    found, clock = Watched(), [0.0]
    rates, holds = MemoryRates(lambda: clock[0]), dict[tuple[str, str], list[str]]()
    for number, act in enumerate(sorted(acts, key=lambda each: each.at)):
        clock[0], attempt = act.at / _S, str(number)
        match act.what:
            case "search" | "refine":
                await _paid(rates, found, act, attempt)
                await _count(rates, found, act.person, "unheld")
                await _count(rates, found, act.desk, "desk")
            case "hold":
                await _paid(rates, found, act, attempt)
                holds.setdefault((act.person, act.household), []).append(attempt)
                await rates.forget(act.person, "unheld")
            case "answered":
                if waiting := holds.get((act.person, act.household)):
                    await rates.give_back(act.person, waiting.pop())
            case "given-back":
                await _count(rates, found, act.person, "given-back")
    return found


async def _paid(rates: MemoryRates, found: Watched, act: Act, attempt: str) -> None:
    """Pay for an act; after a refusal the worker breaks the glass."""
    found.acts += 1
    refined: tuple[tuple[RateKind, str], ...] = (("refinement", act.household), *_PAID_FROM["search"])
    limits = _PAID_FROM.get(act.what, refined)
    claim = Claim(attempt=attempt, limits=limits, break_glass=True)
    verdict = (await rates.claim(act.person, claim)).verdict
    found.refused += verdict == "glass"
    found.hard += verdict == "hard"


async def _count(rates: MemoryRates, found: Watched, key: str, counted: CounterKind) -> None:
    (number,) = await rates.count((counted, key))
    found.reached[counted][number] += 1
