"""The local OpenID issuer: it serves loopback only, publishes keys, and logs people in; `plek token` makes tokens offline.

A person with access to the data directory can make every token. A real installation names its own OpenID issuer instead.
"""

import ipaddress
import sys
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from services.adapters.config.settings import Settings, read
from services.adapters.http.head_requests import HeadRequests
from services.adapters.http.security_headers import SecurityHeaders
from services.local.identity.signing_keys import ALGORITHM, SigningKeys
from services.local.identity.tokens import TokenIssuer
from services.local.instance.data_directory import DataDirectory
from services.local.servers.login_routes import add_login
from services.local.user_error import UserError


def loopback_port(url: str) -> tuple[str, int]:
    """Return host and port of a loopback address. Raises UserError for any other."""
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback or not parts.port:
        raise UserError("The local issuer serves loopback only (http://127.0.0.1:PORT); elsewhere name your own in PLEK_ISSUER", code=2)
    return host, parts.port


def create_app(keys: SigningKeys, issuer: str, audience: str = "plek") -> FastAPI:
    """Return the issuer's app: its description (OpenID Connect Discovery) and its keys (RFC 7517), read for each request."""
    app = FastAPI(title="Plek local issuer", docs_url=None, redoc_url=None, openapi_url=None)
    for middleware in (SecurityHeaders, HeadRequests):
        app.add_middleware(middleware)

    @app.get("/.well-known/openid-configuration")
    def configuration() -> dict[str, Any]:
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/jwks.json",
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "subject_types_supported": ["public"],
            "response_types_supported": ["code"],
        }

    @app.get("/jwks.json")
    def jwks() -> dict[str, Any]:
        return keys.jwks()

    @app.get("/healthz")
    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ok"}

    add_login(app, TokenIssuer(keys, issuer, audience))
    return app


def main(settings: Settings) -> None:
    """Serve until a signal ends it. Raises UserError when the address is not loopback."""
    host, port = loopback_port(settings.issuer)
    app = create_app(DataDirectory(settings.data).keys, settings.issuer, settings.audience)
    uvicorn.run(app, host=host, port=port, log_level=settings.log_level, access_log=False)


if __name__ == "__main__":
    try:
        main(read())
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.code)
