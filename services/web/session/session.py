"""The session of a person: the token of the issuer, and what the pages need to know of it.

Guarantees: a session holds nothing that the token does not state. It has no right of its own: every call is made with the token, and the
service that is called verifies it.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import jwt

from services.adapters.roles import Role, role_in
from services.domain.durations import MINUTE_MS

# After this long without a person at the screen it may be another person's to read
_IDLE_MS: Final = 15 * MINUTE_MS
# Those who share a screen at a desk all day: it locks, and goes on saying that a hold waits for as long as the token lasts
_LOCKS: Final[frozenset[Role]] = frozenset({"shelter", "coordinator"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person who is logged in. `seen` is the last request (ms), `expires` the end of the token (ms)."""

    token: str
    person: str
    """Whom the issuer calls so: what a browser keeps of one person is of no other."""
    role: Role
    shelters: tuple[str, ...]
    regions: tuple[str, ...]
    expires: int
    seen: int
    secret: str
    """What the tokens of forms are derived from: random, and another one at each log-in."""

    def active(self, now: int) -> "Session":
        """Return the session as seen at `now` (ms)."""
        return replace(self, seen=now)

    def over(self, now: int) -> bool:
        """Return whether the token has expired."""
        return now >= self.expires

    def idle(self, now: int) -> bool:
        """Return whether nobody was at the screen for so long that the person logs in again."""
        return now - self.seen >= _IDLE_MS

    @property
    def locks(self) -> bool:
        """Whether an idle screen is locked, and goes on saying that a hold waits."""
        return self.role in _LOCKS


def session_of(token: str, role_claim: str, secret: str, now: int) -> Session:
    """Return the session of a token that the issuer has just handed out; ValueError when it names no one role of ours.

    The token is not verified here: it came from the issuer itself, and whoever is shown it verifies it (OpenID Connect Core, 3.1.3.7).
    """
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        return Session(
            token=token,
            person=str(claims["sub"]),
            role=role_in(claims, role_claim),
            shelters=tuple(claims.get("shelters") or ()),
            regions=tuple(claims.get("regions") or ()),
            expires=int(claims["exp"]) * 1_000,
            seen=now,
            secret=secret,
        )
    except (jwt.PyJWTError, KeyError, TypeError) as wrong:
        raise ValueError("the issuer handed out no token of ours") from wrong
