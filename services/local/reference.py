"""Writes the pages of docs/ that are worked out from the code, so that they can't say anything else.

`python -m services.local.reference` from the top of the project; a test fails when a page is stale.
"""

from collections.abc import Iterator
from pathlib import Path

from fastapi import FastAPI
from pydantic.fields import FieldInfo

from services.adapters.metrics import DESCRIBED, Described
from services.adapters.settings import Settings
from services.api.app import create_app as create_api
from services.gateway.app import create_app as create_gateway

_SETTINGS = """# Settings

Every setting is an environment variable, read once when a program starts. Written by `make docs` from `services/adapters/settings.py`.

| variable | unless set | what it does |
|---|---|---|
"""
_METRICS = """# Metrics

`GET /metrics` of each service, as Prometheus reads them; a service shows those it has something to say about. A label holds a code of
ours, never a value that somebody sent. Written by `make docs` from `services/adapters/metrics.py`.

| metric | labels | what it says |
|---|---|---|
"""
_HTTP = """# HTTP

What each service answers; `/v1/openapi.json` of the service has the bodies, the parameters and what each status means. The processor has
`/healthz`, `/readyz` and `/metrics` only. Written by `make docs` from the services themselves.

| service | route | what it does | answers |
|---|---|---|---|
"""


def pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    settings = Settings.model_construct()
    routes = (("gateway", create_gateway(settings)), ("api", create_api(settings)))
    return {
        Path("docs/settings.md"): _SETTINGS + "".join(_setting(name, field) for name, field in Settings.model_fields.items()),
        Path("docs/metrics.md"): _METRICS + "".join(_metric(name, of) for name, of in sorted(DESCRIBED.items())),
        Path("docs/http.md"): _HTTP + "".join(line for service, app in routes for line in _routes(service, app)),
    }


def _setting(name: str, field: FieldInfo) -> str:
    # The place of the cache differs from user to user, and is said in words
    default = "" if field.default_factory or field.default is None else f"`{field.default}`"
    return f"| `PLEK_{name.upper()}` | {default} | {field.description} |\n"


def _metric(name: str, of: Described) -> str:
    return f"| `{name}` | {', '.join(f'`{label}`' for label in of.labels)} | {of.sentence} |\n"


def _routes(service: str, app: FastAPI) -> Iterator[str]:
    for path, methods in app.openapi()["paths"].items():
        for method, described in methods.items():
            yield f"| {service} | `{method.upper()} {path}` | {described['summary']} | {', '.join(sorted(described['responses']))} |\n"


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
