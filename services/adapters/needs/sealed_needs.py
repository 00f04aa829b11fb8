"""Seals the need of a search or a fallback with a key, and opens it: version 2 of both events (contract, section 3).

Guarantees: a ciphertext opens for its own case only; its length says nothing of what a worker stated. Nothing here stores or logs.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, assert_never

import orjson

from services.adapters.codec.event_codec import plain
from services.adapters.needs.ciphertext import decrypt, encrypt
from services.adapters.needs.need_keys import NeedKey
from services.domain.events import catalog as e
from services.domain.events import value_types as v

# Holds all that the form of a search takes: a test states the longest. A longer one, which none writes, takes a multiple
_SIZE: Final = 640

StartKind = Literal["search", "fallback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedNeed:
    """What a worker stated: what the household needs, and where it must not go; in a fallback no region is excluded."""

    need: e.Need
    exclude_regions: v.ExcludedRegions = ()


def sealed_start(start: e.SearchMade | e.FallbackStarted, key: NeedKey) -> e.SearchMadeSealed | e.FallbackStartedSealed:
    """Return version 2 of a start."""
    match start:
        case e.SearchMade():
            stated = StatedNeed(need=start.need, exclude_regions=start.exclude_regions)
            return e.SearchMadeSealed(
                search=start.search,
                region=start.region,
                adults=start.adults,
                children=start.children,
                sealed=seal("search", start.search, stated, key),
                fitting_units=start.fitting_units,
                offers=start.offers,
                view=start.view,
                again_of=start.again_of,
            )
        case e.FallbackStarted():
            return e.FallbackStartedSealed(
                fallback=start.fallback,
                region=start.region,
                accommodation=start.accommodation,
                adults=start.adults,
                children=start.children,
                sealed=seal("fallback", start.fallback, StatedNeed(need=start.need), key),
                reason=start.reason,
                evidence=start.evidence,
                occurred_at=start.occurred_at,
            )
        case _:
            assert_never(start)


def seal(kind: StartKind, case: str, stated: StatedNeed, key: NeedKey) -> e.SealedNeed:
    """Seal the need of a case."""
    text = orjson.dumps(plain(stated))
    # JSON may end in blanks
    padded = text.ljust(-(-len(text) // _SIZE) * _SIZE)
    return e.SealedNeed(key=key.id, text=encrypt(key.secret, padded, _about(kind, case, key.id)))


def open_need(kind: StartKind, case: str, text: str, key: NeedKey) -> StatedNeed | None:
    """Return what was sealed with a key for a case; None for a ciphertext that is another's, or was changed."""
    opened = decrypt(key.secret, text, _about(kind, case, key.id))
    if opened is None:
        return None
    read = orjson.loads(opened)
    return StatedNeed(need=need_of(read["need"]), exclude_regions=tuple(read.get("exclude_regions", ())))


def need_of(members: dict[str, Any]) -> e.Need:
    """Return a need that was written as JSON."""
    read: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in members.items()}
    return e.Need(**read)


def _about(kind: StartKind, case: str, key: str) -> str:
    return f"{kind}/{case}/{key}"
