"""Completes the OpenAPI document of a service: what FastAPI can't know of its routes follows from their policies.

Guarantees: one schema for all problems, and one response for each set of them; every answer states its header fields; every operation has
a description and says who may call it; nothing answers with FastAPI's own 422.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.adapters import problem_details
from services.adapters.config.settings import Settings
from services.adapters.http.route_policy import RoutePolicy, policies
from services.adapters.http.tags import TAGS
from services.adapters.problem_details import MEDIA_TYPE
from services.adapters.schemas.components import Components

Json = dict[str, Any]

VERSION_PATH: Final = "/v1"
"""The major version, first in the path of every route but the probes."""
_HEADERS: Final[Mapping[str, Json]] = {
    "API-Version": {
        "description": "The whole version of the API, as in `info.version`",
        "schema": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
    },
    "traceparent": {
        "description": "The trace that the request named in this header, or a new one (W3C Trace Context): its id is in each log line",
        "schema": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
    },
    "RateLimit": {"description": "What is left of each rate limit, and in how many seconds there is more", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "The rate limits that the call counted for", "schema": {"type": "string"}},
    "Retry-After": {"description": "After how many seconds it can be tried again", "schema": {"type": "string"}},
}
_SECURITY: Final[Json] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of the OpenID issuer of the installation; its role decides what it may do",
    }
}
_LICENSE: Final = {"name": "European Union Public Licence 1.2", "identifier": "EUPL-1.2"}
# Of an installation that names none: an address that can't exist (RFC 2606)
_CONTACT: Final = Settings.model_construct().contact
_KIND: Final = re.compile("`([a-z-]+)`:")


def operation_id(route: APIRoute) -> str:
    """Return the name of a route's handler in lower camel case: the name of the method in every generated client."""
    first, *others = route.name.split("_")
    return first + "".join(other.capitalize() for other in others)


def completed(app: FastAPI, generated: Json) -> Json:
    """Return the document of an app, from the one that FastAPI generated."""
    components = Components(generated.get("components", {}).get("schemas", {}))
    for name in ("HTTPValidationError", "ValidationError"):
        components.schemas.pop(name, None)
    components.schemas |= problem_details.problem_schemas()
    for schema in components.schemas.values():
        for member in schema.get("properties", {}).values():
            # What is not set is left out of an answer; generators of clients take a member with a default for one that is always there
            member.pop("default", None)
    responses: dict[str, Json] = {}
    regions = app.state.guard.regions if hasattr(app.state, "guard") else frozenset()
    for method, path, policy in policies(app):
        operation = generated["paths"].get(path, {}).get(method.lower())
        if operation is not None:
            if policy.body:
                operation["requestBody"] = policy.body.document(regions, components)
            operation["description"] = " ".join(filter(None, (_sentence(operation.get("description", "")), *_sentences(policy))))
            operation["responses"] = dict(sorted(_answers(operation["responses"], path, policy, responses).items()))
    return {
        "openapi": generated["openapi"],
        "info": generated["info"] | {"contact": _CONTACT, "license": _LICENSE},
        "servers": [{"url": "/"}],
        "tags": _tags(generated["paths"]),
        "paths": generated["paths"],
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "responses": dict(sorted(responses.items())),
            "headers": dict(_HEADERS),
            "securitySchemes": _SECURITY,
        },
    }


def _tags(paths: Mapping[str, Json]) -> list[Json]:
    used = {tag for operations in paths.values() for operation in operations.values() for tag in operation.get("tags", ())}
    return [{"name": tag, "description": TAGS[tag]} for tag in sorted(used & TAGS.keys())]


def _sentence(text: str) -> str:
    return text if not text or text.endswith(".") else f"{text}."


def _sentences(policy: RoutePolicy) -> Iterable[str]:
    """Yield what a policy says to the reader of the document."""
    if policy.public:
        yield f"No token is needed: {policy.public}."
        return
    yield f"For the {'role' if len(policy.roles) == 1 else 'roles'} {', '.join(f'`{role}`' for role in policy.roles)}."
    yield f"A call counts for the rate limit `{policy.rate}`." if policy.rate else f"There is no rate limit: {policy.unlimited}."
    if policy.audit:
        yield f"It is recorded in the audit log as `{policy.audit}`."


def _answers(stated: Mapping[str, Json], path: str, policy: RoutePolicy, responses: dict[str, Json]) -> dict[str, Json]:
    """Return the answers of an operation; problems that others have too are moved to the responses of the document."""
    answers = {status: answer for status, answer in stated.items() if status != "422"}
    if path.startswith(VERSION_PATH):
        answers.setdefault("400", problem_details.problem_responses("invalid")[400])
    headers = ["API-Version", "traceparent", *(("RateLimit", "RateLimit-Policy") if policy.roles and policy.rate else ())]
    return {
        status: _problem(answer, responses) if MEDIA_TYPE in answer.get("content", {}) else _with_headers(answer, headers)
        for status, answer in answers.items()
    }


def _with_headers(answer: Json, names: Iterable[str]) -> Json:
    """Return an answer with header fields; one that has no content of a kind of its own says so by having none."""
    return answer | {"headers": answer.get("headers", {}) | {name: {"$ref": f"#/components/headers/{name}"} for name in names}}


def _problem(answer: Json, responses: dict[str, Json]) -> Json:
    """Return a reference to a response of problems, named after their kinds; an answer with a schema of its own stays where it is."""
    described = _with_headers(answer, ("API-Version", "traceparent", "Retry-After"))
    if answer["content"] != problem_details.PROBLEM_CONTENT:
        return described
    name = ".".join(_KIND.findall(answer["description"]))
    responses[name] = described
    return {"$ref": f"#/components/responses/{name}"}
