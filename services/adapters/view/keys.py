"""Every Redis key of the view, a set a partition of a truth topic; the hash tag {partition} keeps a set on one node of a cluster.

Of `plek.bed-events`:

    <prefix>:{p}:position    hash    offset, clock, dead_letters, fold_version, fingerprint, rebuild_until, swept_at, alive_at
    <prefix>:{p}:counts      hash    national:free, region:R07:free, shelter:berk:free, …, each state; also national:overflow:free, …
    <prefix>:{p}:shelters    hash    shelter id -> who it is, when it was heard of, its pause and discrepancy (JSON)
    <prefix>:{p}:units       hash    shelter id/unit id -> the unit as its facts have it (JSON)
    <prefix>:{p}:holds       hash    shelter id/hold id -> what became of the request (JSON)
    <prefix>:{p}:facts       hash    offset -> the event as it was kept (canonical JSON); the processor's memory, nobody else's
    <prefix>:{p}:seen        zset    16 bytes that stand for a name -> the clock it was logged at (R1)
    <prefix>:{p}:corrected   zset    the same for names that were corrected (R12)
    <prefix>:{p}:changes     stream  ids are log offsets: what changed, a shelter, and which of its holds
    <prefix>:{p}:halted      string  why the partition stands still; absent while it runs
    <prefix>:moved           channel "<partition> <offset>" after each write

Of `plek.demand-events` the same under a prefix of its own, without shelters, units and holds, and beside them:

    <prefix>:demand:{p}:cases   hash    fallback/id, search/id, entry/id -> the start and the end that count (JSON)
    <prefix>:demand:{p}:open    hash    the same of those that are open: started and not ended
    <prefix>:demand:{p}:counts  hash    national:fallback:open, region:R07:entry:placed, … each kind by what became of it

A count of beds read with one HGET is right at `swept_at` of its partition; the nation and a region are the sum over the partitions.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one partition."""

    prefix: str
    partition: int

    def _key(self, name: str) -> str:
        return f"{self.prefix}:{{{self.partition}}}:{name}"

    @property
    def position(self) -> str:
        """Where the fold of this partition stands."""
        return self._key("position")

    @property
    def counts(self) -> str:
        """The numbers, one field each."""
        return self._key("counts")

    @property
    def shelters(self) -> str:
        """One document a shelter."""
        return self._key("shelters")

    @property
    def units(self) -> str:
        """One document a unit that is declared or lived in."""
        return self._key("units")

    @property
    def holds(self) -> str:
        """One document a hold."""
        return self._key("holds")

    @property
    def cases(self) -> str:
        """One document a search, fallback or waiting-list entry."""
        return self._key("cases")

    @property
    def open(self) -> str:
        """The documents of the cases that are open."""
        return self._key("open")

    @property
    def facts(self) -> str:
        """One kept event a field."""
        return self._key("facts")

    @property
    def seen(self) -> str:
        """Names that were used."""
        return self._key("seen")

    @property
    def corrected(self) -> str:
        """Names that were corrected."""
        return self._key("corrected")

    @property
    def changes(self) -> str:
        """The changes feed."""
        return self._key("changes")

    @property
    def halted(self) -> str:
        """Why the partition stands still."""
        return self._key("halted")

    @property
    def folded(self) -> tuple[str, ...]:
        """All that the fold writes, and a rebuild begins by removing."""
        hashes = (self.counts, self.shelters, self.units, self.holds, self.cases, self.open, self.facts)
        return (*hashes, self.seen, self.corrected)


def every(prefix: str) -> str:
    """Match all keys under a prefix, also those of other owners."""
    return f"{prefix}:*"


def moved(prefix: str) -> str:
    """Name the channel that tells when a partition has moved."""
    return f"{prefix}:moved"


def demand(prefix: str) -> str:
    """Name the prefix of the view of demand."""
    return f"{prefix}:demand"
