"""The public keys of any OpenID token issuer, found by discovery: fetched ahead of need, and believed for a while when the issuer is away.

A service that starts while the issuer is away uses those on disk (`jwks_disk_cache.py`) until it answers. Keys that the issuer has not
confirmed for `keep_s` are forgotten, with all that they verified: one of them may have been taken back meanwhile (ADR 38).

A token with an unknown key id causes one fetch, and none again for a while: an attacker who makes up key ids can't flood the issuer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.adapters.auth.jwks_disk_cache import JwksDiskCache
from services.adapters.clock import Stopwatch
from services.adapters.config.loopback import on_loopback
from services.adapters.observability.metrics import Metrics
from services.domain.durations import HOUR_S

Fetch = Callable[[str], Awaitable[Any]]
"""Read the JSON at an address; IssuerAwayError when it does not come."""

# Asymmetric signatures: the secret stays with the issuer. With HS* every verifier could forge a token; none is no signature.
ALGORITHMS: Final = ("ES256", "RS256", "EdDSA")
_REFRESH_S = 300.0
_RETRY_S = 1.0
# A rotation is noticed at the first token that is signed with the new key; made-up ids cost a fetch this often at most.
_UNKNOWN_KEY_PAUSE_S = 10.0
_TIMEOUT_S = 2.0
KEEP_S: Final = HOUR_S
"""How long keys are believed while the issuer is away, unless a setting says otherwise."""
_LEAST_RSA_BITS = 2_048

_Keys = dict[tuple[str | None, str], jwt.PyJWK]


class IssuerAwayError(Exception):
    """The issuer does not answer, or not with what OpenID discovery asks for."""


class IssuerKeys:
    """The public keys of one issuer, by key id and algorithm."""

    def __init__(
        self,
        issuer: str,
        fetch: Fetch,
        seconds: Stopwatch,
        metrics: Metrics,
        on_disk: JwksDiskCache | None = None,
        keep_s: float = KEEP_S,
    ) -> None:
        self.issuer, self._fetch, self._seconds, self._metrics = issuer.rstrip("/"), fetch, seconds, metrics
        self._on_disk, self._keep_s = on_disk, keep_s
        self._keys: _Keys = {}
        self._fetched_at = 0.0
        self._fetches = 0
        self._tried_at: float | None = None
        self._fetching = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Whether there are keys to verify with."""
        return bool(self._keys)

    @property
    def fetches(self) -> int:
        """How often keys were fetched or forgotten: what was verified before may have been taken back since."""
        self._forget_old()
        return self._fetches

    def _forget_old(self) -> None:
        """Forget keys that the issuer has not confirmed for too long."""
        if self._keys and self._seconds() - self._fetched_at >= self._keep_s:
            self._keys = {}
            self._fetches += 1
            self._metrics.set("plek_part_up", 0, part="issuer")

    async def run_forever(self) -> None:
        """Fetch the keys now and then, until cancelled; soon again while there are none but those on disk."""
        while True:
            await self.refresh()
            await asyncio.sleep(_REFRESH_S if self.fetches and self._keys else _RETRY_S)

    async def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return the key of this id and algorithm, None when the issuer has none; IssuerAwayError without any key.

        The key decides what it is for, not the token (RFC 8725, section 3.1).
        """
        self._forget_old()
        if (key_id, algorithm) not in self._keys and not self._just_tried():
            await self.refresh()
        if not self._keys:
            raise IssuerAwayError
        return self._keys.get((key_id, algorithm))

    def _just_tried(self) -> bool:
        pause = _UNKNOWN_KEY_PAUSE_S if self._keys else _RETRY_S
        return self._tried_at is not None and self._seconds() - self._tried_at < pause

    async def refresh(self) -> None:
        """Fetch the keys; when it fails, those from before stay. Callers at the same time share one fetch."""
        before = self._tried_at
        async with self._fetching:
            if self._tried_at == before:
                await self._try()

    async def _try(self) -> None:
        self._tried_at = self._seconds()
        try:
            published = await self._published()
            keys = _usable(published)
        except IssuerAwayError:
            self._metrics.count("plek_issuer_fetches_total", outcome="failed")
            await self._read_disk()
        else:
            if self._on_disk:  # before a request relies on them
                await asyncio.to_thread(self._on_disk.write, published)
            self._keys, self._fetched_at = keys, self._seconds()
            self._fetches += 1
            self._metrics.count("plek_issuer_fetches_total", outcome="fetched")
        self._metrics.set("plek_part_up", float(self.ready), part="issuer")

    async def _read_disk(self) -> None:
        """Use the keys on disk where there are none in memory; they are as old as their fetch."""
        stored = await asyncio.to_thread(self._on_disk.read) if self._on_disk and not self._keys else None
        if stored and stored[1] < self._keep_s:
            published, age_s = stored
            with suppress(IssuerAwayError):
                self._keys, self._fetched_at = _usable(published), self._seconds() - age_s

    async def _published(self) -> Any:
        match await self._fetch(f"{self.issuer}/.well-known/openid-configuration"):
            # OpenID Connect Discovery 4.3: the issuer named in it must be the one that was asked
            case {"issuer": str(issuer), "jwks_uri": str(address)} if issuer.rstrip("/") == self.issuer and self._as_safe(address):
                return await self._fetch(address)
        raise IssuerAwayError

    def _as_safe(self, address: str) -> bool:
        """Return whether the keys come as safely as the issuer: one that is asked over TLS must not refer to an address without it."""
        return not self.issuer.startswith("https:") or address.startswith("https:")


def _usable(published: Any) -> _Keys:
    listed = published.get("keys") if isinstance(published, Mapping) else None
    usable = filter(None, map(_key, listed if isinstance(listed, list) else ()))
    keys: _Keys = {(key.key_id, key.algorithm_name): key for key in usable}
    if not keys:
        raise IssuerAwayError
    if len(keys) == 1:
        [only] = keys.values()
        keys[None, only.algorithm_name] = only  # a token need not name the only key
    return keys


def _key(published: Any) -> jwt.PyJWK | None:
    """Read a key for one of ALGORITHMS; None for any other, which is no fault of the issuer's."""
    if not isinstance(published, dict) or published.get("use", "sig") != "sig" or published.get("kty") == "oct":
        return None
    try:
        key = jwt.PyJWK(published)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return key if key.algorithm_name in ALGORITHMS and _strong(key) else None


def _strong(key: jwt.PyJWK) -> bool:
    """Return whether a key can't be forged with a computer of today (RFC 7518, section 3.3); of the other kinds the curve decides."""
    return not isinstance(key.key, RSAPublicKey) or key.key.key_size >= _LEAST_RSA_BITS


def fetching(issuer: str) -> Fetch:
    """Make the fetch over HTTP; to an issuer on this machine it uses no proxy."""
    direct = on_loopback(issuer)

    async def fetch(address: str) -> Any:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=not direct) as client:
                answer = await client.get(address)
            return answer.raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as away:
            raise IssuerAwayError from away

    return fetch
