"""Searches the audit log backwards, the newest record first. Bounded in time and memory: a result says how far back it has looked.

The log has an index of times alone, so a search by person or object reads records. It ends after a second or 50,000 records, and the next
search goes on where it ended: nothing is left out in between.
"""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from services.adapters.audit.hash_chain import ChainLink
from services.adapters.audit.reader import AuditLog
from services.adapters.audit.records import Happening
from services.adapters.clock import Stopwatch

# A person waits for it, and other requests of the process wait for its blocks
_LONGEST_S: Final = 1.0
# Some 25 MB of records: more is never read for one answer, however fast the log is
MOST_READ: Final = 50_000


def _is_object(record: dict[str, Any], searched: str) -> bool:
    return any(searched == each.get("id") for each in record.get("objects", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """What is searched for: each member that is set must fit. Times (ms) are those at which the log took a record."""

    user: str | None = None
    object: str | None = None
    event: Happening | None = None
    since: int = 0
    until: int | None = None
    hidden: frozenset[Happening] = frozenset()
    """Events that are no part of the result."""
    is_object: Callable[[dict[str, Any], str], bool] = _is_object
    """Whether what is searched for is an object of a record, as the one who searches sees it."""

    def fits(self, link: ChainLink) -> bool:
        """Return whether a record is searched for; bytes are compared first, as most records are not.

        Not those of the object: how long a search takes would show whether an id stands behind a pseudonym.
        """
        texts = (text for text in (self.user, self.event) if text is not None)
        return all(text.encode() in link.value for text in texts) and self._is(read_record(link))

    def _is(self, record: dict[str, Any] | None) -> bool:
        if record is None or record.get("event") in self.hidden:
            return False
        is_other = self.user not in (None, record.get("user")) or self.event not in (None, record.get("event"))
        return not is_other and (self.object is None or self.is_object(record, self.object))


@dataclass(slots=True)
class AuditFinds:
    """What was found, the newest first. `next` is the offset below which nothing was looked at yet; None where all was.

    `reached` is when (ms) the log took the oldest record that was looked at; None where there was none.
    """

    records: list[ChainLink] = field(default_factory=list)
    next: int | None = None
    reached: int | None = None


async def search(log: AuditLog, query: AuditQuery, before: int | None, most: int, seconds: Stopwatch) -> AuditFinds:
    """Read backwards from below an offset until `most` records are found, or a bound is reached; LogUnavailableError."""
    finds, began, read = AuditFinds(), seconds(), 0
    async with aclosing(log.back(before, query.since, query.until)) as blocks:
        async for block in blocks:
            for link in reversed(block):
                finds.next, finds.reached = link.offset, link.time
                if query.fits(link):
                    finds.records.append(link)
                if len(finds.records) >= most:
                    return finds
            read += len(block)
            if finds.next and (read >= MOST_READ or seconds() - began >= _LONGEST_S):
                return finds
    finds.next = None
    return finds


def read_record(link: ChainLink) -> dict[str, Any] | None:
    """Return a record as JSON has it; None for what is no JSON object, which is no record of Plek, as `plek audit verify` says."""
    try:
        value = orjson.loads(link.value)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
