"""Makes the JSON Schema of an event: the whole CloudEvent, with any extension attributes; `data` has no other members."""

from typing import Any

from services.adapters.regions import read_regions
from services.adapters.schemas.json_schema import UNSAID, Json, Printer
from services.domain.events import catalog as e
from services.domain.events import value_types as v

EVENTS = (*e.BED_EVENTS, *e.DEMAND_EVENTS)
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_id(shape: type) -> str:
    """Return the id of the schema of an event."""
    name, version = e.VERSIONED_NAMES[shape].split(".")
    return f"urn:plek:schema:{name}:{version}"


def event_schema(shape: type) -> Json:
    """Return the schema of an event type, with the region codes that come with Plek."""
    head = {"$schema": _DIALECT, "$id": schema_id(shape), "$comment": " ".join(UNSAID)}
    return head | envelope_schema(shape, Printer(sorted(read_regions())))


def envelope_schema(shape: type, printer: Printer) -> Json:
    """Return the schema of an event type in the words of a printer, with its definitions."""
    subject = v.RegionCodeRule() if shape in e.DEMAND_EVENTS else v.SHELTER
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": printer.schema(v.ENVELOPE_ID),
        "source": printer.schema(v.ENVELOPE_SOURCE),
        "type": {"const": e.TYPE_NAMES[shape]},
        "subject": printer.schema(subject),
        "time": printer.schema(v.Moment()),
        "datacontenttype": {"const": "application/json"},
        "data": printer.members(shape),
        # Not `false`: readers of OpenAPI want a schema to be an object
        "data_base64": {"not": {}},
    }
    return {
        "title": e.TYPE_NAMES[shape],
        "description": (shape.__doc__ or "").strip(),
        "type": "object",
        "properties": properties,
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "additionalProperties": True,
        "$defs": dict(sorted(printer.definitions.items())),
    }
