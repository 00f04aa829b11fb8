"""Tapes in the JSON-lines form of the shared ones: read from a file, played as records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.reference.log import Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def load(path: Path) -> list[dict[str, Any]]:
    """Read the lines of a tape."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def to_ms(seconds: float) -> int:
    """Turn the seconds of a tape into the milliseconds of a broker."""
    return round(seconds * 1_000)


def record(line: dict[str, Any]) -> Record:
    """Turn a line into the record it stands for; `raw_hex` and `key_hex` hold bytes that are no text, a null `raw` is a tombstone."""
    return Record(_key(line), _value(line), to_ms(line.get("ts", 0)), line.get("partition", 0))


def records(lines: Iterable[dict[str, Any]]) -> list[Record]:
    """Turn a tape into records."""
    return [record(line) for line in lines]


def _key(line: dict[str, Any]) -> bytes | None:
    if "key_hex" in line:
        return bytes.fromhex(line["key_hex"])
    return None if line["key"] is None else str(line["key"]).encode()


def _value(line: dict[str, Any]) -> bytes | None:
    if "event" in line:
        return json.dumps(line["event"], separators=(",", ":"), ensure_ascii=True).encode()
    if "raw_hex" in line:
        return bytes.fromhex(line["raw_hex"])
    return None if line["raw"] is None else str(line["raw"]).encode()
