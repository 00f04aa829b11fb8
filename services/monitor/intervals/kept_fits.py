"""What is kept of the need of a fallback when its key is destroyed: whether what became free soon after it would have taken the household.

Guarantees: no need and no part of one is kept, only for a fallback and an offer of a unit that became free within two hours whether they
fitted. Written before its key is destroyed, a result can't be made again: the file is replaced in one rename, and only what the log has
forgotten is taken out.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import orjson

from services.monitor.whole_files import replace_file

RULE: Final = 1
"""The version of the rule by which a household fits (`domain/search/matching.py`): raised with it, it leaves earlier results unread."""
SEALED_PREFIX: Final = '{"key":"'
"""How the need of a fallback begins in the tables where it is sealed."""
_KEY_LENGTH: Final = 19
_DIGEST: Final = 12


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the household of a fallback, by one statement of its need, fits an offer (JSON as `row_types.offer_json` writes it)."""

    fallback: str
    need: str
    offer: str
    fits: bool


@dataclass(frozen=True, slots=True)
class KeptFits:
    """The results that are kept, by fallback, and by the digest of a statement of its need and of an offer."""

    by_fallback: dict[str, dict[str, bool]] = field(default_factory=dict)

    def get(self, fallback: str, need: str, offer: str) -> bool | None:
        """Return a result; None where none is kept."""
        return self.by_fallback.get(fallback, {}).get(_name(need, offer))

    def any_of(self, fallback: str) -> bool | None:
        """Return whether any offer that was looked at took the household of a fallback; None where none was."""
        found = self.by_fallback.get(fallback)
        return any(found.values()) if found else None


def key_of_need(need: str) -> str | None:
    """Return the id of the key of a need of the tables; None where it is not sealed."""
    begin = len(SEALED_PREFIX)
    return need[begin : begin + _KEY_LENGTH] if need.startswith(SEALED_PREFIX) else None


def read(file: Path) -> KeptFits:
    """Read the results of this rule; none where there is no file. ValueError for a file that was changed."""
    return KeptFits(_read(file).get(str(RULE), {}))


def keep(file: Path, found: Iterable[Fit]) -> None:
    """Add results to those that are kept."""
    every = _read(file)
    kept = every.setdefault(str(RULE), {})
    for fit in found:
        kept.setdefault(fit.fallback, {})[_name(fit.need, fit.offer)] = fit.fits
    replace_file(file, _bytes(every))


def keep_only(file: Path, fallbacks: Collection[str]) -> None:
    """Remove the results of all other fallbacks: the log no longer holds them."""
    every = _read(file)
    left = {rule: {name: fits for name, fits in kept.items() if name in fallbacks} for rule, kept in every.items()}
    if left != every:
        replace_file(file, _bytes(left))


def _bytes(every: dict[str, dict[str, dict[str, bool]]]) -> bytes:
    return orjson.dumps(every, option=orjson.OPT_SORT_KEYS)


def _read(file: Path) -> dict[str, dict[str, dict[str, bool]]]:
    try:
        read: Any = orjson.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    return dict(read)


def _name(need: str, offer: str) -> str:
    """Return the name of a pair: digests, from which neither the ciphertext nor the offer can be read."""
    return f"{_digest(need)}/{_digest(offer)}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=_DIGEST).hexdigest()
