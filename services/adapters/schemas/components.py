"""Moves the definitions of a schema to the `components/schemas` of a document: OpenAPI and AsyncAPI follow a pointer from their own root.

Guarantees: one name has one schema; ValueError where two schemas of one name differ.
"""

from collections.abc import Mapping
from typing import Any, Final

from services.adapters.problem_details import SCHEMA_REF
from services.adapters.schemas.json_schema import Json

_DEFS: Final = "#/$defs/"
# Of a schema that is a document of its own; a part of a document has neither
_OWN: Final = ("$schema", "$id", "$defs")


class Components:
    """The schemas of one document, by name."""

    def __init__(self, schemas: Mapping[str, Json] | None = None) -> None:
        self.schemas: dict[str, Json] = dict(schemas or {})

    def add(self, name: str, schema: Json) -> Json:
        """Store a schema and its definitions; return the reference to it."""
        self._store(name, self.take_definitions(schema))
        return {"$ref": SCHEMA_REF.format(model=name)}

    def take_definitions(self, schema: Json) -> Json:
        """Store the definitions of a schema; return the schema without them, as a part of the document."""
        for name, defined in schema.get("$defs", {}).items():
            self._store(component_name(name), moved(defined))
        part: Json = moved({member: value for member, value in schema.items() if member not in _OWN})
        return part

    def _store(self, name: str, schema: Json) -> None:
        if self.schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two schemas are called {name}")


def component_name(name: str) -> str:
    """Return the name of a definition as a component: in upper camel case, as models are named."""
    return "".join(part[0].upper() + part[1:] for part in name.replace("_", "-").split("-"))


def moved(schema: Any) -> Any:
    """Return a schema with references to the components of the document in place of those to definitions."""
    if isinstance(schema, list):
        return [moved(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(_DEFS):
        return schema | {"$ref": SCHEMA_REF.format(model=component_name(reference.removeprefix(_DEFS)))}
    return {name: moved(each) for name, each in schema.items()}
