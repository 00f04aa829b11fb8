"""The last search of this data directory: its criteria and its offers, so that an offer can be held by its number.

Only the owner can read the file, because an offer gives a right to a place. It names no person: it has numbers and needs.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

from services.adapters.clock import now_ms
from services.cli.clients import private_file
from services.cli.options.household import HOUSEHOLD
from services.local.user_error import UserError

_FILE: Final = "offers.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSearch:
    """A search with its offers; `key` makes a hold of an offer the same one however often it is requested.

    `subject` is the worker, `region` that of their desk. The offers can be held until `offers_until`. `more` is how much more fits, as the
    API answered at `asked_at` (ms). `ended` is the outcome, as far as it is known here.
    """

    subject: str
    region: str | None
    search: str
    criteria: dict[str, Any] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    made_at: int = 0
    asked_at: int = 0
    more: str = "unknown"
    offers_until: str | None = None
    key: str = field(default_factory=lambda: str(uuid4()))
    ended: str | None = None

    def with_answer(self, answer: dict[str, Any]) -> Self:
        """Return the search with the offers of an answer: those to hold, then those to call first that can be held."""
        calls = answer.get("call_first", {}).get("listed") or ()
        return replace(
            self,
            search=answer["search"],
            asked_at=now_ms(),
            more=answer.get("more", "unknown"),
            offers=tuple(offer["offer"] for offer in (*answer["offers"], *calls) if offer["offer"]),
            offers_until=answer.get("offers_until"),
            key=str(uuid4()),
        )

    def with_offers_of(self, before: LastSearch) -> Self:
        """Return the search; where it has no offers, with those before it that can still be held by their numbers."""
        if self.offers or not before.can_hold(self.asked_at):
            return self
        return replace(self, offers=before.offers, key=before.key, offers_until=before.offers_until)

    def can_hold(self, now: int) -> bool:
        """Return whether there are offers that can be held at `now` (ms)."""
        until = datetime.fromisoformat(self.offers_until).timestamp() if self.offers_until else 0
        return bool(self.offers) and now < until * 1_000

    def is_same_household(self, other: LastSearch) -> bool:
        """Return whether worker, region of the desk, adults, men, children and age of the oldest son are the same."""
        is_same = all(self.criteria.get(member) == other.criteria.get(member) for member in HOUSEHOLD)
        return is_same and (self.subject, self.region) == (other.subject, other.region)

    def offer(self, number: int) -> str:
        """Return an offer by its number, from 1 on. Raises UserError."""
        if not 1 <= number <= len(self.offers):
            raise UserError(f"The last search has {len(self.offers)} offers; `plek find` makes new ones", code=2)
        return self.offers[number - 1]

    @property
    def household(self) -> str:
        """The household as it is typed, such as 1+2."""
        return f"{self.criteria.get('adults', 0)}+{self.criteria.get('children', 0)}"


def save_search(data: Path | None, search: LastSearch) -> None:
    """Write the last search, readable by the owner alone."""
    private_file.write(data, _FILE, asdict(search))


def require_search(data: Path | None) -> LastSearch:
    """Return the last search. Raises UserError when no search was made."""
    search = read_search(data)
    if search is None:
        raise UserError("No search has been made here yet: plek find 1+2")
    return search


def read_search(data: Path | None) -> LastSearch | None:
    """Return the last search; None when no search was made."""
    try:
        document = private_file.read(data, _FILE)
        search = LastSearch(**document | {"offers": tuple(document["offers"])})
    except (TypeError, KeyError):
        return None
    # An earlier version wrote households in another form, which the API no longer reads
    return None if "women" in search.criteria else search


def save_outcome(data: Path | None, outcome: str) -> None:
    """Write how the last search ended."""
    search = read_search(data)
    if search is not None:
        save_search(data, replace(search, ended=outcome))
