"""The wire: bytes to events and back (contract, sections 1 to 3; R13). The only place that knows how an event looks in JSON.

What comes out of `decode` is one of three: an event that keeps every rule, a refusal with all its problems, or, in a truth topic,
a type too new to be understood, before which a reader must stop.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

import orjson

from services.adapters import checks, instants
from services.adapters.checks import Check, Code, Problem
from services.adapters.strict_json import read_json
from services.domain import events as e
from services.domain import values as v

Topic = Literal["beds", "demand"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A record or object that is no event of the contract, with all its problems (at least one)."""

    problems: tuple[Problem, ...]

    @property
    def reason(self) -> Code:
        """The code of its first problem: what a dead letter is filed under."""
        return self.problems[0].code


@dataclass(frozen=True, slots=True)
class TooNew:
    """A known type of this topic in a version above those known: it may be a fact, so nobody may pass it by (R13)."""

    type: str


@dataclass(frozen=True, slots=True)
class _Type:
    topic: Topic
    data: Check
    subject: Check


_VERSIONED = re.compile(r"(nl\.plek\.[a-z-]+)\.v([1-9][0-9]*)", re.ASCII)
_HOUSEHOLDS = (e.Admission, e.StayChanged, e.HoldRequested, e.SearchMade, e.FallbackStarted, e.WaitingListJoined)


class Wire:
    """Reads and writes events, with the codes of one region file."""

    def __init__(self, regions: frozenset[str]) -> None:
        self._id = checks.compiled(v.ENVELOPE_ID, regions, "/id")
        self._source = checks.compiled(v.ENVELOPE_SOURCE, regions, "/source")
        self._time = checks.compiled(v.Moment(), regions, "/time")
        shelter, region = checks.compiled(v.SHELTER, regions, "/subject"), checks.compiled(v.Region(), regions, "/subject")
        self._types: dict[str, _Type] = {
            **{e.TYPE_NAMES[shape]: _Type("beds", checks.members(shape, regions, "/data"), shelter) for shape in e.BED_EVENTS},
            **{e.TYPE_NAMES[shape]: _Type("demand", checks.members(shape, regions, "/data"), region) for shape in e.DEMAND_EVENTS},
        }

    def decode(self, topic: Topic, key: bytes | None, value: bytes | None) -> e.Event | Refused | TooNew:
        """Read a Kafka record of a truth topic (or of intake, where a TooNew is refused by the caller)."""
        if value is None:
            return _refused("", "unreadable")
        try:
            read = read_json(value)
        except (ValueError, RecursionError):
            return _refused("", "unreadable")
        too_new = self.too_new(read)
        if too_new == topic:
            return TooNew(read["type"])
        if key is None:
            return _refused("", "no_key")
        event = self.decode_object(read, topic)
        if isinstance(event, e.Event) and key_of(event).encode() != key:
            return _refused("", "mismatch")
        return event

    def decode_object(self, read: Any, topic: Topic | None = None) -> e.Event | Refused:
        """Check a JSON value as an event, of one topic or of either; all problems at once."""
        if type(read) is not dict:
            return _refused("", "not_an_object")
        problems: list[Problem] = []
        kind = self._type(read, topic, problems)
        _check_fixed(read, problems)
        event = e.Event(
            id=_member(read, "id", self._id, problems),
            source=_member(read, "source", self._source, problems),
            time=_member(read, "time", self._time, problems),
            subject=_member(read, "subject", kind.subject if kind else _any, problems),
            data=_member(read, "data", kind.data if kind else _any, problems),
        )
        if not problems:
            problems += _across(event)
        return Refused(tuple(problems)) if problems else event

    def too_new(self, read: Any) -> Topic | None:
        """Tell the topic of a known type in a version above those known; None for anything else."""
        name = read.get("type") if type(read) is dict else None
        if type(name) is not str or name in self._types:
            return None
        found = _VERSIONED.fullmatch(name)
        known = self._types.get(f"{found[1]}.v1") if found and found[2] != "1" else None
        return known.topic if known else None

    def topic_of(self, event: e.Event) -> Topic:
        """Tell the truth topic an event belongs to."""
        return self._types[e.TYPE_NAMES[type(event.data)]].topic

    def _type(self, read: dict[str, Any], topic: Topic | None, problems: list[Problem]) -> _Type | None:
        name = read.get("type")
        known = self._types.get(name) if type(name) is str else None
        if known is None:
            code: Code = "version_too_new" if self.too_new(read) else "unknown_type"
            problems.append(Problem("/type", code if "type" in read else "missing"))
        elif topic is not None and known.topic != topic:
            problems.append(Problem("/type", "other_topic"))
        return known


def _refused(pointer: str, code: Code) -> Refused:
    return Refused((Problem(pointer, code),))


def _check_fixed(read: dict[str, Any], problems: list[Problem]) -> None:
    """Check the members that can say one thing only."""
    if read.get("specversion") != "1.0":
        problems.append(Problem("/specversion", "bad_format" if "specversion" in read else "missing"))
    if read.get("datacontenttype", "application/json") != "application/json":
        problems.append(Problem("/datacontenttype", "bad_format"))
    if "data_base64" in read:
        problems.append(Problem("/data_base64", "data_base64"))


def _any(value: Any, _problems: list[Problem]) -> Any:
    return value


def _member(read: dict[str, Any], name: str, check: Check, problems: list[Problem]) -> Any:
    if name in read:
        return check(read[name], problems)
    problems.append(Problem(f"/{name}", "missing"))
    return None


def _across(event: e.Event) -> list[Problem]:
    """Check the rules that hold between members (contract, sections 1 and 3, R13)."""
    problems: list[Problem] = []
    data = event.data
    if isinstance(data, _HOUSEHOLDS) and data.adults + data.children < 1:
        problems.append(Problem("/data", "no_household"))
    if isinstance(data, e.FallbackStarted) and not _evident(data.evidence):
        problems.append(Problem("/data/evidence", "inconsistent_evidence"))
    if isinstance(data, e.DemandCorrection) and sum(key is not None for key in (data.search, data.fallback, data.entry)) != 1:
        problems.append(Problem("/data", "not_exactly_one_key"))
    if _named(data, event.subject) != event.subject:
        problems.append(Problem("/subject", "mismatch"))
    return problems


def _named(data: Any, subject: str) -> str:
    """Return the shelter, or of a demand event the region, that the data name; the subject where they name none."""
    return getattr(data, "shelter", None) or getattr(data, "region", None) or subject


def _evident(evidence: e.Evidence) -> bool:
    counted = (evidence.free_nationally, evidence.fitting_nationally, evidence.fitting_excluded_for_safety, evidence.unknown_units)
    return evidence.status == "complete" or not (any(counted) or evidence.view)


def key_of(event: e.Event) -> str:
    """Return the Kafka key of an event: its shelter, or the id of the search, fallback or entry."""
    data = event.data
    if isinstance(data, e.DEMAND_EVENTS):
        return e.demand_key(data) or ""  # type: ignore[arg-type]  # DEMAND_EVENTS are the members of DemandData
    return event.subject


def encode(event: e.Event) -> bytes:
    """Write an event in its one canonical form; extension attributes do not survive, whatever they held."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "type": e.TYPE_NAMES[type(event.data)],
            "subject": event.subject,
            "time": instants.show(event.time),
            "datacontenttype": "application/json",
            "data": plain(event.data),
        }
    )


def plain(data: Any) -> dict[str, Any]:
    """Turn the data of an event into JSON values; what may be left out and is unset, is."""
    writers = _writers(type(data))
    return {name: write(value) if write else value for name, default, write in writers if (value := getattr(data, name)) is not default}


_REQUIRED = object()  # no value is this one
_Writer = tuple[str, Any, Callable[[Any], Any] | None]
_WRITERS: dict[type, list[_Writer]] = {}


def _writers(shape: type) -> list[_Writer]:
    if shape not in _WRITERS:
        needed = set(checks.required(shape))
        _WRITERS[shape] = [
            (field.name, _REQUIRED if field.name in needed else field.default, _writer(checks.rule_of(shape, field.name)))
            for field in fields(shape)
        ]
    return _WRITERS[shape]


def _writer(rule: v.Rule) -> Callable[[Any], Any] | None:
    """Say how a value is turned into JSON; None for one that is JSON already."""
    match rule:
        case v.Moment():
            return instants.show
        case v.ListOf():
            return list
        case v.Members():
            return plain
        case _:
            return None
