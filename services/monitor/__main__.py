"""`python -m services.monitor`."""

from services.adapters.config.settings import read
from services.adapters.http.app_factory import serve
from services.adapters.observability.json_logging import configure
from services.monitor.app import create_app

if __name__ == "__main__":
    settings = read(derives=True)
    configure("monitor", settings.log_level)
    serve(create_app(settings), settings.host, settings.monitor_port, settings.tls_file)
