"""`python -m services.gateway`."""

import sys

from services.adapters.config.settings import read
from services.adapters.http.app_factory import serve
from services.adapters.observability.json_logging import configure
from services.gateway.app import create_app

if __name__ == "__main__":
    settings = read(derives=True)
    if settings.world != "live":
        sys.stderr.write(f"PLEK_PREFIX: a world that is {settings.world} has no gateway; `plek import` writes one\n")
        sys.exit(2)
    configure("gateway", settings.log_level)
    serve(create_app(settings), settings.host, settings.gateway_port, settings.tls_file)
