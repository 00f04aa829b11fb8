"""Who is calling: bearer tokens (RFC 6750) of one OpenID issuer, verified with its own keys. What a token does not say, nobody has.

401 when there is no token or it is not valid, and no word on why: that helps only whoever makes them up.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import jwt

from services.adapters.issuer import ALGORITHMS, IssuerAwayError, IssuerKeys
from services.adapters.metrics import Metrics
from services.adapters.problems import ProblemError

Role = Literal["shelter", "worker", "coordinator", "analyst", "auditor", "operator"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

# Clocks of two machines differ by a little.
_LEEWAY_S = 10
_LONGEST_TOKEN = 16_384


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


class Identity:
    """Tells callers by their tokens."""

    def __init__(self, keys: IssuerKeys, issuer: str, audience: str, metrics: Metrics) -> None:
        self._keys, self._issuer, self._audience, self._metrics = keys, issuer, audience, metrics

    async def caller(self, authorization: str | None) -> Caller:
        """Verify the Authorization header of a request; ProblemError 401, or 503 when there are no keys to verify with."""
        if authorization is None:
            raise ProblemError("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
        try:
            return _caller(await self._claims(authorization))
        except IssuerAwayError as away:
            raise ProblemError("issuer-away") from away
        except (jwt.PyJWTError, ValueError) as refused:
            self._metrics.count("plek_tokens_refused_total")
            raise ProblemError("unauthenticated", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from refused

    async def _claims(self, authorization: str) -> dict[str, Any]:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or len(token) > _LONGEST_TOKEN:
            raise ValueError("no bearer token")
        header = jwt.get_unverified_header(token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise ValueError("not an algorithm that is accepted")
        key = await self._keys.find(key_id)
        # The key decides the algorithm, not the token (RFC 8725, section 3.1)
        if key is None or key.algorithm_name != algorithm:
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


def _caller(claims: dict[str, Any]) -> Caller:
    """Read the claims; ValueError when they are not of their form."""
    role, desk = claims.get("role"), claims.get("desk")
    if role not in ROLES or not isinstance(desk, str | None) or not claims["sub"]:
        raise ValueError("claims are not of their form")
    return Caller(claims["sub"], role, _names(claims.get("shelters")), _names(claims.get("regions")), desk)


def _names(claim: Any) -> frozenset[str]:
    listed = [] if claim is None else claim
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise ValueError("claims are not of their form")
    return frozenset(listed)
