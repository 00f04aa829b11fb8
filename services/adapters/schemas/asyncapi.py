"""Makes the AsyncAPI 3 document: the topics, their settings, and the events in them; names and settings come from `kafka/topics.py`."""

from collections.abc import Callable
from typing import Any

from services import __version__
from services.adapters.codec.validation import MEANING
from services.adapters.kafka.topic_admin import Plan
from services.adapters.kafka.topics import Topics, plans
from services.adapters.schemas.components import Components
from services.adapters.schemas.event_schema import EVENTS, event_schema
from services.adapters.schemas.json_schema import text
from services.domain.events import catalog as e
from services.domain.events import value_types as v

Json = dict[str, Any]

_BINDING = "0.5.0"
_SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
# A cluster of three brokers, as it is meant to run; one broker alone keeps one copy and flushes each record.
_BROKERS = 3
_NAMES = Topics()
_ORGANISATION = "{organisation}"
_ORGANISATIONS = {"organisation": {"description": "The organisation of the system that uses this topic: [a-z0-9-]{1,40}."}}
_SERVERS: Json = {
    "cluster": {
        "host": "{broker}",
        "protocol": "kafka-secure",
        "description": "The brokers of an installation. `plek cluster` makes the users and says what each may read and write.",
        "variables": {"broker": {"description": "Host and port of a broker.", "default": "kafka.plek.example:9092"}},
        "security": [{"$ref": "#/components/securitySchemes/scram"}],
    },
    "local": {
        "host": "localhost:9092",
        "protocol": "kafka",
        "description": "The broker of `plek up`, on this machine alone: no authentication. `plek status` shows its port.",
    },
}
_SECURITY: Json = {
    "scram": {"type": "scramSha512", "description": "A user and a password; an organisation's system has its own user."},
}


def bundled() -> Json:
    """Return the document that needs no other file: definitions are components, so that each pointer leads on from the root."""
    components = Components()
    document = asyncapi(lambda shape: components.take_definitions(event_schema(shape)))
    document["components"]["schemas"] = dict(sorted(components.schemas.items()))
    return document


def asyncapi(schema_of: Callable[[type], Json]) -> Json:
    """Return the document; `schema_of` returns the schema of an event, or a reference to it."""
    return {
        "asyncapi": "3.1.0",
        "id": "urn:plek:asyncapi",
        "info": {
            "title": "Plek",
            "version": __version__,
            "description": (
                "Real-time registry of places in women's shelters. Every event is a CloudEvent 1.0 in structured JSON, one a Kafka record; "
                "headers are not looked at, but an organisation's own topic also takes binary mode. "
                "A rule that a schema can't express is in its $comment. "
                "A simulated or imported data set has topics with a prefix of its own, with CreateTime."
            ),
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": _SERVERS,
        "channels": _channels(),
        "operations": {
            "readIntake": _operation("receive", "intake", "Checked, and appended to the truth topics or to the dead letters."),
            "answerRefused": _operation(
                "send", "refused", "Each record of an intake topic that was refused; the dead letters have its bytes."
            ),
            "recordBedEvents": _operation("send", "bedEvents", "Recorded with acks=all by an idempotent producer; never compacted."),
            "recordDemandEvents": _operation("send", "demandEvents", "Recorded with acks=all by an idempotent producer; never compacted."),
            "recordDeadLetters": _operation("send", "deadLetters", "Each record that is no event of the contract (R13); each copy counts."),
            "publishFigures": _operation("send", "monitorSnapshots", "Figures with their definition, version and offsets."),
            "recordProposals": _operation("send", "proposals", "Proposed, and what was decided; the newest record of a key counts."),
            "recordAlarms": _operation("send", "alarms", "Alarms for coordinators; the newest record of a key counts."),
            "recordRevokedTokens": _operation("send", "revokedTokens", "A token that was given back; every service refuses it."),
            "recordPushSubscriptions": _operation("send", "pushSubscriptions", "A browser to be notified; no value: no longer."),
            "recordNeedKeys": _operation("send", "needKeys", "Made on the day it seals; no value: destroyed, 30 days after that day."),
            "recordCheckpoints": _operation("send", "checkpoints", "By `plek forget`; a run counts once its last record is there."),
            "recordAudit": _operation("send", "audit", "Acknowledged before the answer goes out; each record names the one before."),
        },
        "components": {
            "messages": {**{_message_name(shape): _message(shape, schema_of) for shape in EVENTS}, **_OTHERS},
            "securitySchemes": _SECURITY,
        },
    }


def _channels() -> Json:
    plan_of = {plan.name: plan for plan in plans(_NAMES, brokers=_BROKERS, organisations=(_ORGANISATION,))}
    return {
        "bedEvents": _channel(
            plan_of[_NAMES.bed_events], "Shelter facts and holds: the truth of the live view. Key: the shelter.", e.BED_EVENTS
        ),
        "demandEvents": _channel(
            plan_of[_NAMES.demand_events],
            "Searches, hotel fallbacks, waiting lists. Key: the id of the search, fallback or entry.",
            e.DEMAND_EVENTS,
        ),
        "intake": _channel(
            plan_of[_NAMES.intake(_ORGANISATION)],
            "What an organisation's own system writes straight to Kafka, not yet checked. Key: the shelter.",
            e.BED_EVENTS,
        )
        | {"parameters": _ORGANISATIONS},
        "refused": _topic(
            plan_of[_NAMES.refused(_ORGANISATION)],
            "What was refused of an organisation's own topic, for its own system: where it stands and why, never a value. No key.",
            ["refusal"],
        )
        | {"parameters": _ORGANISATIONS},
        "deadLetters": _topic(plan_of[_NAMES.dead_letters], "Refused records, for operators only. Key: as the original.", ["dead-letter"]),
        "monitorSnapshots": _topic(
            plan_of[_NAMES.monitor_snapshots], "Published figures. Key: period and definition.", ["monitor-snapshot"]
        ),
        "proposals": _topic(
            plan_of[_NAMES.proposals], "Changes of shelters that wait for a second person. Key: the proposal.", ["proposal"]
        ),
        "alarms": _topic(plan_of[_NAMES.alarms], "Alarms for coordinators, and broken glass. Key: the alarm.", ["alarm"]),
        "revokedTokens": _topic(
            plan_of[_NAMES.revoked_tokens], "Tokens given back at log-out. Key: the digest of a token.", ["revoked-token"]
        ),
        "pushSubscriptions": _topic(
            plan_of[_NAMES.push_subscriptions],
            "Browsers to be notified, for the API only. Key: a digest of the browser's address.",
            ["push-subscription"],
        ),
        "needKeys": _topic(
            plan_of[_NAMES.need_keys], "Keys that open sealed needs, for the API and the monitor. Key: its id.", ["need-key"]
        ),
        "checkpoints": _topic(
            plan_of[_NAMES.checkpoints],
            "With what the truth topics begin once their older records are deleted. Key: a run.",
            ["checkpoint"],
        ),
        "audit": _topic(plan_of[_NAMES.audit], "Who read what and who decided what, for auditors only. No key.", ["audit-record"]),
        "auditOpenings": _topic(
            plan_of[_NAMES.audit_openings],
            "Requests of auditors to open a pseudonym of the audit log, for the API only. Key: the request.",
            ["audit-opening"],
        ),
        "auditHeads": _topic(plan_of[_NAMES.audit_heads], "What the audit log held at an instant, signed. No key.", ["audit-head"]),
    }


def _message_name(shape: type) -> str:
    """Return the contract's name of an event, with its version where that is not the first."""
    return e.VERSIONED_NAMES[shape].removesuffix(".v1")


def _channel(plan: Plan, description: str, shapes: tuple[type, ...]) -> Json:
    return _topic(plan, description, [_message_name(shape) for shape in shapes])


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
    """Return a setting of Kafka in the type that the binding has for it."""
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
        "title": _message_name(shape),
        "summary": (shape.__doc__ or "").strip(),
        "contentType": "application/cloudevents+json",
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": schema_of(shape)},
        "bindings": {"kafka": {"key": text(key.pattern), "bindingVersion": _BINDING}},
    }


_OTHERS: Json = {
    "dead-letter": {
        "name": "dead-letter",
        "title": "dead-letter",
        "summary": "The original bytes of a refused record; nothing is known of their content.",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "required": ["reason", "topic", "partition", "offset"],
            "properties": {
                "reason": {"description": "The code of its first problem.", "type": "string", "enum": sorted(MEANING)},
                "topic": {"description": "The topic of the record.", "type": "string"},
                "partition": {"description": "In decimal.", "type": "string", "pattern": "^[0-9]+$"},
                "offset": {"description": "In decimal.", "type": "string", "pattern": "^[0-9]+$"},
                "cut_from": {
                    "description": "The number of bytes of key and value, if the record was too large to be kept whole here.",
                    "type": "string",
                    "pattern": "^[0-9]+$",
                },
            },
        },
    },
    "refusal": {
        "name": "refusal",
        "title": "refusal",
        "summary": "A refused record of an organisation's own topic: its position, and what is wrong with it.",
        "contentType": "application/json",
        "payload": {
            "type": "object",
            "required": ["reason", "errors", "topic", "partition", "offset", "time"],
            "properties": {
                "reason": {"description": "The first code of `errors`.", "type": "string", "enum": sorted(MEANING)},
                "errors": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["pointer", "code", "detail"],
                        "properties": {
                            "pointer": {"description": "JSON pointer into the event; empty: the record as a whole.", "type": "string"},
                            "code": {"type": "string", "enum": sorted(MEANING)},
                            "detail": {"description": "What the code means.", "type": "string"},
                        },
                    },
                },
                "topic": {"description": "The topic of the record.", "type": "string"},
                "partition": {"type": "integer", "minimum": 0},
                "offset": {"type": "integer", "minimum": 0},
                "time": {"description": "When Kafka took the record.", "type": "string", "format": "date-time"},
                "event": {"description": "The id of its event, where that is of an allowed form.", "type": "string"},
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
    "proposal": {
        "name": "proposal",
        "title": "proposal",
        "summary": "A change of a shelter: by whom, what it changes, what was decided; readers ignore members they do not know.",
        "contentType": "application/json",
        "payload": {"type": "object"},
    },
    "alarm": {
        "name": "alarm",
        "title": "alarm",
        "summary": "What coordinators of a region read; it names no household and no shelter that is not theirs.",
        "contentType": "application/json",
        "payload": {"type": "object", "required": ["id", "at", "what", "count", "desk", "regions", "reason"]},
    },
    "revoked-token": {
        "name": "revoked-token",
        "title": "revoked-token",
        "summary": "That a token was given back; its key is a digest that leads to no token.",
        "contentType": "application/json",
        "payload": {"type": "object"},
    },
    "push-subscription": {
        "name": "push-subscription",
        "title": "push-subscription",
        "summary": "Where a browser is notified, and for which shelters, sealed with a key of the API; it names no person.",
        "contentType": "application/json",
        "payload": {"type": "object", "required": ["sealed"]},
    },
    "need-key": {
        "name": "need-key",
        "title": "need-key",
        "summary": "The key of a day, wrapped with a secret of the instance; it opens the needs that were sealed on that day.",
        "contentType": "application/json",
        "payload": {"type": "object", "required": ["wrapped"]},
    },
    "checkpoint": {
        "name": "checkpoint",
        "title": "checkpoint",
        "summary": "A line of JSON that says of which partition and which piece, and the piece: the folded state, compressed.",
        "contentType": "application/octet-stream",
        "payload": {"type": "string"},
    },
    "audit-record": {
        "name": "audit-record",
        "title": "audit-record",
        "summary": "One read or one decision with the fields of NEN 7513, in its chain; docs/audit.md has each member.",
        "contentType": "application/json",
        "payload": {"type": "object", "required": ["chain", "number", "before", "source", "at", "event", "action", "outcome"]},
    },
    "audit-opening": {
        "name": "audit-opening",
        "title": "audit-opening",
        "summary": "That an auditor asks to open a pseudonym, or joins the request of another; it names no shelter and no person.",
        "contentType": "application/json",
        "payload": {"type": "object", "required": ["request", "pseudonym", "by", "reason", "joins"]},
    },
    "audit-head": {
        "name": "audit-head",
        "title": "audit-head",
        "summary": "What the audit log held at an instant, signed with Ed25519, with the hash of the head before; see docs/audit.md.",
        "contentType": "application/json",
        "payload": {
            "type": "object",
            "required": ["at", "before", "digest", "first", "hash", "key", "number", "offset", "signature", "time", "topic"],
        },
    },
}
