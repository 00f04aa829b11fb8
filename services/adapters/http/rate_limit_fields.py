"""The `RateLimit` and `RateLimit-Policy` fields of an answer (draft-ietf-httpapi-ratelimit-headers; structured fields, RFC 9651).

What was taken for a request says what is left; nothing is asked of Redis for them. A quota is per hour; `r` is how many may be asked for
now, and `t` in how many seconds there is one more.
"""

from collections.abc import Iterable
from typing import Final

from fastapi import Request
from starlette.types import Scope

from services.adapters.auth.rate_limits import Balance
from services.domain.durations import HOUR_S, SECOND_US

_STATE: Final = "balances"


def remember(request: Request, balances: Iterable[Balance]) -> None:
    """Write down what is left of some limits, to be said with the answer to a request."""
    request.state.balances = {each.name: each for each in (*known(request), *balances)}


def known(request: Request) -> list[Balance]:
    """Return what was taken for a request so far."""
    return list(getattr(request.state, _STATE, {}).values())


def fields(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the header fields of an answer; none where nothing was taken."""
    found: dict[str, Balance] = scope.get("state", {}).get(_STATE, {})
    return [(b"ratelimit-policy", _policies(found).encode()), (b"ratelimit", _left(found).encode())] if found else []


def seconds_until(us: int) -> int:
    """Return whole seconds after which something is there: never too early."""
    return -(-us // SECOND_US)


def _policies(found: dict[str, Balance]) -> str:
    return ", ".join(f'"{name}";q={each.per_hour};w={HOUR_S}' for name, each in found.items())


def _left(found: dict[str, Balance]) -> str:
    return ", ".join(f'"{name}";r={each.left};t={seconds_until(each.next_us)}' for name, each in found.items())
