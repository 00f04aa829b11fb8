"""Events of a shelter as CloudEvents (docs/contract.md, sections 1 and 3): their envelope, their ids and their times."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

_SECOND_NS: Final = 1_000_000_000
_SHELTER: Final = re.compile("[a-z0-9-]{1,40}")
# Half of what the gateway takes in one request
LARGEST_BYTES: Final = 524_288


class StoredEvent(NamedTuple):
    """What names an event that is on disk: keep it to undo the event, and the stay of an admission to end the stay."""

    shelter: str
    source: str
    id: str
    stay: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An event but for its time, which it gets when it is stored. `given` holds attributes that the caller has set."""

    shelter: str
    source: str
    id: str
    type: str
    data: Mapping[str, Any]
    given: Mapping[str, Any]

    def write(self, time_ns: int) -> bytes:
        """Return the event as JSON, recorded at a time (ns since 1970) unless the caller has set another one."""
        event = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.shelter,
            "time": show_time(time_ns),
            **self.given,
            "data": self.data,
        }
        written = json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        if len(written) > LARGEST_BYTES:
            raise ValueError(f"an event has at most {LARGEST_BYTES} bytes")
        return written


def show_time(time_ns: int) -> str:
    """Return a time (ns since 1970) in UTC with microseconds, after RFC 3339."""
    seconds, rest = divmod(time_ns, _SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1_000:06d}Z"


def show_moment(moment: datetime) -> str:
    """Return a moment after RFC 3339; ValueError where it has no time zone: nothing says which moment it is."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a time zone: datetime.now(UTC), or .astimezone() for the zone of this machine")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def event_id(secret: bytes, key: str | None, *scope: str) -> str:
    """Return a new id, or for a key of the caller's the same one each time, from which the key can't be found."""
    if key is None:
        return str(uuid4())
    digest = hmac.digest(secret, json.dumps([*scope, key]).encode(), hashlib.sha256)
    return str(UUID(bytes=digest[:16], version=4))


def data_of(**members: Any) -> dict[str, Any]:
    """Return the data of an event: the members that are not None, moments in writing."""
    return {name: show_moment(value) if isinstance(value, datetime) else value for name, value in members.items() if value is not None}


def read_event(event: Mapping[str, Any], source_of: str) -> Envelope:
    """Return an event that the caller has made; ValueError where it names no shelter or no type. `source_of` is the desk of this system."""
    data, name = event.get("data"), event.get("type")
    shelter = event.get("subject") or (data.get("shelter") if isinstance(data, Mapping) else None)
    if not isinstance(shelter, str) or not _SHELTER.fullmatch(shelter) or not isinstance(name, str) or not isinstance(data, Mapping):
        raise ValueError("an event has a type, data, and its shelter as the subject")
    source, name_of_event = str(event.get("source") or source_of_shelter(shelter, source_of)), str(event.get("id") or uuid4())
    given = {attribute: value for attribute, value in event.items() if attribute != "data"}
    return Envelope(shelter=shelter, source=source, id=name_of_event, type=name, data=data, given=given)


def source_of_shelter(shelter: str, desk: str) -> str:
    """Return the source of a shelter's own events, by which Plek knows when the shelter was last heard of (contract, R9)."""
    if not _SHELTER.fullmatch(shelter):
        raise ValueError("the id of a shelter is 1 to 40 of a-z, 0-9 and -")
    return f"urn:plek:shelter:{shelter}:{desk}"
