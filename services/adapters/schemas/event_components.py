"""The event types as components of an OpenAPI document: `Event` is one of them, which its `type` names."""

import json
from collections.abc import Collection

from services.adapters.codec.event_codec import encode
from services.adapters.schemas.components import Components, component_name
from services.adapters.schemas.event_schema import EVENTS, envelope_schema
from services.adapters.schemas.examples import example
from services.adapters.schemas.json_schema import UNSAID, Json, Printer
from services.domain.events import catalog as e


def add_event(regions: Collection[str], components: Components) -> Json:
    """Add the schema of an event, and of each type; return the reference to it."""
    of_type = {e.TYPE_NAMES[shape]: _add_type(shape, regions, components)["$ref"] for shape in EVENTS}
    event = {
        "description": "An event of the contract as CloudEvents 1.0 has it",
        "$comment": " ".join(UNSAID),
        "oneOf": [{"$ref": reference} for reference in of_type.values()],
        "discriminator": {"propertyName": "type", "mapping": of_type},
    }
    return components.add("Event", event)


def shown_event(shape: type) -> Json:
    """Return the golden example of an event type as it is sent."""
    event: Json = json.loads(encode(example(shape)))
    return event


def _add_type(shape: type, regions: Collection[str], components: Components) -> Json:
    name = f"{component_name(e.VERSIONED_NAMES[shape].removesuffix('.v1').replace('.', '-'))}Event"
    schema = envelope_schema(shape, Printer(sorted(regions), clients=True))
    return components.add(name, schema | {"title": name})
