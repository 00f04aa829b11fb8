"""Ids of what is brought in: a keyed hash of a row's own content, so that the same row has the same ids in every file and on every machine.

Guarantees: the key is the shelter's, and the gateway derives it from the operator's secret; who lacks it can't compute an id from a date.
What a stay is called does not depend on its end, on its destination, or on where its row stands; an event's id depends on all that it says.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ImportIds:
    """Makes ids; `key` returns the key of a shelter."""

    key: Callable[[str], bytes]

    def make(self, shelter: str, noun: str, *words: str) -> str:
        """Return the id of one thing of a shelter: a UUID of the contract's form."""
        digest = hmac.digest(self.key(shelter), "\0".join((noun, *words)).encode(), "sha256")
        return str(UUID(bytes=digest[:16], version=4))
