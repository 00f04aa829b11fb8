"""URLs of Redis: what may stand in one, and a password that is put in, taken out again and never shown."""

import re
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

_SCHEMES: Final = ("redis", "rediss", "unix")
# Where else than before the @ a URL may name a user or a password; the client takes both
_LOGIN: Final = re.compile(r"(?<=[?&])(?:username|password|ssl_password)=[^&#]*&?")


def check(url: str) -> None:
    """Check that it is one. ValueError, in words of ours: the parser's repeat a part of the URL, which may be a part of a password."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in _SCHEMES and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be a URL such as redis://host:6379/0, a password in it escaped with %")


def with_password(url: str, password: str) -> str:
    """Put the password into a URL that has none, ValueError where it has one; a URL that can't be read is left to its own check."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.password is not None or "password" in parse_qs(parts.query):
        raise ValueError("PLEK_REDIS holds a password already: leave it out, or PLEK_REDIS_PASSWORD_FILE")
    user, _, host = parts.netloc.rpartition("@")
    return url.replace(f"//{parts.netloc}", f"//{user}:{quote(password, safe='')}@{host}", 1)


def without_password(url: str) -> str:
    """Take it out again: whoever is handed the file needs it nowhere else."""
    login, _, host = (netloc := urlsplit(url).netloc).rpartition("@")
    user = login.partition(":")[0]
    return url.replace(f"//{netloc}", f"//{user}@{host}" if user else f"//{host}", 1)


def shown(url: str) -> str:
    """Write the URL as it may be shown and kept: without user and password."""
    scheme, _, rest = _LOGIN.sub("", url).partition("://")
    # The last @: what stands before it is never shown, also where the password should have been escaped
    return f"{scheme}://{rest.rpartition('@')[2].rstrip('?&')}"
