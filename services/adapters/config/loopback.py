"""Recognises addresses of this machine. Imports the standard library alone, so that reading settings starts fast."""

from urllib.parse import urlsplit


def on_loopback(url: str) -> bool:
    """Return whether a URL is on this machine: only its users can get a token of such an issuer."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}
