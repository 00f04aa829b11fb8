"""Checks URLs of Redis, adds and removes their password, and shows them without it."""

import re
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

_SCHEMES: Final = ("redis", "rediss", "unix")
# User and password in the query of a URL; the client accepts them there too
_LOGIN: Final = re.compile(r"(?<=[?&])(?:username|password|ssl_password)=[^&#]*&?")


def check(url: str) -> None:
    """Raise ValueError unless it is one. The parser's own message could repeat a part of the password."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in _SCHEMES and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be a URL such as redis://host:6379/0, a password in it escaped with %")


def with_password(url: str, password: str) -> str:
    """Return a URL with this password; ValueError when it has one. A URL that can't be parsed is returned as it is: `check` refuses it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.password is not None or "password" in parse_qs(parts.query):
        raise ValueError("PLEK_REDIS holds a password already: leave it out, or PLEK_REDIS_PASSWORD_FILE")
    user, _, host = parts.netloc.rpartition("@")
    return url.replace(f"//{parts.netloc}", f"//{user}:{quote(password, safe='')}@{host}", 1)


def without_password(url: str) -> str:
    """Return a URL without its password: a service that gets the password file needs no other copy."""
    login, _, host = (netloc := urlsplit(url).netloc).rpartition("@")
    user = login.partition(":")[0]
    return url.replace(f"//{netloc}", f"//{user}@{host}" if user else f"//{host}", 1)


def shown(url: str) -> str:
    """Return a URL as it may be shown and stored: without user and password."""
    scheme, _, rest = _LOGIN.sub("", url).partition("://")
    # The last @: all before it is hidden, also a password that was not escaped
    return f"{scheme}://{rest.rpartition('@')[2].rstrip('?&')}"
