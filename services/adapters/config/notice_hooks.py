"""Reads which address an organisation's own pager listens at, and the secret that signs what is sent there. No error repeats a value."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from services.adapters.config.loopback import on_loopback

_ORGANISATION: Final = re.compile("[a-z0-9-]{1,40}", re.ASCII)
_MARK: Final = "whsec_"
# Standard Webhooks: a symmetric secret has 24 to 64 bytes
_SECRET_BYTES: Final = range(24, 65)
_LONGEST_URL: Final = 2_048


@dataclass(frozen=True, slots=True)
class NoticeHook:
    """Where notices of an organisation are sent, and the secret both sides sign with; neither is in its repr."""

    url: str = field(repr=False)
    secret: bytes = field(repr=False)


def read_hooks(text: str) -> dict[str, NoticeHook]:
    """Read the hook of each organisation: a JSON object of codes with `url` and `secret`; ValueError that names the rule."""
    try:
        listed = json.loads(text)
    except ValueError:
        listed = None
    if not isinstance(listed, dict):
        raise ValueError('must be a JSON object: {"<organisation>": {"url": "https://…", "secret": "whsec_…"}}')  # noqa: TRY004  a setting's rule
    return {_organisation(code): _hook(hook) for code, hook in listed.items()}


def _organisation(code: str) -> str:
    if not _ORGANISATION.fullmatch(code):
        raise ValueError("an organisation is named by its code: small letters, digits and hyphens")
    return code


def _hook(hook: Any) -> NoticeHook:
    if not isinstance(hook, Mapping) or set(hook) != {"url", "secret"} or not all(isinstance(value, str) for value in hook.values()):
        raise ValueError("a hook has a `url` and a `secret`, and nothing else")
    return NoticeHook(_checked_url(hook["url"]), _read_secret(hook["secret"]))


def _checked_url(url: str) -> str:
    """Return an address that may be called: TLS anywhere but on this machine, and no password that a log could show."""
    try:
        parts = urlsplit(url)
        plain = bool(parts.hostname) and parts.username is None and not parts.fragment and parts.port != 0
    except ValueError:
        plain = False
    if not plain or len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("the `url` of a hook is an absolute address without user, password and fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and on_loopback(url)):
        raise ValueError("the `url` of a hook begins with https://, anywhere but on this machine")
    return url


def _read_secret(text: str) -> bytes:
    """Return the bytes of a secret as Standard Webhooks writes it."""
    try:
        secret = base64.b64decode(text.removeprefix(_MARK), validate=True)
    except ValueError:
        secret = b""
    if not text.startswith(_MARK) or len(secret) not in _SECRET_BYTES:
        raise ValueError('the `secret` of a hook is "whsec_" and 24 to 64 bytes in base64: `openssl rand -base64 32` makes them')
    return secret
