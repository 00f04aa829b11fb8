"""The offers of the last search, so that one can be held by its number. Only their owner can read the file: an offer is worth a place."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from services.adapters.settings import Settings
from services.local.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Kept:
    """Who searched, for a desk of which region, and what she was offered; `key` makes each hold the same however often it is asked for."""

    subject: str
    region: str
    key: str
    search: str
    offers: tuple[str, ...]

    @classmethod
    def of(cls, subject: str, region: str, found: dict[str, Any], calls: list[dict[str, Any]]) -> Self:
        """Take them from an answer: those to hold, then those to call first."""
        offers = [offer["offer"] for offer in (*found["offers"], *calls) if offer["offer"]]
        return cls(subject, region, str(uuid4()), found["search"], tuple(offers))

    def number(self, number: int) -> str:
        """Return an offer by its number. Raises Trouble."""
        if not 1 <= number <= len(self.offers):
            raise Trouble(f"The last search has {len(self.offers)} offers; `plek find` makes new ones", code=2)
        return self.offers[number - 1]


def keep(data: Path | None, kept: Kept) -> None:
    """Write them down, for the owner of the directory alone."""
    file = _file(data)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(kept)))


def last(data: Path | None) -> Kept:
    """Read them. Raises Trouble when nobody has searched."""
    try:
        read = json.loads(_file(data).read_text())
        return Kept(**read | {"offers": tuple(read["offers"])})
    except (OSError, ValueError, TypeError, KeyError) as none:
        raise Trouble("Nobody has searched here yet: plek find 1+2") from none


def _file(data: Path | None) -> Path:
    return (data or Settings().data) / "offers.json"
