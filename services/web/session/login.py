"""Log-in by OpenID Connect: authorization code with PKCE (RFC 7636), at the issuer whose tokens the services accept.

Guarantees: an answer is taken only in the browser that began the log-in (`state` in its sealed cookie), once, and only from this issuer.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from services.adapters import base64url

_TIMEOUT_S: Final = 10.0
_DISCOVERY: Final = "/.well-known/openid-configuration"


class LoginError(Exception):
    """The issuer can't be reached, or does not log this person in."""


@dataclass(slots=True, kw_only=True)
class Login:
    """Logs people in at one issuer. `client` is how the issuer knows the pages."""

    issuer: str
    client: str
    client_secret: str | None
    redirect_uri: str
    transport: httpx.AsyncBaseTransport | None = None
    _endpoints: dict[str, Any] = field(default_factory=dict)

    async def begin(self) -> tuple[str, dict[str, str]]:
        """Return the address at which a person logs in, and what must come back to this browser; LoginError."""
        endpoints = await self._discover()
        flow = {"state": secrets.token_urlsafe(16), "nonce": secrets.token_urlsafe(16), "verifier": secrets.token_urlsafe(48)}
        asked = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": flow["state"],
            "nonce": flow["nonce"],
            "code_challenge": _challenge(flow["verifier"]),
            "code_challenge_method": "S256",
        }
        address = endpoints["authorization_endpoint"]
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", flow

    async def finish(self, flow: Mapping[str, Any], query: Mapping[str, str]) -> str:
        """Return the access token for the issuer's answer to a log-in that this browser began; LoginError."""
        if not secrets.compare_digest(query.get("state", "").encode(), str(flow["state"]).encode()):
            raise LoginError("the answer is of another log-in")
        if "iss" in query and query["iss"] != self.issuer:  # RFC 9207
            raise LoginError("the answer is of another issuer")
        endpoints = await self._discover()
        sent = {
            "grant_type": "authorization_code",
            "code": query.get("code", ""),
            "redirect_uri": self.redirect_uri,
            "client_id": self.client,
            "code_verifier": flow["verifier"],
        }
        secret = (self.client, self.client_secret) if self.client_secret else None
        try:
            async with httpx.AsyncClient(transport=self.transport, timeout=_TIMEOUT_S) as client:
                answer = await client.post(endpoints["token_endpoint"], data=sent, auth=secret or httpx.USE_CLIENT_DEFAULT)
                answer.raise_for_status()
            return str(answer.json()["access_token"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as refused:
            raise LoginError("the issuer does not log this person in") from refused

    async def _discover(self) -> dict[str, Any]:
        if not self._endpoints:
            try:
                async with httpx.AsyncClient(transport=self.transport, timeout=_TIMEOUT_S) as client:
                    answer = await client.get(f"{self.issuer.rstrip('/')}{_DISCOVERY}")
                    answer.raise_for_status()
                found = answer.json()
                if found["issuer"] != self.issuer or not {"authorization_endpoint", "token_endpoint"} <= found.keys():
                    raise LoginError("the issuer describes itself as another, or without a way to log in")
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as away:
                raise LoginError("the issuer can't be reached") from away
            self._endpoints = found
        return self._endpoints


def _challenge(verifier: str) -> str:
    return base64url.to_text(hashlib.sha256(verifier.encode()).digest())
