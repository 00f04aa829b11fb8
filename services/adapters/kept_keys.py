"""The issuer's public keys as they were had last, on disk: who starts while the issuer is away can still tell who calls.

Laws: only what is public of a key, of one issuer, a day old at most; and nothing that was written without the operator's secret: whoever
can write to the disk alone can't make herself an issuer.
"""

import hmac
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson

from services.adapters.clock import Clock

# A night in which the issuer is down and a service is started again; a key that was taken back is believed no longer than that.
KEPT_MS: Final = 24 * 3_600_000
# RFC 7517 and 7518: what a public key is made of; d, p, q, k and their like are never written
_PUBLIC: Final = frozenset({"kty", "use", "alg", "kid", "crv", "x", "y", "n", "e"})


class KeptKeys:
    """One file, written through a name of its own: a reader finds the old one or the new one, whole."""

    def __init__(self, file: Path, issuer: str, secret: bytes, now: Clock) -> None:
        self._file, self._issuer, self._secret, self._now = file, issuer.rstrip("/"), secret, now

    def write(self, found: Any) -> None:
        """Keep what an issuer published (RFC 7517); a disk that takes nothing is no reason not to serve."""
        listed = [{name: key[name] for name in _PUBLIC & key.keys()} for key in found["keys"] if isinstance(key, dict)]
        written = orjson.dumps({"issuer": self._issuer, "at": self._now(), "keys": listed})
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(self._sealed(written) + b"\n" + written)
            beside.replace(self._file)

    def read(self) -> Mapping[str, Any] | None:
        """Read them as an issuer publishes them; None where there are none of this issuer, or too old, or of another hand."""
        try:
            seal, _, written = self._file.read_bytes().partition(b"\n")
        except OSError:
            return None
        if not hmac.compare_digest(seal, self._sealed(written)):
            return None
        read: dict[str, Any] = orjson.loads(written)
        young = 0 <= self._now() - read["at"] < KEPT_MS
        return read if young and read["issuer"] == self._issuer else None

    def _sealed(self, written: bytes) -> bytes:
        return hmac.digest(self._secret, written, "sha256").hex().encode()
