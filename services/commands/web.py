"""Speaking to our own services over HTTP: an address and a token are checked before anything is sent, so that no try is wasted."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from services.local.trouble import Trouble

_TOKEN: Final = re.compile(r"[!-~]+")


def speaking_to(url: str, token: str, timeout_s: float) -> dict[str, Any]:
    """Return how an httpx client is made for a service; the proxies of an environment are not for it. Raises Trouble."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise Trouble("The address is not of the form http://host:port", code=2)
    if not _TOKEN.fullmatch(token):
        raise Trouble("The token is not one: `plek token operator` prints one", code=2)
    return {"base_url": url, "headers": {"Authorization": f"Bearer {token}"}, "timeout": timeout_s, "trust_env": False}
