"""Law: the local issuer serves loopback only. It publishes keys; tokens are made offline by `plek token`.

Only a person with the data directory of this machine can be anyone here. A real installation names its own OpenID issuer instead.
"""

import ipaddress
import sys
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from services.adapters.settings import Settings, read
from services.local.instance import Instance
from services.local.keys import ALGORITHM, SigningKeys
from services.local.trouble import Trouble


def loopback_port(url: str) -> tuple[str, int]:
    """Return host and port of a loopback address. Raises Trouble for any other."""
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback or not parts.port:
        raise Trouble("The local issuer serves loopback only (http://127.0.0.1:PORT); elsewhere name your own in PLEK_ISSUER", code=2)
    return host, parts.port


def create_app(keys: SigningKeys, issuer: str) -> FastAPI:
    """Compose the issuer: its description (OpenID Connect Discovery) and its keys (RFC 7517), read anew each time."""
    app = FastAPI(title="Plek local issuer", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/.well-known/openid-configuration")
    def configuration() -> dict[str, Any]:
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/jwks.json",
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "subject_types_supported": ["public"],
            "response_types_supported": ["none"],
        }

    @app.get("/jwks.json")
    def jwks() -> dict[str, Any]:
        return keys.jwks()

    @app.get("/healthz")
    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ok"}

    return app


def main(settings: Settings) -> None:
    """Serve until told to stop. Raises Trouble when the address is not loopback."""
    host, port = loopback_port(settings.issuer)
    app = create_app(Instance(settings.data).keys, settings.issuer)
    uvicorn.run(app, host=host, port=port, log_level=settings.log_level, access_log=False)


if __name__ == "__main__":
    try:
        main(read())
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        sys.exit(trouble.code)
