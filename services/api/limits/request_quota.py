"""The rate limits of searches and holds (design, section 5): of a person, never of a desk, and always with a way on.

A request is charged once however often it arrives, also at the same instant on two API processes: it is identified by its attempt. Beyond
a limit a caller breaks the glass, and is answered at once; only the hard limit of an hour stops a request, and it is there for scripts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from services.adapters.auth.authentication import Caller
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.auth.rate_limits import Balance, Claim, Decision, RateKind, Rates
from services.adapters.clock import Clock
from services.adapters.http import rate_limit_fields
from services.adapters.http.call import Call
from services.adapters.problem_details import ProblemError
from services.adapters.rfc3339 import show_ms
from services.api.limits.abuse_alerts import Alerts
from services.api.limits.models import Limit, LimitLeft, Reason
from services.api.publishing.request_models import BREAK_GLASS, BreakGlass
from services.domain.durations import DAY_S, HOUR_S, US_PER_MS

# An offer is good for so long: a search that is sent again later is a new question
_SEARCH_S: Final = 600
# As long as a hold is shown
_HOLD_S: Final = DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestQuota:
    """Takes searches and holds from the limits of a person. `rate_share`: the share of each limit at a time (ms), less under threat."""

    rates: Rates
    pseudonyms: Pseudonyms
    alerts: Alerts
    now: Clock
    rate_share: Callable[[int], float] = lambda _: 1.0

    async def take_search(
        self,
        call: Call[Any],
        *,
        attempt: str,
        refines: bool,
        break_glass: BreakGlass | None,
        household: str = "",
    ) -> None:
        """Take a search; ProblemError 429 `too-many` beyond the limit without a reason, `hard-limit` beyond that of an hour.

        A search that refines one of the same household is taken from the refinements of that household first.
        """
        claim = self._search(attempt, household, refines=refines, break_glass=break_glass)
        await self._take(call, "search", claim, break_glass)

    async def try_search(self, call: Call[Any], *, attempt: str, refines: bool, household: str = "") -> bool:
        """Take a search if the limit allows it, and return whether it does."""
        claim = self._search(attempt, household, refines=refines, break_glass=None)
        decision = await self.rates.claim(self._person(call.caller), claim)
        call.add_balances(decision.balances)
        return decision.verdict in {"taken", "repeated"}

    async def take_hold(self, call: Call[Any], *, attempt: str, break_glass: BreakGlass | None) -> None:
        """Take a hold for what names a shelter, a hold or a call list; ProblemError as `take_search`."""
        await self._take(call, "hold", self._claim(f"hold:{attempt}", (("hold", ""),), _HOLD_S, break_glass), break_glass)

    async def give_back_search(self, caller: Caller, attempt: str) -> None:
        """Give back what a search took: nothing came of it."""
        await self.rates.give_back(self._person(caller), f"search:{attempt}", self._share)

    async def give_back_hold(self, person: str, attempt: str) -> None:
        """Give back what a hold took, once: the shelter answered, or nothing was requested. `person` is the pseudonym of the requester."""
        await self.rates.give_back(person, f"hold:{attempt}", self._share)

    async def left(self, call: Call[Any]) -> list[LimitLeft]:
        """Return what is left of each limit of the caller, and take nothing: of calls, and of what a worker may request."""
        own = await self.rates.balances(self._person(call.caller), self._share) if call.caller.role == "worker" else ()
        call.add_balances(own)
        return [limit_left(balance, self.now()) for balance in rate_limit_fields.known(call.request)]

    @property
    def _share(self) -> float:
        return self.rate_share(self.now())

    def _person(self, caller: Caller) -> str:
        return self.pseudonyms.asked_by(caller.sub)

    def _search(self, attempt: str, household: str, *, refines: bool, break_glass: BreakGlass | None) -> Claim:
        limits: tuple[tuple[RateKind, str], ...] = (("refinement", household), ("search", "")) if refines else (("search", ""),)
        return self._claim(f"search:{attempt}", limits, _SEARCH_S, break_glass)

    def _claim(self, attempt: str, limits: tuple[tuple[RateKind, str], ...], remembered_s: int, break_glass: BreakGlass | None) -> Claim:
        return Claim(attempt=attempt, limits=limits, remembered_s=remembered_s, break_glass=break_glass is not None, share=self._share)

    async def _take(self, call: Call[Any], kind: RateKind, claim: Claim, break_glass: BreakGlass | None) -> None:
        person = self._person(call.caller)
        decision = await self.rates.claim(person, claim)
        call.add_balances(decision.balances)
        match decision.verdict:
            case "glass" if break_glass:
                try:
                    await self.alerts.glass_broken(call.caller, kind, break_glass)
                except ProblemError:  # what can't be recorded is not answered, and the same request breaks the glass again
                    await self.rates.give_back(person, claim.attempt, claim.share)
                    raise
            case "refused" | "hard":
                self.alerts.refused("request" if decision.verdict == "hard" else kind)
                raise too_many(kind, decision, self.now())
            case _:
                pass


def too_many(kind: RateKind, decision: Decision, now: int) -> ProblemError:
    """Return the problem of a request that a limit refused at `now` (ms): when to try again, and the reasons that pass the limit."""
    headers = {"Retry-After": str(rate_limit_fields.seconds_until(decision.wait_us))}
    again_at = show_ms(now + decision.wait_us // US_PER_MS + 1)
    if decision.verdict == "hard":
        return ProblemError("hard-limit", headers=headers, again_at=again_at, limit="request")
    return ProblemError("too-many", headers=headers, again_at=again_at, limit=kind, break_glass=BREAK_GLASS)


def limit_left(balance: Balance, now: int) -> LimitLeft:
    """Return what is left of a limit at `now` (ms); of refinements no number, because each household has its own."""
    return LimitLeft(
        name=cast("Limit", balance.name),
        quota=balance.per_hour,
        at_once=balance.at_once,
        window_seconds=HOUR_S,
        left=None if balance.name == "refinement" else balance.left,
        again_at=show_ms(now + balance.next_us // US_PER_MS) if balance.next_us else None,
    )


_TEXTS: Final[Mapping[BreakGlass, tuple[str, str]]] = {
    "many_households": ("Veel huishoudens vannacht", "Many households tonight"),
    "several_needs": ("Voor één huishouden moest meer worden gezocht", "One household needed several searches"),
    "colleague_away": ("Een collega is er niet", "A colleague is away"),
    "other": ("Iets anders", "Something else"),
}
REASONS: Final = [Reason(code=code, nl=dutch, en=english) for code, (dutch, english) in _TEXTS.items()]
"""Each reason for breaking the glass, in words."""
