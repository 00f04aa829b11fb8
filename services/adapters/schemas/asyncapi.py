"""AsyncAPI 3: the topics, how they are kept, and the events in them; names and settings come from the owner of the topics."""

from collections.abc import Callable
from typing import Any

from services.adapters.checks import MEANING
from services.adapters.schemas.events import EVENTS
from services.adapters.schemas.rules import text
from services.adapters.topic_admin import Plan
from services.adapters.topics import Topics, plans
from services.domain import events as e
from services.domain import values as v

Json = dict[str, Any]

_BINDING = "0.5.0"
_SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
# A cluster of three brokers, as it is meant to run; one broker alone keeps one copy and flushes each record.
_BROKERS = 3
_NAMES = Topics()
_ORGANISATION = "{organisation}"


def asyncapi(schema_of: Callable[[type], Json]) -> Json:
    """Describe the topics; `schema_of` gives the schema of an event, or a reference to it."""
    made = {plan.name: plan for plan in plans(_NAMES, brokers=_BROKERS, organisations=(_ORGANISATION,))}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:plek:asyncapi",
        "info": {
            "title": "Plek",
            "version": "1.0.0",
            "description": (
                "Real-time registry of places in women's shelters. Every event is a CloudEvent 1.0 in structured JSON, one a Kafka record; "
                "a record's headers are not looked at. Schemas say all that a schema can; what they can't stands in their $comment. "
                "A simulated or imported country lives in topics with a prefix of its own, with CreateTime."
            ),
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            "bedEvents": _channel(
                made[_NAMES.bed_events], "Shelter facts and holds: the truth of the live view. Key: the shelter.", e.BED_EVENTS
            ),
            "demandEvents": _channel(
                made[_NAMES.demand_events],
                "Searches, hotel fallbacks, waiting lists. Key: the id of the search, fallback or entry.",
                e.DEMAND_EVENTS,
            ),
            "intake": _channel(
                made[_NAMES.intake(_ORGANISATION)],
                "What an organisation's own system writes straight to Kafka, not yet checked. Key: the shelter.",
                e.BED_EVENTS,
            )
            | {"parameters": {"organisation": {"description": "The organisation whose system writes here: [a-z0-9-]{1,40}."}}},
            "deadLetters": _other(made[_NAMES.dead_letters], "What was refused, for operators only. Key: as the original.", "dead-letter"),
            "monitorSnapshots": _other(
                made[_NAMES.monitor_snapshots], "Published figures. Key: period and definition.", "monitor-snapshot"
            ),
            "audit": _other(made[_NAMES.audit], "Who looked at what and who decided what, for auditors only. No key.", "audit-record"),
        },
        "operations": {
            "takeIntake": _operation("receive", "intake", "Checked, and passed on to the truth topics or to the dead letters."),
            "recordBedEvents": _operation("send", "bedEvents", "Recorded with acks=all by an idempotent producer; never compacted."),
            "recordDemandEvents": _operation("send", "demandEvents", "Recorded with acks=all by an idempotent producer; never compacted."),
            "putAside": _operation("send", "deadLetters", "Each record that is no event of the contract (R13); each copy counts."),
            "publishFigures": _operation("send", "monitorSnapshots", "Figures with their definition, version and offsets."),
            "writeDownWhoLooked": _operation("send", "audit", "Acknowledged before the answer goes out; each record names the one before."),
        },
        "components": {"messages": {**{e.SHORT_NAMES[shape]: _message(shape, schema_of) for shape in EVENTS}, **_OTHERS}},
    }


def _channel(plan: Plan, description: str, shapes: tuple[type, ...]) -> Json:
    return _topic(plan, description, [e.SHORT_NAMES[shape] for shape in shapes])


def _other(plan: Plan, description: str, message: str) -> Json:
    return _topic(plan, description, [message])


def _topic(plan: Plan, description: str, messages: list[str]) -> Json:
    return {
        "address": plan.name,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "kafka": {
                "topic": plan.name,
                "partitions": plan.partitions,
                "replicas": plan.copies,
                "topicConfiguration": {name: _setting(name, value) for name, value in sorted(plan.settings.items())},
                "bindingVersion": _BINDING,
            }
        },
    }


def _setting(name: str, value: str) -> Any:
    """Write a setting of Kafka with the type that the binding has for it."""
    if name == "cleanup.policy":
        return value.split(",")
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.removeprefix("-").isdigit() else value


def _operation(action: str, channel: str, description: str) -> Json:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "description": description}


def _message(shape: type, schema_of: Callable[[type], Json]) -> Json:
    key = v.SHELTER if shape in e.BED_EVENTS else v.UUID
    return {
        "name": e.TYPE_NAMES[shape],
        "title": e.SHORT_NAMES[shape],
        "summary": (shape.__doc__ or "").strip(),
        "contentType": "application/cloudevents+json",
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": schema_of(shape)},
        "bindings": {"kafka": {"key": text(key.pattern), "bindingVersion": _BINDING}},
    }


_OTHERS: Json = {
    "dead-letter": {
        "name": "dead-letter",
        "title": "dead-letter",
        "summary": "The bytes of a record that was refused, as they were; nothing is known of what they hold.",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "required": ["reason", "topic", "partition", "offset"],
            "properties": {
                "reason": {"description": "The code of its first problem.", "type": "string", "enum": sorted(MEANING)},
                "topic": {"description": "Where the record was.", "type": "string"},
                "partition": {"description": "In decimal.", "type": "string", "pattern": "^[0-9]+$"},
                "offset": {"description": "In decimal.", "type": "string", "pattern": "^[0-9]+$"},
                "cut_from": {
                    "description": "The bytes of key and value, if they were too many to be kept whole here.",
                    "type": "string",
                    "pattern": "^[0-9]+$",
                },
            },
        },
    },
    "monitor-snapshot": {
        "name": "monitor-snapshot",
        "title": "monitor-snapshot",
        "summary": "One published release of figures.",
        "contentType": "application/json",
        "payload": {"type": "object"},
    },
    "audit-record": {
        "name": "audit-record",
        "title": "audit-record",
        "summary": "One look or one decision with the fields of NEN 7513, in its chain; docs/audit.md has each member.",
        "contentType": "application/json",
        "payload": {"type": "object", "required": ["chain", "number", "before", "source", "at", "event", "action", "outcome"]},
    },
}
