"""`python -m services.gateway`."""

from services.adapters.logs import configure
from services.adapters.settings import read
from services.adapters.web import serve
from services.gateway.app import create_app

if __name__ == "__main__":
    settings = read()
    configure("gateway", settings.log_level)
    serve(create_app(settings), settings.host, settings.gateway_port)
