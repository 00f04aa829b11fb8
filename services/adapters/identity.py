"""Who is calling: bearer tokens (RFC 6750) of one OpenID issuer, verified with its own keys. What a token does not say, nobody has.

401 when there is no token or it is not valid, and no word on why: that helps only whoever makes them up.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

import jwt

from services.adapters.clock import Clock, now_ms
from services.adapters.issuer import ALGORITHMS, IssuerAwayError, IssuerKeys, on_loopback
from services.adapters.metrics import Metrics
from services.adapters.problems import ProblemError
from services.adapters.rates import Asked, Rates
from services.adapters.verified import Verified
from services.domain import values as v

Role = Literal["shelter", "worker", "coordinator", "analyst", "auditor", "operator"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

# Clocks of two machines differ by a little.
_LEEWAY_S: Final = 10
_LONGEST_TOKEN: Final = 16_384
# OpenID Connect Core, section 2: a subject has at most 255 characters
_LONGEST_SUB: Final = 255
# RFC 8725, section 3.11: a token that says it is for something else is not one to get in with
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# What reading a token that somebody made up can end in
_REFUSED: Final = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
_ID, _REGION = re.compile(v.SHELTER.pattern), re.compile("[A-Za-z0-9-]{1,16}", re.ASCII)
# Who sends whole logs is a machine.
_OPERATOR_TIMES: Final = 100


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a token speaks for: a role, and what is hers (shelters, regions, the desk she works at)."""

    sub: str
    role: Role
    shelters: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    desk: str | None = None
    break_glass: bool = False
    """She says in her token that she is let in for an emergency."""
    expires: float = field(default=0, compare=False)
    """When her token is over, in seconds since 1970."""


class Identity:
    """Tells callers by their tokens, and how often they may call."""

    def __init__(  # noqa: PLR0913, PLR0917  an issuer, what it must say, and what is counted
        self,
        keys: IssuerKeys,
        issuer: str,
        audience: str,
        metrics: Metrics,
        rates: Rates,
        role_claim: str,
        now: Clock = now_ms,
    ) -> None:
        self._keys, self._issuer, self._audience, self._metrics = keys, issuer, audience, metrics
        self._rates = rates
        self._role_claim = role_claim.split(".")
        self._local = on_loopback(issuer)
        self._verified: Verified[Caller] = Verified(now)

    async def caller(self, authorization: str | None, asked: Asked | None = "call") -> Caller:
        """Verify the Authorization header of a request, and take the caller's turn; with None she need not wait for one.

        ProblemError 401, 503 when there are no keys to verify with, 429 when she asks too often.
        """
        if authorization is None:
            raise ProblemError("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
        try:
            caller = self._verified.find(authorization, self._keys.fetches) or await self._verify(authorization)
        except IssuerAwayError as away:
            raise ProblemError("issuer-away") from away
        except _REFUSED as refused:
            self._metrics.count("plek_tokens_refused_total")
            raise ProblemError("unauthenticated", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from refused
        if asked:
            await self.turn(caller, asked)
        return caller

    async def _verify(self, authorization: str) -> Caller:
        caller = self._caller(await self._claims(authorization))
        self._verified.keep(authorization, self._keys.fetches, caller, int(caller.expires * 1_000))
        return caller

    async def turn(self, caller: Caller, asked: Asked, whose: str | None = None) -> None:
        """Take the caller's turn, and for a search that of her desk; ProblemError 429 when one of them asks too often.

        `whose` is her pseudonym, where whoever gives the turn back knows no other.
        """
        await self._wait(whose or caller.sub, asked, _OPERATOR_TIMES if caller.role == "operator" else 1)
        if asked == "search" and caller.desk:
            try:
                await self._wait(caller.desk, "desk")
            except ProblemError:
                await self.give_back(caller.sub, asked)
                raise

    async def give_back(self, whose: str, asked: Asked) -> None:
        """Give a turn back that was well used, or that nothing came of."""
        await self._rates.give_back(whose, asked)

    async def searched_for_nothing(self, caller: Caller) -> None:
        """Give her turn to search back, and her desk's."""
        await self.give_back(caller.sub, "search")
        if caller.desk:
            await self.give_back(caller.desk, "desk")

    async def _wait(self, whose: str, asked: Asked, times: int = 1) -> None:
        wait_s = await self._rates.wait_s(whose, asked, times)
        if wait_s > 0:
            self._metrics.count("plek_too_many_total", asked=asked)
            raise ProblemError("too-many", headers={"Retry-After": str(math.ceil(wait_s))})

    async def _claims(self, authorization: str) -> dict[str, Any]:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or len(token) > _LONGEST_TOKEN:
            raise ValueError("no bearer token")
        header = jwt.get_unverified_header(token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or str(header.get("typ", "JWT")).lower() not in _TYPES:
            raise ValueError("not an algorithm or a kind of token that is accepted")
        if "crit" in header:  # RFC 7515, section 4.1.11: nothing that may stand in it is understood here
            raise ValueError("extensions that must be understood")
        key = await self._keys.find(key_id, algorithm)
        if key is None:
            raise ValueError("not a key of this issuer")
        return jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self._audience,
            issuer=self._issuer,
            leeway=_LEEWAY_S,
            options={"require": ["iss", "aud", "sub", "exp"]},
        )

    def _caller(self, claims: dict[str, Any]) -> Caller:
        """Read the claims; ValueError when they are not of their form."""
        sub, desk, break_glass = claims["sub"], claims.get("desk"), claims.get("break_glass", False)
        role = self._role(claims)
        if not 1 <= len(sub) <= _LONGEST_SUB or type(break_glass) is not bool:
            raise ValueError("claims are not of their form")
        if desk is not None and not (isinstance(desk, str) and _ID.fullmatch(desk)):
            raise ValueError("claims are not of their form")
        # Who can do everything says each time that it is an emergency; on a machine of her own it is always one
        if role == "operator" and not (break_glass or self._local):
            raise ValueError("an operator without break_glass")
        shelters, regions = _names(claims.get("shelters"), _ID), _names(claims.get("regions"), _REGION)
        return Caller(sub, role, shelters, regions, desk, break_glass and role == "operator", float(claims["exp"]))

    def _role(self, claims: dict[str, Any]) -> Role:
        """Find the one role of ours that a token names; an issuer may name others beside it."""
        found: Any = claims
        for name in self._role_claim:
            found = found.get(name) if isinstance(found, dict) else None
        listed = found if isinstance(found, list) else [found]
        ours = [role for role in ROLES if role in listed]
        if len(ours) != 1:
            raise ValueError("not one role")
        return ours[0]


def _names(claim: Any, form: re.Pattern[str]) -> frozenset[str]:
    listed = [] if claim is None else claim
    if not isinstance(listed, list) or not all(isinstance(name, str) and form.fullmatch(name) for name in listed):
        raise ValueError("claims are not of their form")
    return frozenset(listed)
