"""A snapshot: the country as it was known at an instant, and what happened in the day before it (contract R14, `at` and `knownAt` both).

Guarantees: a snapshot follows from its instant and the log. Taken on time, years later or twice, it has the same bytes; a correction that
comes later is in the figures, and in no snapshot that was taken before. It has what an analyst may see: no number of a small cell.
"""

from collections.abc import Collection
from hashlib import blake2b
from typing import Final

from services.adapters.view.ports import FOLD_VERSION
from services.monitor.dutch_calendar import four_o_clock, night_before, nights
from services.monitor.figures.definitions import DEFINITIONS, Document
from services.monitor.figures.result import Ask
from services.monitor.figures.serialization import FiguresDocument, time, to_document
from services.monitor.query import By, Period, Query

_NOW: Final = tuple(name for name, each in DEFINITIONS.items() if each.when == "either" and not each.needs_household)
_DAY: Final = ("share-full", "hotel-nights", "hotel-households", "searches", "unmet-need", "stays-ended", "holds")
_BY_KIND: Final = tuple(name for name in _NOW if DEFINITIONS[name].by_kind)
_DIGEST_BYTES: Final = 4
# Snapshots of before had every number: they are not given to an analyst
_RULES: Final = "small cells 1"


class SnapshotDocument(Document):
    """The country as it was known at an instant, and the day before it."""

    snapshot: str
    version: str
    now: FiguresDocument
    by_province: FiguresDocument
    by_kind: FiguresDocument
    day: FiguresDocument

    @property
    def is_empty(self) -> bool:
        """Whether nothing had been logged by then: such a snapshot is never published."""
        return self.now.known_at is None


def version() -> str:
    """Return the fold and the definitions that a snapshot is made by: by others it is another snapshot, published beside the first."""
    used = "\n".join((_RULES, *(f"{name} {DEFINITIONS[name].version}" for name in (*_NOW, *_DAY))))
    return f"{FOLD_VERSION}-{blake2b(used.encode(), digest_size=_DIGEST_BYTES).hexdigest()}"


def snapshot_key(at: int) -> str:
    """Return the key of the snapshot of an instant (ms): its period and its definitions (contract, section 2)."""
    return f"snapshot/{time(at)}/{version()}"


def take(ask: Ask, at: int) -> bytes:
    """Compute the snapshot of an instant (ms), as JSON. The archive must have the log up to it."""

    def figures(names: tuple[str, ...], *by: By, period: Period | None = None) -> FiguresDocument:
        return to_document(ask(Query(figures=names, at=None if period else at, period=period, as_known_at=at, by=by, protected=True)))

    return SnapshotDocument(
        snapshot=time(at) or "",
        version=version(),
        now=figures(_NOW),
        by_province=figures(_NOW, "province"),
        by_kind=figures(_BY_KIND, "kind"),
        day=figures(_DAY, period=Period(night_before(at), at)),
    ).to_json()


def due(began: int, until: int, published: Collection[str]) -> list[int]:
    """List the instants (ms) of the daily snapshots that are missing: each 04:00 after the log began, up to an instant."""
    instants = [four_o_clock(day) for day in nights(began + 1, until + 1)]
    return [at for at in instants if snapshot_key(at) not in published]
