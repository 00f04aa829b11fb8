"""Searches and offers as their caller keeps them: sealed, so that only these services can read them, and for that caller alone.

Guarantees: an offer names its shelter in the sealed text and nowhere else, and its length does not depend on the shelter.
"""

from dataclasses import dataclass, fields
from typing import Any, Final

from services.adapters.http.sealed_tokens import SealedTokens
from services.domain.durations import HOUR_MS
from services.domain.events.catalog import Need
from services.domain.search.matching import SearchCriteria

# Long enough to talk it over with the household; what was free then is old.
OFFER_MS: Final = 600_000
# A household is somewhere by the next night, or has been searched for again.
SEARCH_MS: Final = 24 * HOUR_MS
# Contract, section 1
_LONGEST_ID: Final = 40


@dataclass(frozen=True, slots=True)
class SearchToken:
    """A search that was made: by which caller (a pseudonym), for a desk of which region, and until when it may be gone on with (ms).

    `root` is the first search of its chain (itself, where it begins one), `household` what households are compared by (`pseudonyms.py`).
    """

    search: str
    region: str
    asked_by: str
    until: int
    root: str
    household: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A shelter offered for what was asked, to be held until an instant (ms)."""

    shelter: str
    of: SearchToken
    until: int
    ask: SearchCriteria
    near: str | None


def seal_search(seals: SealedTokens, search: SearchToken) -> str:
    """Return a search as its caller keeps it."""
    return seals.seal("search", _values(search))


def open_search(seals: SealedTokens, text: str, asked_by: str, now: int) -> SearchToken | None:
    """Read a sealed search; None when it is another caller's, over, or none."""
    search = _search(seals.open("search", text))
    return search if search and search.asked_by == asked_by and now < search.until else None


def seal_offer(seals: SealedTokens, offer: Offer) -> str:
    """Return an offer as its caller keeps it."""
    ask, need = offer.ask, offer.ask.need
    wanted = [need.kinds, need.features, need.men, need.oldest_son_age, need.security, need.services, need.languages]
    # As long as the longest id: else the length of an offer would disclose the shelter
    shelter = offer.shelter.ljust(_LONGEST_ID)
    return seals.seal("offer", [shelter, _values(offer.of), offer.until, offer.near, ask.adults, ask.children, ask.exclude_regions, wanted])


def open_offer(seals: SealedTokens, text: str, asked_by: str) -> Offer | None:
    """Read a sealed offer, over or not; None when it is another caller's, or none."""
    read = seals.open("offer", text)
    if not read:
        return None
    shelter, made, until, near, adults, children, excluded, wanted = read
    kinds, features, men, oldest, security, services, languages = wanted
    need = Need(
        kinds=tuple(kinds),
        features=tuple(features),
        men=men,
        oldest_son_age=oldest,
        security=security,
        services=tuple(services),
        languages=tuple(languages),
    )
    search = _search(made)
    ask = SearchCriteria(adults=adults, children=children, need=need, exclude_regions=tuple(excluded))
    return Offer(shelter=shelter.rstrip(), of=search, until=until, ask=ask, near=near) if search and search.asked_by == asked_by else None


def _values(search: SearchToken) -> list[Any]:
    return [search.search, search.region, search.asked_by, search.until, search.root, search.household]


def _search(read: list[Any] | None) -> SearchToken | None:
    """Return a search that was sealed; None for one that an older version sealed in another form: it is over, as if a day had passed."""
    return SearchToken(*read) if read and len(read) == len(fields(SearchToken)) else None
