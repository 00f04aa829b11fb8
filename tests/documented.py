"""Checks an answer against the OpenAPI document of the service that gave it.

A document is made once for all apps with the same routes: making it takes longer than what most tests do.
"""

from collections.abc import Hashable
from typing import Any, Final
from weakref import WeakKeyDictionary

from httpx import ASGITransport, AsyncClient, Response
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from services.adapters.config.settings import Settings
from services.adapters.http.openapi_merge import relative
from services.api.app import create_app as create_api
from services.gateway.app import create_app as create_gateway
from services.monitor.app import create_app as create_monitor

APPS: Final = {"Plek gateway": create_gateway, "Plek API": create_api, "Plek monitor": create_monitor}
"""The services, by the titles of their own documents."""
_KEYS: Final = WeakKeyDictionary[AsyncClient, Hashable]()
_DOCUMENTS: Final = dict[Hashable, dict[str, Any]]()
_VALIDATORS: Final = dict[Hashable, Draft202012Validator]()


async def documented(client: AsyncClient, template: str, method: str, answer: Response) -> None:
    """Raise unless the document has this status for this route, in this form, with a schema that the answer keeps."""
    key = await _read(client)
    described = _DOCUMENTS[key]["paths"][template.removeprefix("/v1")][method]["responses"][str(answer.status_code)]
    if "$ref" in described:
        described = _DOCUMENTS[key]["components"]["responses"][described["$ref"].rpartition("/")[2]]
    form = answer.headers["content-type"]
    # With a parameter that the document names, or with one that it leaves open
    form = form if form in described["content"] else form.partition(";")[0]
    schema = described["content"][form]["schema"]
    if "json" in form:
        _check(answer.json(), schema | {"components": _DOCUMENTS[key]["components"]}, (key, template, method, answer.status_code, form))


async def _read(client: AsyncClient) -> Hashable:
    """Return the key of the document of a client's service; read it if there is none yet."""
    if client not in _KEYS:
        key = _routes(client)
        if key not in _DOCUMENTS:
            _DOCUMENTS[key] = await _document(client)
        _KEYS[client] = key
    return _KEYS[client]


async def _document(client: AsyncClient) -> dict[str, Any]:
    """Return the document of the service alone, as it would serve it."""
    return relative(await own_document(client))


async def own_document(client: AsyncClient) -> dict[str, Any]:
    """Return the document of a client's service with whole paths: the API serves that of all services behind the door."""
    if isinstance(client._transport, ASGITransport):
        app: Any = client._transport.app
        return dict(app.openapi())
    title = (await client.get("/v1/openapi.json")).json()["info"]["title"]
    [create] = [create for name, create in APPS.items() if title.startswith(name)] or [create_api]
    return create(Settings.model_construct()).openapi()


def _routes(client: AsyncClient) -> Hashable:
    """Return what the document of a service follows from: the routes of an app in this process, else the service itself."""
    if not isinstance(client._transport, ASGITransport):
        return object()
    app: Any = client._transport.app
    return app.title, tuple((route.path, *sorted(route.methods), route.endpoint.__code__) for route in app.routes)


def _check(value: Any, schema: dict[str, Any], key: Hashable) -> None:
    """Raise jsonschema.ValidationError for a value that does not keep a schema, and SchemaError for a schema that is none."""
    if key not in _VALIDATORS:
        Draft202012Validator.check_schema(schema)
        _VALIDATORS[key] = Draft202012Validator(schema)
    if error := best_match(_VALIDATORS[key].iter_errors(value)):
        raise error
