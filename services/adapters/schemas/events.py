"""One closed schema an event: the whole CloudEvent. Extension attributes are allowed and ignored, `data` has no other members."""

from typing import Any

from services.adapters.regions import read_regions
from services.adapters.schemas.rules import UNSAID, Json, Printer
from services.domain import events as e
from services.domain import values as v

EVENTS = (*e.BED_EVENTS, *e.DEMAND_EVENTS)
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_id(shape: type) -> str:
    """Name the schema of an event."""
    return f"urn:plek:schema:{e.SHORT_NAMES[shape]}:v1"


def event_schema(shape: type) -> Json:
    """Work out the schema of one event type, with the region codes that come with Plek."""
    printer = Printer(sorted(read_regions()))
    subject = v.Region() if shape in e.DEMAND_EVENTS else v.SHELTER
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": printer.schema(v.ENVELOPE_ID),
        "source": printer.schema(v.ENVELOPE_SOURCE),
        "type": {"const": e.TYPE_NAMES[shape]},
        "subject": printer.schema(subject),
        "time": printer.schema(v.Moment()),
        "datacontenttype": {"const": "application/json"},
        "data": printer.members(shape),
        "data_base64": False,
    }
    return {
        "$schema": _DIALECT,
        "$id": schema_id(shape),
        "$comment": " ".join(UNSAID),
        "title": e.TYPE_NAMES[shape],
        "description": (shape.__doc__ or "").strip(),
        "type": "object",
        "properties": properties,
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "additionalProperties": True,
        "$defs": dict(sorted(printer.definitions.items())),
    }
