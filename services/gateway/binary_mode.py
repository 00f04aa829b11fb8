"""CloudEvents in binary mode: the attributes are headers, and the body is `data` (HTTP binding 1.0.3, Kafka binding 1.0.3).

Builds the envelope that structured mode would have carried, and checks nothing of it: the very same checks follow. An attribute that stands
in two headers is refused, for two readers could each take another one. Extension attributes are ignored, as everywhere, however often one
stands there.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import unquote

from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.codec.validation import FieldProblem

JSON: Final = "application/json"
ATTRIBUTES: Final = ("specversion", "id", "source", "type", "subject", "time")
"""The attributes that the contract reads; `datacontenttype` is the content type itself."""
_STRUCTURED: Final = "application/cloudevents"
_HTTP_PREFIX: Final = b"ce-"
_KAFKA_PREFIX: Final = "ce_"
_CONTENT_TYPE: Final = "content-type"
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)

Headers = Iterable[tuple[Any, bytes | None]]


def is_binary_request(headers: Iterable[tuple[bytes, bytes]], media_type: str) -> bool:
    """Return whether a request is in binary mode: JSON with attributes among its headers; `headers` have names in lower case."""
    return media_type == JSON and any(name.startswith(_HTTP_PREFIX) for name, _ in headers)


def read_request(headers: Iterable[tuple[bytes, bytes]], data: Any) -> dict[str, Any] | RefusedEvent:
    """Return the envelope of a request in binary mode; `headers` have names in lower case."""
    attributes = [(name.removeprefix(_HTTP_PREFIX).decode("latin-1"), value) for name, value in headers if name.startswith(_HTTP_PREFIX)]
    return _envelope(attributes, _http_value, JSON, data)


def is_binary_record(headers: Headers) -> bool:
    """Return whether a Kafka record is in binary mode: it has attributes among its headers, and no content type of a structured event."""
    stated = list(headers)
    structured = any(name == _CONTENT_TYPE and (value or b"").startswith(_STRUCTURED.encode()) for name, value in stated)
    return not structured and any(name.startswith(_KAFKA_PREFIX) for name, _ in stated)


def read_record(headers: Headers, data: Any) -> dict[str, Any] | RefusedEvent:
    """Return the envelope of a Kafka record in binary mode."""
    stated = list(headers)
    content_types = [value for name, value in stated if name == _CONTENT_TYPE]
    # Without one it is JSON, the only type of data there is; of two, neither is the right one
    content_type = _kafka_value(content_types[0]) if len(content_types) == 1 else JSON if not content_types else None
    media_type = (content_type or "").partition(";")[0].strip().lower()
    attributes = [(name.removeprefix(_KAFKA_PREFIX), value) for name, value in stated if name.startswith(_KAFKA_PREFIX)]
    return _envelope(attributes, _kafka_value, media_type, data)


def kept_headers(headers: Headers) -> tuple[tuple[str, bytes], ...]:
    """Return the headers that are part of an event in binary mode: its dead letter keeps them beside the bytes."""
    return tuple((name, value or b"") for name, value in headers if name == _CONTENT_TYPE or name.startswith(_KAFKA_PREFIX))


def _envelope(
    attributes: Iterable[tuple[str, bytes | None]], value_of: Callable[[bytes | None], str | None], media_type: str, data: Any
) -> dict[str, Any] | RefusedEvent:
    problems: list[FieldProblem] = []
    envelope: dict[str, Any] = {}
    for name, raw in attributes:
        if name not in ATTRIBUTES:
            continue
        value = value_of(raw)
        if name in envelope:
            problems.append(FieldProblem(f"/{name}", "repeated_header"))
        elif value is None:
            problems.append(FieldProblem(f"/{name}", "bad_format"))
        envelope[name] = value
    return RefusedEvent(tuple(dict.fromkeys(problems))) if problems else envelope | {"datacontenttype": media_type, "data": data}


def _http_value(raw: bytes | None) -> str | None:
    """Return the value of a header: quotes removed, then percent-decoded once (HTTP binding, 3.1.3.2); None when it can't be."""
    try:
        text = (raw or b"").decode("ascii")
        quoted = _QUOTED.fullmatch(text)
        return unquote(_ESCAPED.sub(r"\1", quoted[1]) if quoted else text, errors="strict")
    except UnicodeDecodeError:
        return None


def _kafka_value(raw: bytes | None) -> str | None:
    """Return the value of a header: UTF-8, never percent-encoded (Kafka binding, 3.2.3)."""
    try:
        return None if raw is None else raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
