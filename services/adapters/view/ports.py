"""What every view guarantees: the fence for its writer, and reads of a partition at one instant."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from services.adapters.view.case_documents import CaseShown
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import ShelterSnapshot
from services.domain.beds.state_document import PartitionPart
from services.domain.demand.case_fold import Kind

# Of more changes than this a reader reads the whole partition: it has a dozen shelters.
MOST_CHANGES = 200
# A change of the fold (of a rule, of a document) gets another number, and every partition rebuilds itself.
FOLD_VERSION = 2


class ViewUnavailableError(Exception):
    """The view can't be reached, or did not answer in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The position of a partition of the view. Offsets of the log, milliseconds since 1970.

    `offset` is the last record that is folded (one below the first record at the beginning); `checkpoint` the first record after the
    checkpoint that the fold began with (0: it began with the log); `rebuild_until` the end of the log at assignment;
    `swept_at` the time at which every count is right; `alive_at` a time by which all that was logged is folded (ADR 9).
    """

    offset: int
    clock: int = 0
    dead_letters: int = 0
    fold_version: int = FOLD_VERSION
    fingerprint: str = ""
    rebuild_until: int = 0
    swept_at: int = 0
    alive_at: int = 0
    checkpoint: int = 0

    @property
    def rebuilding(self) -> bool:
        """Whether it is before the end of the log at assignment: its numbers are of the past."""
        return self.offset + 1 < self.rebuild_until

    def follows(self, before: "Position | None") -> bool:
        """Return whether all that changed since `before` stands in the feed: the same log, fold and owner, and not back again."""
        if before is None or before.rebuilding or self.rebuilding:
            return False
        same = (before.fold_version, before.fingerprint or self.fingerprint, before.rebuild_until)
        return same == (self.fold_version, self.fingerprint, self.rebuild_until) and before.offset <= self.offset


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the changes feed: the shelter, or the case of demand, that changed; `id` is `<offset>-<n>` of the log.

    The last entry of a shelter in a write names those of its holds that the write has decided or changed.
    """

    id: str
    changed: str
    holds: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Write:
    """All that one batch, or one sweep, changes in a partition; it is applied whole, or not at all.

    It applies to a view at the position `after`, with this fold version and fingerprint, and leaves it at `position`.
    """

    after: int
    position: Position
    facts: dict[int, bytes] = field(default_factory=dict)
    facts_dropped: Iterable[int] = ()
    seen: dict[bytes, int] = field(default_factory=dict)
    corrected: dict[bytes, int] = field(default_factory=dict)
    names_before: int = 0
    """Names logged at or before this clock (ms) are removed."""
    holds: dict[str, bytes] = field(default_factory=dict)
    shelters: dict[str, bytes] = field(default_factory=dict)
    units: dict[str, bytes] = field(default_factory=dict)
    units_gone: Iterable[str] = ()
    cases: dict[str, bytes] = field(default_factory=dict)
    cases_gone: list[str] = field(default_factory=list)
    open: dict[str, bytes] = field(default_factory=dict)
    open_gone: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    changes: list[tuple[int, str]] = field(default_factory=list)
    """Offset and shelter or case, in order; empty while rebuilding."""

    def feed(self) -> list[tuple[int, str, tuple[str, ...]]]:
        """Return the changes as entries of the feed, in order; the last of each shelter names its holds that changed."""
        holds: dict[str, list[str]] = {}
        for name in self.holds:
            shelter, hold = name.split("/")
            holds.setdefault(shelter, []).append(hold)
        return [(offset, changed, tuple(sorted(holds.pop(changed, ())))) for offset, changed in reversed(self.changes)][::-1]


@dataclass(slots=True, kw_only=True)
class Saved:
    """All that is stored of a partition, read at one instant: for a writer that takes over, and for comparison with the log.

    Beds have no cases; demand has no shelters, units and holds.
    """

    position: Position
    facts: dict[int, bytes] = field(default_factory=dict)
    seen: dict[bytes, int] = field(default_factory=dict)
    corrected: dict[bytes, int] = field(default_factory=dict)
    holds: dict[str, bytes] = field(default_factory=dict)
    shelters: dict[str, bytes] = field(default_factory=dict)
    units: dict[str, bytes] = field(default_factory=dict)
    cases: dict[str, bytes] = field(default_factory=dict)
    open: dict[str, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """Some members of a partition of the view, read at one instant, and how many there are in each of its hashes."""

    saved: Saved
    sizes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionCheck:
    """What the view canary found last: when it compared what is shown (ms), and when the whole with the log (ms; 0: not yet)."""

    at: int
    log_at: int
    differences: int


@dataclass(slots=True, kw_only=True)
class PartitionSnapshot:
    """A partition of beds as a reader sees it, at one instant; `position` is None before the first fold."""

    partition: int
    position: Position | None
    halted: str | None
    shelters: dict[str, ShelterSnapshot]
    holds: dict[tuple[str, str], HoldFacts]
    newest: str = "0"
    """The id of the newest entry of the changes feed at that instant; "0" while it is empty."""

    @property
    def part(self) -> PartitionPart:
        """Its part of the state document of all partitions."""
        return PartitionPart(
            clock=self.position.clock if self.position else 0,
            shelters=self.shelters.values(),
            holds=[(shelter, hold) for (shelter, _), hold in self.holds.items()],
            dead_letters=self.position.dead_letters if self.position else 0,
        )


@dataclass(slots=True, kw_only=True)
class DemandSnapshot:
    """A partition of demand as a reader sees it, at one instant; `open` are its searches, fallbacks and entries that have not ended."""

    partition: int
    position: Position | None
    halted: str | None
    open: list[CaseShown]
    newest: str = "0"
    """The id of the newest entry of the changes feed at that instant; "0" while it is empty."""


class WritableView(Protocol):
    """The fence (design, section 4): a write is applied only to the position it was computed for."""

    async def load(self, partition: int) -> Saved | None:
        """Read all that is stored of a partition; None where nothing is."""

    async def begin(self, partition: int, position: Position) -> None:
        """Remove what was folded and start at `position`; does nothing to a partition of this fold version."""

    async def assign(self, partition: int, end: int) -> None:
        """Write the end of the log at assignment, if there is a position: until it is reached the partition is rebuilding."""

    async def write(self, partition: int, write: Write) -> bool:
        """Apply all of it if the view is at the position that it expects; return whether it was."""

    async def halt(self, partition: int, reason: str | None) -> None:
        """Write why a partition is halted; None: it is no longer."""

    async def forget(self, partition: int) -> None:
        """Remove the position of a partition: its owner then rebuilds it from the log."""

    async def position(self, partition: int) -> Position | None:
        """Read the position of a partition; None before the first fold."""


class FollowableView(Protocol):
    """What can be followed of any view; a failure is a ViewUnavailableError, never an empty result."""

    async def positions(self) -> dict[int, Position]:
        """Read the position of each partition that was ever folded."""

    async def halted(self) -> dict[int, str]:
        """Read which partitions are halted, and why."""

    async def checks(self) -> dict[int, PartitionCheck]:
        """Read what the canary found last in each partition that it has compared."""

    async def changes(self, partition: int, after: str) -> list[Change] | Literal["reload"]:
        """Read the changes after a change id ("0": all of the feed); "reload" when the feed no longer goes back that far."""

    def subscribe(self) -> AsyncIterator[tuple[int, int]]:
        """Yield (partition, offset) whenever a partition has moved, until closed."""


class ReadableView(FollowableView, Protocol):
    """The reads of beds."""

    async def read_partition(self, partition: int) -> PartitionSnapshot:
        """Read one partition at one instant."""

    async def changes_since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> PartitionSnapshot | None:
        """Read at one instant the shelters that changed after an entry of the feed, with those of their holds that changed.

        The holds on their units are always read, and of `holds` theirs: a processor of an older version names none in the feed.

        None when the feed does not go back that far, or so much has changed that `read_partition` is less work.
        """

    async def hold(self, partition: int, shelter: str, hold: str) -> HoldFacts | None:
        """Read one hold; None until the log has decided it."""


class ReadableDemand(FollowableView, Protocol):
    """The reads of demand."""

    async def read_partition(self, partition: int) -> DemandSnapshot:
        """Read one partition at one instant."""

    async def case(self, partition: int, kind: Kind, key: str) -> CaseShown | None:
        """Read one search, fallback or entry, open or not; None where there is none."""
