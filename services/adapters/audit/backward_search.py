"""Searches the audit log backwards, the newest record first. Bounded in time and memory: a result says how far back it has looked.

The log has an index of times alone, so a search by person or object reads records. It ends after a second or 50,000 records, and the next
search goes on where it ended: nothing is left out in between.
"""

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

    def fits(self, link: ChainLink) -> bool:
        """Return whether a record is searched for; bytes are compared first, as most records are not."""
        texts = (text for text in (self.user, self.object, self.event) if text is not None)
        return all(text.encode() in link.value for text in texts) and self._is(read_record(link))

    def _is(self, record: dict[str, Any] | None) -> bool:
        if record is None or record.get("event") in self.hidden:
            return False
        is_object = self.object is None or any(self.object == each.get("id") for each in record.get("objects", ()))
        return is_object and self.user in (None, record.get("user")) and self.event in (None, record.get("event"))


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
