"""What an answer to `POST /v1/events` means for the events that were sent: in the log, refused, to be asked apart, or to be sent again.

Law: an event leaves the file only for an answer in the form of the contract. Whatever a proxy, a portal or a wrong address answers is as
good as no answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from json import loads
from typing import Any, Final

# A server that names a later time than this is not waited for longer: an hour late is late enough
_LONGEST_WAIT_S: Final = 3_600.0
_PROBLEM: Final = "urn:plek:problem:"


@dataclass(frozen=True, slots=True)
class Settled:
    """Of each event whether it is in the log; `refused` has the reasons of those that are not, `warnings` codes, both by index."""

    refused: Mapping[int, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    warnings: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class RefusedAsWhole:
    """The request was refused and nothing of it is in the log: which event is why can be found only by sending each apart."""

    status: int
    reasons: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing is known, or nothing was taken: send the same again. `fault` is an error inside Plek, which one event may cause."""

    why: str
    wait_s: float = 0.0
    fault: bool = False


Answer = Settled | RefusedAsWhole | Unanswered


def read_answer(status: int, headers: Mapping[str, str], body: bytes, count: int, now: Callable[[], datetime]) -> Answer:
    """Return what an answer means for `count` events."""
    said = _object(body)
    events, kind = _outcomes(said, count), str(said.get("type", "")).removeprefix(_PROBLEM)
    if status == 200 and events is not None and all(event["status"] == "accepted" for event in events):
        return Settled({}, _warnings(events))
    if (status, kind) == (400, "invalid") and events is not None:
        return Settled(_reasons(events, said.get("errors")), _warnings(events))
    if (status, kind) in {(400, "invalid"), (403, "forbidden"), (413, "too-large")}:
        return RefusedAsWhole(status, _errors(said.get("errors")) or [_reason(kind, said)])
    return Unanswered(f"status {status}", _retry_after(headers, now), fault=status == 500)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _outcomes(said: Mapping[str, Any], count: int) -> list[dict[str, Any]] | None:
    """Return the outcome of each event; None unless the answer has one for each."""
    events = said.get("events")
    if not isinstance(events, list) or len(events) != count:
        return None
    if not all(isinstance(event, dict) and event.get("status") in {"accepted", "refused"} for event in events):
        return None
    return events


def _errors(errors: Any) -> list[Mapping[str, Any]]:
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _reasons(events: Sequence[Mapping[str, Any]], errors: Any) -> dict[int, list[Mapping[str, Any]]]:
    """Return the reasons of each refused event; those that a long answer leaves out have their first code."""
    listed = _errors(errors)
    return {
        index: [error for error in listed if error.get("index") == index] or [{"code": event.get("code", "unknown")}]
        for index, event in enumerate(events)
        if event["status"] == "refused"
    }


def _reason(kind: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"code": kind, "because": said.get("because"), "detail": said.get("detail")}


def _warnings(events: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, str], ...]:
    return tuple((index, str(each.get("code"))) for index, event in enumerate(events) for each in _errors(event.get("warnings")))


def _retry_after(headers: Mapping[str, str], now: Callable[[], datetime]) -> float:
    """Return how long an answer asks to wait, in seconds; both forms of RFC 9110, section 10.2.3."""
    asked = headers.get("retry-after", "")
    if asked.isascii() and asked.isdigit():
        return min(float(asked), _LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return 0.0
    return min(max((until - now()).total_seconds(), 0.0), _LONGEST_WAIT_S) if until.tzinfo else 0.0
