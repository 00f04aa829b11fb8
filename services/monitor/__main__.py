"""`python -m services.monitor`."""

from services.adapters.logs import configure
from services.adapters.settings import read
from services.adapters.web import serve
from services.monitor.app import create_app

if __name__ == "__main__":
    settings = read(derives=True)
    configure("monitor", settings.log_level)
    serve(create_app(settings), settings.host, settings.monitor_port)
