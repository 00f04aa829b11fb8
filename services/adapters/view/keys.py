"""Every Redis key of the view, one set for each partition of a truth topic, with the partition as hash tag.

Of `plek.bed-events`:

    <prefix>:{p}:position    hash    offset, clock, dead_letters, fold_version, fingerprint, rebuild_until, swept_at, alive_at, checkpoint
    <prefix>:{p}:counts      hash    national:free, region:R07:free, shelter:berk:free, …, each state; also national:overflow:free, …
    <prefix>:{p}:shelters    hash    shelter id -> who it is, when it was heard of, its pause and discrepancy (JSON)
    <prefix>:{p}:units       hash    shelter id/unit id -> the unit as its facts have it (JSON)
    <prefix>:{p}:holds       hash    shelter id/hold id -> what became of the request (JSON)
    <prefix>:{p}:facts       hash    offset -> the event (canonical JSON); the memory of the processor, read by it alone
    <prefix>:{p}:seen        zset    16 bytes of the digest of a name -> the clock it was logged at (R1)
    <prefix>:{p}:corrected   zset    the same for names that were corrected (R12)
    <prefix>:{p}:changes     stream  ids are log offsets: what changed, a shelter, and which of its holds
    <prefix>:{p}:halted      string  why the partition stands still; absent while it runs
    <prefix>:{p}:checked     string  what the view canary found last (JSON)
    <prefix>:moved           channel "<partition> <offset>" after each write

Of `plek.demand-events` the same under a prefix of its own, without shelters, units and holds, and beside them:

    <prefix>:demand:{p}:cases   hash    fallback/id, search/id, entry/id -> the start and the end that count (JSON)
    <prefix>:demand:{p}:open    hash    the same of those that are open: started and not ended
    <prefix>:demand:{p}:counts  hash    national:fallback:open, region:R07:entry:placed, … each kind by what became of it

A count of beds read with one HGET is right at `swept_at` of its partition; the nation and a region are the sum over the partitions.
"""

from functools import lru_cache
from typing import NamedTuple


class Keys(NamedTuple):
    """The keys of one partition, as above; a field is the last part of its key."""

    position: str
    counts: str
    shelters: str
    units: str
    holds: str
    cases: str
    open: str
    facts: str
    seen: str
    corrected: str
    changes: str
    halted: str
    checked: str

    @property
    def folded(self) -> tuple[str, ...]:
        """All keys that the fold writes, and that a rebuild first removes."""
        hashes = (self.counts, self.shelters, self.units, self.holds, self.cases, self.open, self.facts)
        return (*hashes, self.seen, self.corrected)


@lru_cache(maxsize=4_096)
def partition_keys(prefix: str, partition: int) -> Keys:
    """Return the keys of a partition of the view under a prefix."""
    return Keys(*(f"{prefix}:{{{partition}}}:{name}" for name in Keys._fields))


def every(prefix: str) -> str:
    """Return the pattern of all keys under a prefix, also those of other owners."""
    return f"{prefix}:*"


def moved(prefix: str) -> str:
    """Return the channel of positions that have moved."""
    return f"{prefix}:moved"


def demand(prefix: str) -> str:
    """Return the prefix of the view of demand."""
    return f"{prefix}:demand"
