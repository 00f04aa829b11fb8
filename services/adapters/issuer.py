"""The keys of a token issuer, found by OpenID discovery: fetched ahead of need, kept when the issuer is away, any issuer.

Who starts while it is away goes on from those that were kept on disk, if there are any (`kept_keys.py`), until it answers.

A token with an unknown key id may cause one fetch, and not again for a while: whoever makes up key ids can't hammer the issuer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.adapters.clock import Stopwatch
from services.adapters.kept_keys import KeptKeys
from services.adapters.metrics import Metrics

Fetch = Callable[[str], Awaitable[Any]]
"""Reads the JSON at an address; IssuerAwayError when it can't be had."""

# Signatures whose secret stays with the issuer. HS* would make every verifier a forger; none is no signature.
ALGORITHMS: Final = ("ES256", "RS256", "EdDSA")
_REFRESH_S = 300.0
_RETRY_S = 1.0
# A rotation is noticed at the first token that is signed with the new key; made-up ids cost a fetch this often at most.
_UNKNOWN_KEY_PAUSE_S = 10.0
_TIMEOUT_S = 2.0
_LEAST_RSA_BITS = 2_048

_Keys = dict[tuple[str | None, str], jwt.PyJWK]


class IssuerAwayError(Exception):
    """The issuer does not answer, or not with what OpenID discovery asks for."""


class IssuerKeys:
    """The public keys of one issuer, by key id and algorithm."""

    def __init__(self, issuer: str, fetch: Fetch, seconds: Stopwatch, metrics: Metrics, kept: KeptKeys | None = None) -> None:
        self.issuer, self._fetch, self._seconds, self._metrics = issuer.rstrip("/"), fetch, seconds, metrics
        self._kept = kept
        self._keys: _Keys = {}
        self.fetches = 0
        """How often keys were had: what was verified with those before may have been taken back since."""
        self._tried_at: float | None = None
        self._fetching = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Keys are there to verify with."""
        return bool(self._keys)

    async def keep(self) -> None:
        """Fetch the keys now and then, until cancelled; soon again while there are none but those on disk."""
        while True:
            await self.refresh()
            await asyncio.sleep(_REFRESH_S if self.fetches else _RETRY_S)

    async def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Find a key for an algorithm; None when the issuer has none such of that id. IssuerAwayError when no key was ever had.

        The key decides what it is for, not the token (RFC 8725, section 3.1).
        """
        if (key_id, algorithm) not in self._keys and not self._just_tried():
            await self.refresh()
        if not self._keys:
            raise IssuerAwayError
        return self._keys.get((key_id, algorithm))

    def _just_tried(self) -> bool:
        pause = _UNKNOWN_KEY_PAUSE_S if self._keys else _RETRY_S
        return self._tried_at is not None and self._seconds() - self._tried_at < pause

    async def refresh(self) -> None:
        """Fetch the keys; those that were had before stay when it fails. Callers at the same time share one fetch."""
        before = self._tried_at
        async with self._fetching:
            if self._tried_at == before:
                await self._try()

    async def _try(self) -> None:
        self._tried_at = self._seconds()
        try:
            found = await self._fetched()
            keys = _usable(found)
        except IssuerAwayError:
            self._metrics.count("plek_issuer_fetches_total", outcome="failed")
            await self._from_disk()
        else:
            if self._kept:  # before anybody relies on them
                await asyncio.to_thread(self._kept.write, found)
            self._keys = keys
            self.fetches += 1
            self._metrics.count("plek_issuer_fetches_total", outcome="fetched")
        self._metrics.set("plek_part_up", float(self.ready), part="issuer")

    async def _from_disk(self) -> None:
        """Go on from what was kept, where nothing was had yet."""
        if self._kept and not self._keys:
            with suppress(IssuerAwayError):
                self._keys = _usable(await asyncio.to_thread(self._kept.read))

    async def _fetched(self) -> Any:
        found = await self._fetch(f"{self.issuer}/.well-known/openid-configuration")
        match found:
            # OpenID Connect Discovery 4.3: the issuer named in it must be the one that was asked
            case {"issuer": str(issuer), "jwks_uri": str(address)} if issuer.rstrip("/") == self.issuer and self._as_safe(address):
                return await self._fetch(address)
        raise IssuerAwayError

    def _as_safe(self, address: str) -> bool:
        """Say whether the keys come as safely as the issuer: who is asked over TLS does not send us to where anybody may answer."""
        return not self.issuer.startswith("https:") or address.startswith("https:")


def _usable(found: Any) -> _Keys:
    listed = found.get("keys") if isinstance(found, Mapping) else None
    keys: _Keys = {}
    for each in listed if isinstance(listed, list) else ():
        key = _key(each)
        if key:
            keys[key.key_id, key.algorithm_name] = key
    if not keys:
        raise IssuerAwayError
    if len(keys) == 1:
        [only] = keys.values()
        keys[None, only.algorithm_name] = only  # a token need not name the only key
    return keys


def _key(found: Any) -> jwt.PyJWK | None:
    """Read a key for signatures of ours; None for any other, which is no fault of the issuer's."""
    if not isinstance(found, dict) or found.get("use", "sig") != "sig" or found.get("kty") == "oct":
        return None
    try:
        key = jwt.PyJWK(found)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return key if key.algorithm_name in ALGORITHMS and _strong(key) else None


def _strong(key: jwt.PyJWK) -> bool:
    """Refuse what can be forged with a computer of today (RFC 7518, section 3.3); of the other kinds the curve decides."""
    return not isinstance(key.key, RSAPublicKey) or key.key.key_size >= _LEAST_RSA_BITS


def on_loopback(issuer: str) -> bool:
    """Say whether an issuer is on this machine: then only who is on it can have a token."""
    return urlsplit(issuer).hostname in {"127.0.0.1", "localhost", "::1"}


def fetching(issuer: str) -> Fetch:
    """Make the fetch over HTTP; an issuer on this machine is never asked through a proxy."""
    direct = on_loopback(issuer)

    async def fetch(address: str) -> Any:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=not direct) as client:
                answer = await client.get(address)
            return answer.raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as away:
            raise IssuerAwayError from away

    return fetch
