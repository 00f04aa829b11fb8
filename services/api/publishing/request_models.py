"""The bodies the API takes: dataclasses with the rules of the contract at their fields."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

from services.adapters.codec.validation import FieldProblem
from services.adapters.http.call import Call
from services.adapters.http.request_body import wrong
from services.adapters.http.sealed_tokens import LONGEST
from services.adapters.problem_details import ProblemError
from services.domain.events import value_types as v
from services.domain.events.catalog import Need
from services.domain.search.matching import SearchCriteria

Sealed = Annotated[str, v.Text(f"[A-Za-z0-9_-]{{1,{LONGEST}}}", "sealed")]
BreakGlass = Literal["many_households", "several_needs", "colleague_away", "other"]
BREAK_GLASS: Final[tuple[BreakGlass, ...]] = get_args(BreakGlass)
BrokenGlass = Annotated[BreakGlass, v.OneOf(BREAK_GLASS)]
"""Why a rate limit is passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdForm:
    """A household, the same wherever one is sent: all adults, how many of them are men, the children, and the age of the oldest son.

    `men` is at most `adults`; `oldest_son_age` is null where there is no son, and always without children. Nothing more is asked of the
    children, as in the contract's `need`: no other age decides where a household can go.
    """

    adults: v.Adults
    men: v.Adults = 0
    children: v.Children = 0
    oldest_son_age: v.AgeOrNull = None

    def identity(self, region: str) -> tuple[str, ...]:
        """Return what makes two households the same one for a desk of a region: each of the four members."""
        return (*map(str, (self.adults, self.men, self.children, self.oldest_son_age)), region)

    def broken_rules(self) -> list[FieldProblem]:
        """Check that there is a household, that its men are among its adults, and its oldest son among its children."""
        if self.adults + self.children < 1:
            return [FieldProblem("", "no_household")]
        beyond = {"/men": self.men > self.adults, "/oldest_son_age": self.oldest_son_age is not None and not self.children}
        return [FieldProblem(pointer, "out_of_range") for pointer, is_wrong in beyond.items() if is_wrong]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedForm(HouseholdForm):
    """A household, what it needs, and where it must not go. Lists may be left out: nothing is needed then."""

    kinds: v.Kinds = ()
    features: v.Features = ()
    services: v.Services = ()
    languages: Annotated[tuple[str, ...], v.ListOf(v.Text("[a-z]{2}", "nl"), most=40)] = ()
    security: v.Security = "open"
    exclude_regions: v.ExcludedRegions = ()
    region: v.RegionCode | None = None

    def criteria(self) -> SearchCriteria:
        """Return what is needed in the words of the contract."""
        need = Need(
            kinds=self.kinds,
            features=self.features,
            men=self.men,
            oldest_son_age=self.oldest_son_age,
            security=self.security,
            services=self.services,
            languages=self.languages,
        )
        return SearchCriteria(adults=self.adults, children=self.children, need=need, exclude_regions=self.exclude_regions)


async def resolve_region(call: Call[Any], stated: str | None) -> str:
    """Return the region a desk asks for: the stated one if it is the caller's, or the only one the caller has; ProblemError 400, 403."""
    caller = call.caller
    if stated is None and len(caller.regions) != 1:
        raise ProblemError("invalid", errors=[wrong("/region", "missing")])
    region = stated or next(iter(caller.regions))
    if region not in caller.regions:
        await call.refuse()
    return region
