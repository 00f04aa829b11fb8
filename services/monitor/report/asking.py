"""The questions of a report: all that it says is in these answers, each of which names what it was worked out from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.monitor.answer import Answer, Ask
from services.monitor.days import year as year_of
from services.monitor.question import By, Offsets, Question

OCCUPANCY: Final = ("occupancy", "occupancy-of-capacity", "occupancy-at-four", "occupancy-with-held", "occupancy-of-beds")
HOTELS: Final = ("hotel-nights", "hotel-nights-unended", "hotel-person-nights", "hotel-households", "hotel-persons")
_YEAR: Final = (
    *("capacity", "beds", "overflow", "shelters", "units-by-state", *OCCUPANCY, "share-full"),
    *("istanbul-places", "istanbul-norm", "istanbul-share", "inhabitants-per-place"),
    *(*HOTELS, "hotel-nights-by-evidence", "hotel-nights-avoidable"),
    *("searches", "unmet-need", "unmet-share", "placed-within-a-day", "time-to-place-median", "time-to-place-p90"),
    *("waiting", "waiting-time-median", "waiting-time-p90", "regions-waiting"),
    *("stays-ended", "stay-median", "stay-mean", "stay-survival-median", "holds", "hold-answer-median"),
)
_EVERY: Final[dict[str, tuple[tuple[str, ...], tuple[By, ...]]]] = {
    "year": (_YEAR, ()),
    "kinds": (("capacity", "occupancy", "share-full", "stay-median", "stay-mean", "stay-survival", "stay-survival-median"), ("kind",)),
    "days": (("occupancy",), ("day",)),
    "months": (("occupancy", "hotel-nights", "searches", "unmet-need", "waiting", "regions-waiting"), ("month",)),
    "regions": (("capacity", "occupancy", "share-full", "istanbul-share", "waiting"), ("region",)),
}
_BEFORE: Final[tuple[tuple[str, ...], tuple[By, ...]]] = (("hotel-nights", "hotel-persons"), ("month",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The answers of a report: of the year as a whole, by kind, day, month and region; and of the year before, by month."""

    year: Answer
    kinds: Answer
    days: Answer
    months: Answer
    regions: Answer
    before: Answer

    @property
    def every(self) -> dict[str, Answer]:
        """Every answer by its name."""
        return {name: getattr(self, name) for name in (*_EVERY, "before")}


def ask_all(ask: Ask, year: int, watch: Callable[[int], None] | None = None) -> Asked:
    """Ask for a year. The first answer says up to which records; the others look no further. `watch` hears of each answer."""
    recorded: Offsets | None = None
    found: dict[str, Answer] = {}
    of_before = {"before": _BEFORE}
    for name, (figures, by) in (_EVERY | of_before).items():
        asked = Question(figures=figures, period=year_of(year - (name == "before")), by=by, recorded=recorded)
        found[name] = ask(asked)
        recorded = found["year"].offsets
        if watch:
            watch(1)
    return Asked(**found)


QUESTIONS: Final = len(_EVERY) + 1
