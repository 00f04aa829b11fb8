"""Which addresses of push services may be called, and the form of the key that calls are signed with.

An address comes from a browser, so from anyone with a shelter's token: without the list it would make the API call any address.
"""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

PUSH_HOSTS: Final = "fcm.googleapis.com,updates.push.services.mozilla.com,*.notify.windows.com,web.push.apple.com"
"""Those of Chrome, Firefox, Edge and Safari; `*.` stands for any name below."""
LONGEST_ENDPOINT: Final = 1_000
_HOST: Final = re.compile(r"(?:\*\.)?(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}", re.ASCII)
_KEY: Final = re.compile("[A-Za-z0-9_-]{43}", re.ASCII)
_ANY: Final = "*."


def check_push_key(text: str) -> None:
    """Check the form of a private key: 32 bytes in base64url; ValueError that names the rule."""
    if not _KEY.fullmatch(text):
        raise ValueError("must be 32 bytes in base64url without `=`: `openssl rand 32 | basenc --base64url | tr -d =` makes them")


def read_push_hosts(text: str) -> frozenset[str]:
    """Return the hosts of a list with commas; ValueError that names the rule."""
    hosts = frozenset(host.strip() for host in text.split(","))
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise ValueError("must be names of hosts with commas between, `*.` before a name for all below it; no port, no number")
    return hosts


def is_push_service(endpoint: str, hosts: Collection[str]) -> bool:
    """Return whether an address is one of a push service: TLS at its usual port, a host of the list, and no user in it."""
    if len(endpoint) > LONGEST_ENDPOINT or not re.fullmatch("[!-~]+", endpoint) or "\\" in endpoint:
        return False
    try:
        parts = urlsplit(endpoint)
        plain = parts.scheme == "https" and parts.port in {None, 443} and "@" not in parts.netloc and not parts.fragment
    except ValueError:
        return False
    host = parts.hostname or ""
    return plain and any(host == each or (each.startswith(_ANY) and host.endswith(each.removeprefix("*"))) for each in hosts)
