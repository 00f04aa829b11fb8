"""The merged OpenAPI document as it is written, and what is in it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
OPENAPI: Final = ROOT / "schemas" / "openapi.json"
DOCUMENT: Final[Mapping[str, Any]] = json.loads(OPENAPI.read_text("utf-8"))
_KEYS: Final = ("get", "put", "post", "patch", "delete")


def operations(document: Mapping[str, Any] = DOCUMENT) -> Iterator[tuple[str, str, Any]]:
    """Yield path, method and operation of a document."""
    for path, methods in document["paths"].items():
        yield from ((path, method, methods[method]) for method in _KEYS if method in methods)


def resolved(value: Any, document: Mapping[str, Any] = DOCUMENT) -> Any:
    """Return what a value refers to, or the value itself."""
    if "$ref" not in value:
        return value
    for step in value["$ref"].removeprefix("#/").split("/"):
        document = document[step]
    return document
