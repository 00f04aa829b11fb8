"""`GET /v1/me`: who the caller is to Plek, what of each rate limit is left, and the reasons for which one may be passed.

The answer holds no more than the caller's own token and own requests; reading it takes a call and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.auth.authentication import Caller
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.regions import RegionRow
from services.adapters.rfc3339 import show_ms
from services.adapters.roles import ROLES
from services.api.limits.models import LimitLeft, Reason
from services.api.limits.request_quota import REASONS, RequestQuota
from services.api.read_model.answer_models import AnswerModel, NamedRegion
from services.api.read_model.disclosure_level import Disclosure

_ME: Final = RoutePolicy(roles=ROLES, not_audited="it says what the caller's own token says")


class MeAnswer(AnswerModel):
    """Who the caller is, and what of each rate limit is left."""

    role: str
    regions: list[NamedRegion]
    desk: str | None
    shelters: list[str]
    expires: str
    disclosure: str
    announcement: str | None
    limits: list[LimitLeft]
    break_glass: list[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """What a caller may read of the caller."""

    regions: Mapping[str, RegionRow]
    quota: RequestQuota
    disclosure: Disclosure

    async def get(self, call: Call[None]) -> MeAnswer:
        """Return what the token says, and what is left."""
        caller, now = call.caller, self.quota.now()
        return MeAnswer(
            role=caller.role,
            regions=self._named_regions(caller),
            desk=caller.desk,
            shelters=sorted(caller.shelters),
            expires=show_ms(round(caller.expires * 1_000)),
            disclosure=self.disclosure.at(now).name,
            announcement=self.disclosure.announcement(now),
            limits=await self.quota.left(call),
            break_glass=REASONS if caller.role == "worker" else [],
        )

    def _named_regions(self, caller: Caller) -> list[NamedRegion]:
        return [NamedRegion(code=code, name=self.regions[code].centre) for code in sorted(caller.regions) if code in self.regions]


def add_me(app: FastAPI, me: Me) -> None:
    """Add the route."""

    @app.get(
        "/v1/me",
        tags=["me"],
        summary="Who the caller is, and what of each rate limit is left",
        description="`left` of a limit is how many requests are let through now, `again_at` when there is one more. Refinements are counted"
        " for each household, and have no `left` here. Beyond a limit the same request with `break_glass` is answered at once.",
    )
    async def read_caller(call: Annotated[Call[None], Depends(_ME)]) -> MeAnswer:
        return await me.get(call)
