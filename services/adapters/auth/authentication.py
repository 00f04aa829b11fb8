"""Who is calling: bearer tokens (RFC 6750) of one OpenID issuer, verified with its own keys.

A caller has no right that the token does not state.

401 when there is no token or it is not valid, without a reason: that would help only an attacker who makes them up.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

import jwt

from services.adapters import rfc3339
from services.adapters.auth.jwks_client import ALGORITHMS, IssuerAwayError, IssuerKeys
from services.adapters.auth.rate_limits import CallKind, Decision, Rates
from services.adapters.auth.revoked_tokens import NoneRevoked, RevokedTokens, digest_of
from services.adapters.auth.token_cache import TokenCache
from services.adapters.clock import Clock, now_ms
from services.adapters.config.loopback import on_loopback
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.adapters.roles import Role, role_in
from services.domain.durations import HOUR_S
from services.domain.events import value_types as v

# Clocks of two machines differ by a little.
_LEEWAY_S: Final = 10
_LONGEST_TOKEN: Final = 16_384
# OpenID Connect Core, section 2: a subject has at most 255 characters
_LONGEST_SUB: Final = 255
# RFC 8725, section 3.11: a token that says it is for something else is not one to get in with
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# What reading an invented token can end in
_REFUSED: Final = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
_ID, _REGION = re.compile(v.SHELTER.pattern), re.compile("[A-Za-z0-9-]{1,16}", re.ASCII)
LONGEST_S: Final = 12.0 * HOUR_S
"""How long a token may be valid, unless a setting says otherwise: there is no list of those that were taken back."""
# Who sends whole logs is a machine.
_OPERATOR_TIMES: Final = 100
_WAIT: Final = "Wait until `again_at`, or as long as `Retry-After` says"


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller that a token stands for: a role, and the own shelters, regions and desk."""

    sub: str
    role: Role
    shelters: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    desk: str | None = None
    break_glass: bool = False
    """The token states an emergency: break-glass access."""
    expires: float = field(default=0, compare=False)
    """When the token expires, in seconds since 1970."""


class Authentication:
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
        longest_s: float = LONGEST_S,
        revoked: RevokedTokens | None = None,
    ) -> None:
        self._keys, self._issuer, self._audience, self._metrics = keys, issuer, audience, metrics
        self._rates, self._now, self._longest_s = rates, now, longest_s
        self._role_claim = role_claim
        self._local, self._revoked = on_loopback(issuer), NoneRevoked() if revoked is None else revoked
        self._verified: TokenCache[Caller] = TokenCache(now)

    async def caller(self, authorization: str | None, asked: CallKind | None = "call") -> Caller:
        """Verify the Authorization header of a request, and take a turn of the caller's rate limit; with None none is taken.

        ProblemError 401, 503 when there are no keys to verify with, 429 when the rate limit is reached.
        """
        if authorization is None:
            raise ProblemError("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
        if self._revoked.get(digest_of(authorization)) is not None:
            raise ProblemError("unauthenticated", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        try:
            caller = self._verified.get(authorization, self._keys.fetches) or await self._verify(authorization)
        except IssuerAwayError as away:
            raise ProblemError("issuer-away") from away
        except _REFUSED as refused:
            self._metrics.count("plek_tokens_refused_total")
            raise ProblemError("unauthenticated", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from refused
        if asked and (decision := await self.turn(caller, asked)).verdict == "refused":
            raise self.too_often(decision)
        return caller

    async def _verify(self, authorization: str) -> Caller:
        caller = self._caller(await self._claims(authorization))
        self._verified.put(authorization, self._keys.fetches, caller, int(caller.expires * 1_000))
        return caller

    async def turn(self, caller: Caller, asked: CallKind = "call") -> Decision:
        """Take one turn of the caller's requests, and return what is left; the function that decides on the answer raises `too_often`."""
        return await self._rates.acquire(caller.sub, asked, _OPERATOR_TIMES if caller.role == "operator" else 1)

    async def meter_refusal(self, caller: Caller) -> None:
        """Take one turn of the caller's refused requests; ProblemError 429 beyond the limit, and then no refusal is to be recorded."""
        decision = await self.turn(caller, "refusal")
        if decision.verdict == "refused":
            raise self.too_often(decision, "refusal")

    def too_often(self, decision: Decision, limit: CallKind = "call") -> ProblemError:
        """Count a request beyond a limit, and make the problem of it: 429 with when to come back."""
        self._metrics.count("plek_too_many_total", asked=limit)
        again_at = rfc3339.show_ms(self._now() + decision.wait_us // 1_000 + 1)
        return ProblemError(
            "too-many", headers={"Retry-After": str(math.ceil(decision.wait_us / 1e6))}, again_at=again_at, limit=limit, detail=_WAIT
        )

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
        self._check_length(claims)
        sub, desk, break_glass = claims["sub"], claims.get("desk"), claims.get("break_glass", False)
        role = role_in(claims, self._role_claim)
        if not 1 <= len(sub) <= _LONGEST_SUB or type(break_glass) is not bool:
            raise ValueError("claims are not of their form")
        if desk is not None and not (isinstance(desk, str) and _ID.fullmatch(desk)):
            raise ValueError("claims are not of their form")
        # A caller who can do everything states each time that it is an emergency; on a local machine it always is one
        if role == "operator" and not (break_glass or self._local):
            raise ValueError("an operator without break_glass")
        shelters, regions = _names(claims.get("shelters"), _ID), _names(claims.get("regions"), _REGION)
        return Caller(sub, role, shelters, regions, desk, break_glass and role == "operator", float(claims["exp"]))

    def _check_length(self, claims: dict[str, Any]) -> None:
        """Raise ValueError for a token of more hours than one may have: from its issue, or where it does not say, from now."""
        # A time of issue that is still to come was refused before
        begins = float(claims["iat"]) if claims.get("iat") is not None else self._now() / 1_000
        if not float(claims["exp"]) - begins <= self._longest_s:
            raise ValueError("a token that is valid for too long")


def _names(claim: Any, form: re.Pattern[str]) -> frozenset[str]:
    listed = [] if claim is None else claim
    if not isinstance(listed, list) or not all(isinstance(name, str) and form.fullmatch(name) for name in listed):
        raise ValueError("claims are not of their form")
    return frozenset(listed)
