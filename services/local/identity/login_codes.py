"""Codes of the local issuer: each is exchanged once, within a minute, by the client that began the log-in (RFC 6749, RFC 7636)."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from services.adapters import base64url
from services.local.identity.tokens import Person

_LASTS_S: Final = 60.0
# A person logs in once; a loop that asks for codes must not fill the memory
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest:
    """What a client asks for: where the answer goes, what it must hold, and the challenge of who exchanges the code."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str


@dataclass(slots=True)
class LoginCodes:
    """The codes that were handed out and not exchanged yet."""

    seconds: Callable[[], float]
    _waiting: dict[str, tuple[float, LoginRequest, Person]] = field(default_factory=dict)

    def issue(self, request: LoginRequest, person: Person) -> str:
        """Return a code for a person."""
        while len(self._waiting) >= _MOST:
            del self._waiting[next(iter(self._waiting))]
        code = secrets.token_urlsafe(32)
        self._waiting[code] = self.seconds() + _LASTS_S, request, person
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str, verifier: str) -> tuple[LoginRequest, Person] | None:
        """Return whom a code is for, once; None for any other code, client, address or verifier."""
        until, request, person = self._waiting.pop(code, (0.0, None, None))
        if request is None or person is None or self.seconds() > until:
            return None
        digest = base64url.to_text(hashlib.sha256(verifier.encode()).digest())
        same = (client_id, redirect_uri) == (request.client_id, request.redirect_uri)
        return (request, person) if same and secrets.compare_digest(digest, request.code_challenge) else None
