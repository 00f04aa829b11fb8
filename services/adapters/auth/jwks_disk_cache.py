"""The issuer's public keys on disk, as they were fetched last: a service that starts while the issuer is away still verifies tokens.

Without it a fallback could not always be logged (design, section 5; ADR 38). Guarantees: public members only, of one issuer, with their
age; nothing that was written without the operator's secret, so an attacker who can write to the disk alone can't become an issuer.
"""

import hmac
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson

from services.adapters.clock import Clock
from services.domain.durations import SECOND_MS

# RFC 7517 and 7518: what a public key is made of; d, p, q, k and their like are never written
_PUBLIC: Final = frozenset({"kty", "use", "alg", "kid", "crv", "x", "y", "n", "e"})


class JwksDiskCache:
    """One file, written under another name and then renamed: a reader sees the old one or the new one, whole."""

    def __init__(self, file: Path, issuer: str, secret: bytes, now: Clock) -> None:
        self._file, self._issuer, self._secret, self._now = file, issuer.rstrip("/"), secret, now

    def write(self, published: Any) -> None:
        """Write what an issuer published (RFC 7517); a disk that takes nothing is ignored, as the keys are in memory."""
        keys = [{name: key[name] for name in _PUBLIC & key.keys()} for key in published["keys"] if isinstance(key, dict)]
        document = orjson.dumps({"issuer": self._issuer, "at": self._now(), "keys": keys})
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(self._seal(document) + b"\n" + document)
            beside.replace(self._file)

    def read(self) -> tuple[dict[str, Any], float] | None:
        """Return the keys as an issuer publishes them, and their age in seconds; None without any of this issuer under this secret."""
        try:
            seal, _, document = self._file.read_bytes().partition(b"\n")
        except OSError:
            return None
        if not hmac.compare_digest(seal, self._seal(document)):
            return None
        published: dict[str, Any] = orjson.loads(document)
        age_ms = self._now() - published["at"]
        return (published, age_ms / SECOND_MS) if age_ms >= 0 and published["issuer"] == self._issuer else None

    def _seal(self, document: bytes) -> bytes:
        return hmac.digest(self._secret, document, "sha256").hex().encode()
