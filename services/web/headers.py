"""The header fields of every page: nothing from elsewhere, nothing in a frame, nothing kept."""

from typing import Final

from services.adapters.http.security_headers import HeaderFields

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self';"
    " worker-src 'self'; form-action 'self'{issuer}; frame-ancestors 'none'; base-uri 'none'"
)


def page_headers(issuer: str) -> HeaderFields:
    """Return the header fields that no page lacks; the log-in is a form that leads to the issuer's origin."""
    policy = _POLICY.format(issuer=f" {issuer}" if issuer else "")
    return (
        (b"cache-control", b"no-store"),
        (b"content-security-policy", policy.encode()),
        (b"x-frame-options", b"DENY"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
    )
