"""Decodes bytes to events and encodes events to bytes (contract, sections 1 to 3; R13). The only module that knows an event in JSON.

`decode` returns one of three: an event that keeps every rule, a refusal with all its problems, or, in a truth topic, a type in a version
too new, before which a reader must stop.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

import orjson

from services.adapters import rfc3339
from services.adapters.codec import validation
from services.adapters.codec.json_reader import read_json
from services.adapters.codec.validation import Check, Code, FieldProblem
from services.domain.events import catalog as e
from services.domain.events import value_types as v

Topic = Literal["beds", "demand"]


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """A record or JSON value that is no event of the contract, with all its problems (at least one)."""

    problems: tuple[FieldProblem, ...]

    @property
    def reason(self) -> Code:
        """The code of its first problem: the reason of its dead letter."""
        return self.problems[0].code


@dataclass(frozen=True, slots=True)
class TooNew:
    """A known type of this topic in a version above those known: it may be a fact, so a reader must not skip it (R13)."""

    type: str


@dataclass(frozen=True, slots=True)
class _Type:
    topic: Topic
    data: Check
    subject: Check


_VERSIONED = re.compile(r"(nl\.plek\.[a-z-]+)\.v([1-9][0-9]*)", re.ASCII)
_HOUSEHOLDS = (
    e.Admission,
    e.StayChanged,
    e.HoldRequested,
    e.SearchMade,
    e.SearchMadeSealed,
    e.FallbackStarted,
    e.FallbackStartedSealed,
    e.WaitingListJoined,
)


class EventCodec:
    """Decodes events, with the region codes of one region file."""

    def __init__(self, regions: frozenset[str]) -> None:
        self._id = validation.compiled(v.ENVELOPE_ID, regions, "/id")
        self._source = validation.compiled(v.ENVELOPE_SOURCE, regions, "/source")
        self._time = validation.compiled(v.Moment(), regions, "/time")
        shelter, region = validation.compiled(v.SHELTER, regions, "/subject"), validation.compiled(v.RegionCodeRule(), regions, "/subject")
        self._types: dict[str, _Type] = {
            **{e.TYPE_NAMES[shape]: _Type("beds", validation.members(shape, regions, "/data"), shelter) for shape in e.BED_EVENTS},
            **{e.TYPE_NAMES[shape]: _Type("demand", validation.members(shape, regions, "/data"), region) for shape in e.DEMAND_EVENTS},
        }

    def decode(self, topic: Topic, key: bytes | None, value: bytes | None) -> e.Event | RefusedEvent | TooNew:
        """Decode a Kafka record of a truth topic (or of intake, where the caller refuses a TooNew)."""
        if value is None:
            return _refused("", "unreadable")
        try:
            document = read_json(value)
        except (ValueError, RecursionError):
            return _refused("", "unreadable")
        return self.decode_document(topic, key, document)

    def decode_document(self, topic: Topic, key: bytes | None, document: Any) -> e.Event | RefusedEvent | TooNew:
        """Decode the JSON value of a Kafka record, as `decode` does."""
        if self.too_new(document) == topic:
            return TooNew(document["type"])
        if key is None:
            return _refused("", "no_key")
        event = self.decode_object(document, topic)
        if isinstance(event, e.Event) and key_of(event).encode() != key:
            return _refused("", "mismatch")
        return event

    def decode_object(self, document: Any, topic: Topic | None = None) -> e.Event | RefusedEvent:
        """Decode a JSON value as an event of one topic, or with None of either; all problems at once."""
        if type(document) is not dict:
            return _refused("", "not_an_object")
        problems: list[FieldProblem] = []
        kind = self._type(document, topic, problems)
        _check_fixed(document, problems)
        event = e.Event(
            id=_member(document, "id", self._id, problems),
            source=_member(document, "source", self._source, problems),
            time=_member(document, "time", self._time, problems),
            subject=_member(document, "subject", kind.subject if kind else _any, problems),
            data=_member(document, "data", kind.data if kind else _any, problems),
        )
        if not problems:
            problems += _across(event)
        return RefusedEvent(tuple(problems)) if problems else event

    def too_new(self, document: Any) -> Topic | None:
        """Return the topic of a known type in a version above those known; None for anything else."""
        name = document.get("type") if type(document) is dict else None
        if type(name) is not str or name in self._types:
            return None
        match = _VERSIONED.fullmatch(name)
        known = self._types.get(f"{match[1]}.v1") if match and match[2] != "1" else None
        return known.topic if known else None

    def topic_of(self, event: e.Event) -> Topic:
        """Return the truth topic an event belongs to."""
        return self._types[e.TYPE_NAMES[type(event.data)]].topic

    def _type(self, document: dict[str, Any], topic: Topic | None, problems: list[FieldProblem]) -> _Type | None:
        name = document.get("type")
        known = self._types.get(name) if type(name) is str else None
        if known is None:
            code: Code = "version_too_new" if self.too_new(document) else "unknown_type"
            problems.append(FieldProblem("/type", code if "type" in document else "missing"))
        elif topic is not None and known.topic != topic:
            problems.append(FieldProblem("/type", "other_topic"))
        return known


def _refused(pointer: str, code: Code) -> RefusedEvent:
    return RefusedEvent((FieldProblem(pointer, code),))


def _check_fixed(document: dict[str, Any], problems: list[FieldProblem]) -> None:
    """Check the members that have one permitted value."""
    if document.get("specversion") != "1.0":
        problems.append(FieldProblem("/specversion", "bad_format" if "specversion" in document else "missing"))
    if document.get("datacontenttype", "application/json") != "application/json":
        problems.append(FieldProblem("/datacontenttype", "bad_format"))
    if "data_base64" in document:
        problems.append(FieldProblem("/data_base64", "data_base64"))


def _any(value: Any, _problems: list[FieldProblem]) -> Any:
    return value


def _member(document: dict[str, Any], name: str, check: Check, problems: list[FieldProblem]) -> Any:
    if name in document:
        return check(document[name], problems)
    problems.append(FieldProblem(f"/{name}", "missing"))
    return None


def _across(event: e.Event) -> list[FieldProblem]:
    """Check the rules that hold between members (contract, sections 1 and 3, R13)."""
    problems: list[FieldProblem] = []
    data = event.data
    if isinstance(data, _HOUSEHOLDS) and data.adults + data.children < 1:
        problems.append(FieldProblem("/data", "no_household"))
    if isinstance(data, e.FallbackStarted | e.FallbackStartedSealed) and not _is_consistent(data.evidence):
        problems.append(FieldProblem("/data/evidence", "inconsistent_evidence"))
    if isinstance(data, e.DemandCorrection) and sum(key is not None for key in (data.search, data.fallback, data.entry)) != 1:
        problems.append(FieldProblem("/data", "not_exactly_one_key"))
    if (getattr(data, "shelter", None) or getattr(data, "region", None) or event.subject) != event.subject:
        problems.append(FieldProblem("/subject", "mismatch"))
    return problems


def _is_consistent(evidence: e.Evidence) -> bool:
    counted = (evidence.free_nationally, evidence.fitting_nationally, evidence.fitting_excluded_for_safety, evidence.unknown_units)
    return evidence.status == "complete" or not (any(counted) or evidence.view)


def key_of(event: e.Event) -> str:
    """Return the Kafka key of an event: its shelter, or the id of its search, fallback or waiting-list entry."""
    data = event.data
    if isinstance(data, e.DEMAND_EVENTS):
        return e.demand_key(data) or ""  # type: ignore[arg-type]  # DEMAND_EVENTS are the members of DemandData
    return event.subject


def encode(event: e.Event) -> bytes:
    """Encode an event in its one canonical form, without extension attributes."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "type": e.TYPE_NAMES[type(event.data)],
            "subject": event.subject,
            "time": rfc3339.show(event.time),
            "datacontenttype": "application/json",
            "data": plain(event.data),
        }
    )


def plain(data: Any) -> dict[str, Any]:
    """Return the data of an event as JSON values; optional members that are unset are left out."""
    writers = _writers(type(data))
    return {name: write(value) if write else value for name, default, write in writers if (value := getattr(data, name)) is not default}


_REQUIRED = object()  # no value is this one
_Writer = tuple[str, Any, Callable[[Any], Any] | None]
_WRITERS: dict[type, list[_Writer]] = {}


def _writers(shape: type) -> list[_Writer]:
    if shape not in _WRITERS:
        needed = set(validation.required(shape))
        _WRITERS[shape] = [
            (field.name, _REQUIRED if field.name in needed else field.default, _writer(validation.rule_of(shape, field.name)))
            for field in fields(shape)
        ]
    return _WRITERS[shape]


def _writer(rule: v.Rule) -> Callable[[Any], Any] | None:
    """Return the function that turns a value into JSON; None for one that is JSON already."""
    match rule:
        case v.Moment():
            return rfc3339.show
        case v.ListOf():
            return list
        case v.Members():
            return plain
        case _:
            return None
