"""The generated schemas with the one thing JSON Schema can't say: an integer is written without fraction or exponent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from services.domain.events.catalog import VERSIONED_NAMES

ROOT: Final = Path(__file__).parents[2] / "schemas"


def _is_written_as_integer(_checker: Any, value: Any) -> bool:
    return type(value) is int


Strict: Final[Any] = extend(  # type: ignore[no-untyped-call]  # the library has no types for it
    Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_written_as_integer)
)


def read(path: str) -> Any:
    """Read a generated file."""
    return json.loads((ROOT / path).read_text("utf-8"))


SCHEMAS: Final = {name.removesuffix(".v1"): read(f"events/{name}.json") for name in VERSIONED_NAMES.values()}
STRICT: Final[dict[str, Any]] = {name: Strict(schema) for name, schema in SCHEMAS.items()}
STANDARD: Final[dict[str, Any]] = {name: Draft202012Validator(schema) for name, schema in SCHEMAS.items()}


def short_name(event: Any) -> str | None:
    """Tell which schema an event claims to follow: its short name, with the version where that is not the first."""
    kind = event.get("type") if isinstance(event, dict) else None
    return next((name for name, schema in SCHEMAS.items() if kind == schema["properties"]["type"]["const"]), None)
