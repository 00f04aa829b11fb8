"""The recorded logs, as Kafka records and as the state they must give. The shared ones stand beside the repository."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("PLEK_SHARED", Path(__file__).parents[2] / "shared"))
PACKAGED = Path(__file__).parents[1] / "services" / "local" / "week.jsonl"


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a tape: key, value, and the broker's clock in milliseconds where the tape has it."""

    key: bytes
    value: bytes
    timestamp: int | None = None


def load(name: str) -> list[Line]:
    """Read a shared tape; skips the test when the shared folder is not there."""
    path = SHARED / "tapes" / f"{name}.jsonl"
    if not path.exists():
        pytest.skip("the shared tapes are not beside the repository")
    return [_line(json.loads(text)) for text in path.read_text("utf-8").splitlines()]


def expected(name: str) -> Any:
    """Read what a shared tape must give."""
    return json.loads((SHARED / "tapes" / f"{name}.expected.json").read_text("utf-8"))


def _line(read: dict[str, Any]) -> Line:
    value = read["raw"] if "raw" in read else json.dumps(read["event"])
    return Line(read["key"].encode(), value.encode(), round(read["ts"] * 1000) if "ts" in read else None)
