"""`python -m services.web`."""

from services.adapters.config.settings import read
from services.adapters.http.app_factory import serve
from services.adapters.observability.json_logging import configure
from services.web.app import create_app

if __name__ == "__main__":
    settings = read()
    configure("web", settings.log_level)
    serve(create_app(settings), settings.host, settings.web_port, settings.tls_file)
