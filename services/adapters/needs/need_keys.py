"""Keys of needs: one or more a day, wrapped with a secret of the instance where they are stored, destroyed 30 days after their day.

Guarantees: the id of a key says until when it may be used, so that a reader that missed its destruction does not use it any longer; a
record of a key opens nothing without the secret.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from services.adapters.config.settings import Settings
from services.adapters.needs.ciphertext import decrypt, encrypt
from services.domain.durations import DAY_MS

KEPT_DAYS: Final = 30
_BYTES: Final = 32
# Of the id: the keys of a day are as many as the processes that made one
_DIGITS_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class NeedKey:
    """A key and its id, such as `2026-03-02.5f0c1d7e`."""

    id: str
    secret: bytes


def new_key(now: int) -> NeedKey:
    """Return a new key of the day (UTC) of an instant (ms)."""
    return NeedKey(f"{day_of(now)}.{secrets.token_hex(_DIGITS_BYTES)}", secrets.token_bytes(_BYTES))


def day_of(now: int) -> str:
    """Return the day (UTC) of an instant (ms)."""
    return f"{datetime.fromtimestamp(now / 1_000, UTC):%Y-%m-%d}"


def destroyed_at(key: str) -> int:
    """Return from when on (ms) the key of an id is used no more: 30 days after its day has ended. 0 for an id that names no day."""
    try:
        day = datetime.fromisoformat(key.split(".", maxsplit=1)[0]).replace(tzinfo=UTC)
        return round((day + timedelta(days=1)).timestamp()) * 1_000 + KEPT_DAYS * DAY_MS
    except (ValueError, OverflowError):
        return 0


def wrapping_secret(settings: Settings, derived: Callable[[str], bytes]) -> bytes:
    """Return the secret that keys are wrapped with: the one of the settings, or one that is derived for this purpose."""
    return bytes.fromhex(settings.need_key.get_secret_value()) if settings.need_key else derived("need-keys")


def wrapped(key: NeedKey, secret: bytes) -> bytes:
    """Return the record of a key: wrapped with the secret (32 bytes) of the instance."""
    return orjson.dumps({"wrapped": encrypt(secret, key.secret, key.id)})


def unwrapped(name: str, record: bytes, secret: bytes) -> NeedKey | None:
    """Return the key of a record; None where it was wrapped with another secret, under another id, or is no record of a key."""
    try:
        text = orjson.loads(record)["wrapped"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    key = decrypt(secret, text, name) if type(text) is str else None
    return NeedKey(name, key) if key is not None and len(key) == _BYTES else None
