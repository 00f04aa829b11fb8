"""Small JSON files in the data directory that only their owner can read: what a verb keeps for the next one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services.adapters.config.settings import Settings


def write(data: Path | None, name: str, document: Any) -> None:
    """Write a document whole, with mode 0600 from its first byte; without a data directory, into that of the settings."""
    file = (data or Settings().data) / name
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_name(f"{file.name}.new")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(json.dumps(document))
    part.replace(file)


def read(data: Path | None, name: str) -> Any:
    """Return a document; None where there is none that can be read."""
    try:
        return json.loads(((data or Settings().data) / name).read_text())
    except (OSError, ValueError):
        return None
