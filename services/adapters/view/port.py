"""What a view promises, whoever keeps it: the fence for its writer, one consistent look a partition for its readers."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from services.adapters.view.cases import CaseShown
from services.domain.demand import Kind
from services.domain.holds import Hold
from services.domain.picture import ShelterPicture
from services.domain.result import Part

# More changes than this are not followed one by one: a partition has a dozen shelters.
MOST_CHANGES = 200
# Another fold of the same log (a rule changed, a document changed) gets another number, and every partition rebuilds itself.
FOLD_VERSION = 2


class ViewUnavailableError(Exception):
    """The keeper of the view can't be reached, or did not answer in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a partition of the view stands. Offsets of the log, milliseconds since 1970.

    `offset` is the last record folded in (one below the first record at the beginning); `rebuild_until` the end of the log that was
    seen at assignment; `swept_at` the time every count is right at; `alive_at` a time by which all that was logged is folded in (ADR 9).
    """

    offset: int
    clock: int = 0
    dead_letters: int = 0
    fold_version: int = FOLD_VERSION
    fingerprint: str = ""
    rebuild_until: int = 0
    swept_at: int = 0
    alive_at: int = 0

    @property
    def rebuilding(self) -> bool:
        """Not yet at the end that was seen at assignment: its numbers are of the past."""
        return self.offset + 1 < self.rebuild_until


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the changes feed: the shelter, or the case of demand, that changed; `id` is `<offset>-<n>` of the log.

    The last entry of a shelter in a write names which of its holds that write has decided or changed.
    """

    id: str
    changed: str
    holds: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Write:
    """All that one batch, or one sweep, changes in a partition; it is applied whole, or not at all.

    It applies to a view that stands at `after` with this fold version and fingerprint, and leaves it at `position`.
    """

    after: int
    position: Position
    facts: dict[int, bytes] = field(default_factory=dict)
    facts_dropped: Iterable[int] = ()
    seen: dict[bytes, int] = field(default_factory=dict)
    corrected: dict[bytes, int] = field(default_factory=dict)
    names_before: int = 0
    """Names logged at or before this clock (ms) are forgotten."""
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
    """Offset and what changed, in order; empty while rebuilding."""

    def told(self) -> list[tuple[int, str, tuple[str, ...]]]:
        """Tell for the feed what changed, in order, and with the last of each shelter which of its holds did."""
        holds: dict[str, list[str]] = {}
        for name in self.holds:
            shelter, hold = name.split("/")
            holds.setdefault(shelter, []).append(hold)
        told = [(offset, changed, tuple(sorted(holds.pop(changed, ())))) for offset, changed in reversed(self.changes)]
        return told[::-1]


@dataclass(slots=True, kw_only=True)
class Saved:
    """All that is kept of a partition, read at one instant: for a writer that takes over, and for who compares.

    Of beds there are no cases, of demand no shelters, units and holds; all else is kept of both.
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


@dataclass(slots=True, kw_only=True)
class Look:
    """A partition as a reader sees it, at one instant. `position` is None where nothing was ever folded."""

    partition: int
    position: Position | None
    halted: str | None
    shelters: dict[str, ShelterPicture]
    holds: dict[tuple[str, str], Hold]
    newest: str = "0"
    """The newest entry of the changes feed at that instant; "0" where it is empty."""

    @property
    def part(self) -> Part:
        """What it adds to the state of the country."""
        return Part(
            clock=self.position.clock if self.position else 0,
            shelters=self.shelters.values(),
            holds=[(shelter, hold) for (shelter, _), hold in self.holds.items()],
            dead_letters=self.position.dead_letters if self.position else 0,
        )


@dataclass(slots=True, kw_only=True)
class DemandLook:
    """A partition of demand as a reader sees it, at one instant: the searches, fallbacks and waiting-list entries that are open."""

    partition: int
    position: Position | None
    halted: str | None
    open: list[CaseShown]
    newest: str = "0"
    """The newest entry of the changes feed at that instant; "0" where it is empty."""


class WritableView(Protocol):
    """The fence (design, section 4): a write is applied only to the position it was worked out for."""

    async def load(self, partition: int) -> Saved | None:
        """Read all that is kept of a partition; None where nothing is."""

    async def begin(self, partition: int, position: Position) -> None:
        """Forget what was folded and start at `position`; nothing happens where a view of this fold version stands already."""

    async def assign(self, partition: int, end: int) -> None:
        """Note the end of the log as it was seen at assignment, where a view stands: until it is reached the partition is rebuilding."""

    async def write(self, partition: int, write: Write) -> bool:
        """Apply all of it if the view stands where it expects; say whether it did."""

    async def halt(self, partition: int, reason: str | None) -> None:
        """Say why a partition stands still, or that it does no longer."""

    async def forget(self, partition: int) -> None:
        """Drop where a partition stands: whoever owns it finds no position and rebuilds it from the log."""

    async def position(self, partition: int) -> Position | None:
        """Tell where a partition stands; None where nothing was ever folded."""


class FollowableView(Protocol):
    """What can be followed of any view; a failure is a ViewUnavailableError, never an empty answer."""

    async def positions(self) -> dict[int, Position]:
        """Tell where each partition stands that was ever folded."""

    async def changes(self, partition: int, after: str) -> list[Change] | Literal["reload"]:
        """List what changed after a change id ("0" for all that is kept); "reload" when the feed no longer goes back that far."""

    def moves(self) -> AsyncIterator[tuple[int, int]]:
        """Yield (partition, offset) whenever a partition has moved, until closed."""


class ReadableView(FollowableView, Protocol):
    """What is read of beds."""

    async def look(self, partition: int) -> Look:
        """Read one partition at one instant."""

    async def since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> Look | None:
        """Read at one instant the shelters that changed after an entry of the feed, with those of their holds that changed.

        The holds on their units are read anyhow, and of `holds` theirs: a processor of an older version names none in the feed.

        None when that can't be told: the feed does not go back that far, or so much has changed that a look at all of it is less work.
        """

    async def hold(self, partition: int, shelter: str, hold: str) -> Hold | None:
        """Read one hold; None where the log has not decided it yet."""


class ReadableDemand(FollowableView, Protocol):
    """What is read of demand."""

    async def look(self, partition: int) -> DemandLook:
        """Read one partition at one instant."""

    async def case(self, partition: int, kind: Kind, key: str) -> CaseShown | None:
        """Read one search, fallback or entry, open or not; None where there is none."""
