"""Which connections of a service would leave this machine without TLS, and whether the certificates that it is given can be used."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from services.adapters.config.loopback import on_loopback

if TYPE_CHECKING:
    from services.adapters.config.settings import Settings

_WAY_OUT: Final = "PLEK_PLAINTEXT=anywhere allows it, where the network encrypts by itself"


def check_certificates(own: Path | None, authority: Path | None) -> None:
    """Raise ValueError unless the file of a service's own key and certificate, and that of the door's authority, can be used."""
    try:
        if own:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(own)
    except OSError as wrong:
        raise ValueError("the file that PLEK_TLS_FILE names holds no key with its certificate, or can't be read") from wrong
    try:
        if authority:
            ssl.create_default_context(cafile=authority)
    except OSError as wrong:
        raise ValueError("the file that PLEK_WEB_BEHIND_CA_FILE names holds no certificates, or can't be read") from wrong


def plain_connections(settings: "Settings") -> str | None:
    """Return a line on the settings by which something would leave this machine without TLS; None without any."""
    found = list(_plain(settings))
    return f"without TLS beyond this machine: {'; '.join(found)}. {_WAY_OUT}" if found else None


def _plain(settings: "Settings") -> Iterator[str]:
    """Yield each such setting, and what it needs."""
    brokers = settings.brokers
    if not brokers.encrypts and not all(on_loopback(f"tcp://{address}") for address in brokers.addresses.split(",")):
        yield "PLEK_KAFKA needs SASL_SSL or SSL as PLEK_KAFKA_SECURITY"
    if urlsplit(settings.redis).scheme == "redis" and not on_loopback(settings.redis):
        yield "PLEK_REDIS must begin with rediss://"
    if not settings.tls_file and not on_loopback(f"http://[{settings.host}]" if ":" in settings.host else f"http://{settings.host}"):
        yield "PLEK_HOST needs PLEK_TLS_FILE"
    for name, url in (("PLEK_WEB_BEHIND", settings.web_behind), ("PLEK_ISSUER", settings.issuer)):
        if url and urlsplit(url).scheme != "https" and not on_loopback(url):
            yield f"{name} must begin with https://"
