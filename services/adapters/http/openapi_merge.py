"""Merges the OpenAPI documents of services that have one address into one, as a caller in front of the door meets them.

Guarantees: a name stands for one thing: ValueError where two services give a path, a component or an operation id two meanings.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.adapters.http.openapi_document import VERSION_PATH, Json

# Of which a component of one name is to be found once
_KINDS: Final = ("schemas", "responses", "headers", "securitySchemes")


def merged(documents: Sequence[Json], title: str, description: str) -> Json:
    """Return one document of what is below the version: probes are on the inside only."""
    paths: dict[str, Any] = {}
    for document in documents:
        for path, operations in document["paths"].items():
            if path.startswith(f"{VERSION_PATH}/"):
                _add(paths.setdefault(path, {}), operations)
    components: dict[str, Any] = {}
    for kind in _KINDS:
        of_kind: dict[str, Any] = {}
        for document in documents:
            _add(of_kind, document["components"][kind])
        components[kind] = dict(sorted(of_kind.items()))
    counted = Counter(operation["operationId"] for operations in paths.values() for operation in operations.values())
    if twice := [name for name, times in counted.items() if times > 1]:
        raise ValueError(f"two operations are called {', '.join(twice)}")
    tags = {tag["name"]: tag for document in documents for tag in document["tags"]}
    used = {tag for operations in paths.values() for operation in operations.values() for tag in operation["tags"]}
    return relative(
        {
            "openapi": documents[0]["openapi"],
            "info": documents[0]["info"] | {"title": title, "description": description},
            "servers": [],
            "tags": [tag for name, tag in sorted(tags.items()) if name in used],
            "paths": dict(sorted(paths.items())),
            "components": components,
        }
    )


def relative(document: Json) -> Json:
    """Return a document with the version in the address of its server (rule uri-version); paths begin after it."""
    return document | {
        "servers": [{"url": VERSION_PATH, "description": "The address that this document was read from"}],
        "paths": dict(_relative(document["paths"])),
    }


def _relative(paths: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for path, operations in paths.items():
        if path.startswith(f"{VERSION_PATH}/"):
            yield path.removeprefix(VERSION_PATH), operations
        else:
            yield path, {"servers": [{"url": "/", "description": "On the inside only"}], **operations}


def _add(to: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if to.setdefault(name, value) != value:
            raise ValueError(f"{name} has two meanings")
