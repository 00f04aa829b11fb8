"""One record of a truth topic: an event, a refusal with its reason, or a reason to stop. Contract, sections 1 to 3 and R13.

Written a second time, from the contract alone, for obviousness: it shares nothing with the product.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from tests.reference.shapes import BEDS, DEMAND, DEMAND_IDS, VERSION_2

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.reference.shapes import Shape

# Codes are never removed from the region file; a test compares this list with it.
REGIONS: Final = frozenset(f"R{number:02}" for number in range(1, 36))
TOPICS: Final[Mapping[str, Mapping[str, Shape]]] = {"beds": BEDS, "demand": DEMAND}

# A number with a fraction or an exponent: legal in an ignored attribute, never equal to a value that is allowed elsewhere.
NOT_AN_INTEGER: Final = object()

TYPE: Final = re.compile(r"nl\.plek\.([a-z-]+)\.v([1-9][0-9]*)")
EVENT_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
SOURCE: Final = re.compile(r"urn:plek:[a-z0-9:-]{1,80}")
TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))",
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A valid event; instants are whole nanoseconds since 1970, `occurred_at` is `time` where it was left out."""

    name: str
    id: str
    source: str
    key: str
    time: int
    occurred_at: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Refused:
    """A record for the dead letters, and why."""

    reason: str


@dataclass(frozen=True)
class Stop:
    """A type of this topic in a version above those known: the partition stops here, loudly."""

    type: str


class _RefusalError(Exception):
    """The first rule that a record breaks."""


def parse(value: bytes | None, key: bytes | None, topic: str, regions: Collection[str] = REGIONS) -> Event | Refused | Stop:
    """Read one record of the topic `beds` or `demand`."""
    try:
        envelope = _object(value)
        version = _version(envelope.get("type"), TOPICS[topic])
        if version is not None and version not in _known(envelope["type"]):
            return Stop(envelope["type"])
        return _event(envelope, key, topic, regions)
    except _RefusalError as refusal:
        return Refused(str(refusal))


def instant(text: Any) -> int | None:
    """Nanoseconds since 1970 of a time as section 1 wants it written, else None."""
    match = TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, sign, offset_hours, offset_minutes = match.groups()[6:]
    offset = _offset(sign, offset_hours, offset_minutes)
    days = _days(year, month, day)
    if offset is None or days is None or hour > 23 or minute > 59 or second > 59:
        return None
    seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60
    return seconds * 1_000_000_000 + int((fraction or "0").ljust(9, "0"))


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> int | None:
    """Minutes east of UTC, at most 14 hours either way."""
    if sign is None or hours is None or minutes is None:
        return 0
    size = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or size > 14 * 60:
        return None
    return -size if sign == "-" else size


def _days(year: int, month: int, day: int) -> int | None:
    """Days since 1970-01-01 of a date that exists, in the years 1970 to 9999 as they are written."""
    try:
        return date(year, month, day).toordinal() - date(1970, 1, 1).toordinal() if year >= 1970 else None
    except ValueError:
        return None


def _object(value: bytes | None) -> dict[str, Any]:
    """Read a JSON object in UTF-8; of a repeated member the last counts."""
    if value is None:
        raise _RefusalError("tombstone")
    try:
        parsed = json.loads(value.decode("utf-8"), parse_constant=_no_constant, parse_float=_no_integer, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise _RefusalError("not_json") from error
    if not isinstance(parsed, dict):
        raise _RefusalError("not_an_object")
    return parsed


def _no_constant(text: str) -> Any:
    """Refuse NaN and the infinities: they are not JSON."""
    raise ValueError(text)


def _no_integer(_text: str) -> Any:
    """Stand for a number that is no integer as it is written."""
    return NOT_AN_INTEGER


def _integer(text: str) -> Any:
    """Read an integer; one of thousands of digits is legal JSON, and out of every range of the contract."""
    return int(text) if len(text) <= 20 else NOT_AN_INTEGER


def _version(kind: Any, topic: Mapping[str, Shape]) -> str | None:
    """Return the version of a type of this topic, None for any other type."""
    match = TYPE.fullmatch(kind) if isinstance(kind, str) else None
    return match[2] if match and match[1] in topic else None


def _known(kind: str) -> tuple[str, ...]:
    """Return the versions there are of a type."""
    return ("1", "2") if kind.split(".")[2] in VERSION_2 else ("1",)


def _event(envelope: dict[str, Any], key: bytes | None, topic: str, regions: Collection[str]) -> Event:
    """Check every rule of sections 1 to 3 that holds when the log is read."""
    _check_envelope(envelope)
    if _version(envelope.get("type"), TOPICS[topic]) is None:
        raise _RefusalError("type")
    name = TYPE.fullmatch(envelope["type"])[1]  # type: ignore[index]  # _version has just matched it
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise _RefusalError("data")
    shapes = VERSION_2 if envelope["type"].endswith(".v2") else TOPICS[topic]
    _check_data(data, shapes[name], regions)
    _check_key(envelope.get("subject"), data, key, topic, regions)
    time = instant(envelope["time"]) or 0
    occurred_at = instant(data["occurred_at"]) if "occurred_at" in data else time
    return Event(
        name=name,
        id=envelope["id"],
        source=envelope["source"],
        key=(key or b"").decode(),
        time=time,
        occurred_at=occurred_at or 0,
        data=data,
    )


def _check_envelope(envelope: dict[str, Any]) -> None:
    """Section 1: the attributes; unknown ones are ignored, whatever they hold."""
    if envelope.get("specversion") != "1.0":
        raise _RefusalError("specversion")
    if not _matches(EVENT_ID, envelope.get("id")):
        raise _RefusalError("id")
    if not _matches(SOURCE, envelope.get("source")):
        raise _RefusalError("source")
    if instant(envelope.get("time")) is None:
        raise _RefusalError("time")
    if envelope.get("datacontenttype", "application/json") != "application/json":
        raise _RefusalError("datacontenttype")
    if "data_base64" in envelope:
        raise _RefusalError("data_base64")


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _check_data(data: dict[str, Any], shape: Shape, regions: Collection[str]) -> None:
    """Sections 1 and 3: all members that are required, none that is not known, each with a value that is allowed."""
    for member in shape.required:
        if member not in data:
            raise _RefusalError(f"data.{member} missing")
    for member, value in data.items():
        check = shape.members.get(member)
        if check is None:
            raise _RefusalError("data has another member")
        if not check(value, regions, instant):
            raise _RefusalError(f"data.{member}")
    if shape.whole is not None and not shape.whole(data):
        raise _RefusalError("data contradicts itself")


def _check_key(subject: Any, data: dict[str, Any], key: bytes | None, topic: str, regions: Collection[str]) -> None:
    """R13: who the event is about is said three times, and three times the same."""
    if key is None:
        raise _RefusalError("no_key")
    if not isinstance(subject, str):
        raise _RefusalError("subject")
    if topic == "beds":
        same = key == data["shelter"].encode() and subject == data["shelter"]
    else:
        same = (
            any(key == data[member].encode() for member in _own_id(data)) and subject == data.get("region", subject) and subject in regions
        )
    if not same:
        raise _RefusalError("key, subject and data differ")


def _own_id(data: dict[str, Any]) -> list[str]:
    """Name the member that is the id of a demand event; its shape allows exactly one."""
    return [member for member in DEMAND_IDS if member in data]
