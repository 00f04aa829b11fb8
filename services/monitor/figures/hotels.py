"""The figures of hotel nights, and of those that could have been avoided: by the evidence that was logged at the decision.

A night is an instant 04:00 Europe/Amsterdam inside a fallback in a hotel or holiday park (design, section 7).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, NamedTuple, get_args

from services.adapters.needs.need_keys import destroyed_at
from services.domain.durations import HOUR_NS, NS_PER_MS
from services.domain.events.value_types import FALLBACK_REASONS
from services.monitor.dutch_calendar import days_before
from services.monitor.figures.arithmetic import Calculator, FigureValue
from services.monitor.figures.definitions import check_calculators
from services.monitor.figures.household_fit import fitting_offers, read_need
from services.monitor.figures.query_context import Key, QueryContext
from services.monitor.figures.result import Weight
from services.monitor.intervals.kept_fits import key_of_need
from services.monitor.intervals.table_schemas import NEVER
from services.monitor.query import Household
from services.monitor.sql_files import statements

_ACCOMMODATIONS: Final = ("hotel", "holiday_park")
# Design, section 7: perhaps the end of one that still runs by then was never logged
_FLAGGED_AFTER_DAYS: Final = 14
# Design, section 7: the household could have waited for a place that becomes free so soon
WAIT: Final = 2 * HOUR_NS
EVIDENCE: Final = ("fitting_free", "freed_within_2h", "excluded_for_safety", "unfitting_free", "nothing_free", "no_evidence")
_AVOIDABLE: Final = EVIDENCE[:2]
_SQL: Final = statements(__name__)


class HotelStay(NamedTuple):
    """A fallback with nights in the time asked about; `flagged`: no end is known, and it began 14 days ago or earlier."""

    fallback: str
    nights: int
    adults: int
    children: int
    reason: str
    accommodation: str
    flagged: bool
    evidence: str = ""
    """What was free at the decision: one of EVIDENCE where a calculator needs it, and where that is known."""
    possible: tuple[str, ...] = ()
    """Which of EVIDENCE it can have been where that is not known: it depends on a need that can't be read."""
    forgotten: bool = False
    """That need is no longer kept."""


class _Evidence(NamedTuple):
    """What was free at a decision: one of EVIDENCE, or what it can have been."""

    name: str = ""
    possible: tuple[str, ...] = ()
    forgotten: bool = False


Freed = Literal["yes", "forgotten", "unknown", "no"]
"""Whether a unit became free in time that takes the household; the first that any such unit gives counts."""
_FREED: Final[tuple[Freed, ...]] = get_args(Freed)
_FREED_BEFORE: Final[Mapping[bool | None, Freed]] = {True: "yes", False: "no", None: "forgotten"}


class _Part(NamedTuple):
    """A part of a figure: how much a fallback adds to it, and which fallbacks do."""

    name: dict[str, str]
    amount: Callable[[HotelStay], int]
    counts: Callable[[HotelStay], bool]


def _figure(*parts: _Part, with_evidence: bool = False) -> Calculator:
    """Make a calculator that adds the fallbacks up for each part; the first part is the whole."""

    def calculate(context: QueryContext) -> Iterator[FigureValue]:
        stays = _hotel_stays(context, with_evidence=with_evidence)
        for key in context.wanted:
            recorded = context.has_records("demand", key)
            for part in parts:
                counted = [stay for stay in stays[key] if part.counts(stay)]
                undecided = [stay for stay in stays[key] if _is_undecided(part, stay)]
                if undecided:  # never 0, and never the sum of the others
                    yield FigureValue(key, None, None, part.name, forgotten=any(stay.forgotten for stay in undecided))
                else:
                    yield FigureValue(key, sum(map(part.amount, counted)) if recorded else None, Weight(n=len(counted)), part.name)

    return calculate


def _is_undecided(part: _Part, stay: HotelStay) -> bool:
    """Return whether a part counts a fallback or not, depending on what is not known of its evidence."""
    return len({part.counts(stay._replace(evidence=name)) for name in stay.possible}) > 1


def _hotel_stays(context: QueryContext, *, with_evidence: bool) -> defaultdict[Key, list[HotelStay]]:
    """List the fallbacks with a night in the time."""
    flagged_before = days_before((context.clock or 0) * NS_PER_MS, _FLAGGED_AFTER_DAYS)
    evidence = _evidence_by_fallback(context) if with_evidence else {}
    stays: defaultdict[Key, list[HotelStay]] = defaultdict(list)
    for cell, idx, *row in context.rows(_SQL["nights"], never=NEVER, flagged_before=flagged_before):
        found = evidence.get(row[0], _Evidence())
        stays[cell, idx].append(HotelStay(*row)._replace(evidence=found.name, possible=found.possible, forgotten=found.forgotten))
    return stays


def _evidence_by_fallback(context: QueryContext) -> dict[str, _Evidence]:
    """Return what was free at the decision of each fallback."""
    freed, kept_from = _freed_in_time(context), (context.kept_from or 0) * NS_PER_MS
    found: dict[str, _Evidence] = {}
    for fallback, start, complete, free, fitting, excluded in context.rows(_SQL["evidence"]):
        in_time = freed.get(fallback, "no")
        if start < kept_from and in_time == "no":  # the units of then are deleted from the log
            in_time = _FREED_BEFORE[context.store.fits.any_of(fallback)]
        found[fallback] = _evidence(complete=complete, free=free, fitting=fitting, excluded=excluded, freed=in_time)
    return found


def _evidence(*, complete: bool, free: int, fitting: int, excluded: int, freed: Freed) -> _Evidence:
    """Return the first of EVIDENCE that fits."""
    if not complete:
        return _Evidence("no_evidence")
    if fitting:
        return _Evidence("fitting_free")
    if excluded:
        return _Evidence("excluded_for_safety")
    otherwise = "unfitting_free" if free else "nothing_free"
    if freed in ("yes", "no"):
        return _Evidence("freed_within_2h" if freed == "yes" else otherwise)
    return _Evidence(possible=("freed_within_2h", otherwise), forgotten=freed == "forgotten")


def _freed_in_time(context: QueryContext) -> dict[str, Freed]:
    """Return of each fallback within two hours of which a unit became free, as it is known now, whether one takes the household."""
    freed: defaultdict[str, list[Freed]] = defaultdict(list)
    for fallback, adults, children, need, offer in context.rows(_SQL["freed_after"], wait=WAIT):
        if key_of_need(need) is None:
            household = Household(adults=adults, children=children, need=read_need(need))
            freed[fallback].append("yes" if fitting_offers([offer], household) else "no")
        else:
            freed[fallback].append(_as_kept(context, fallback, need, offer))
    return {fallback: min(found, key=_FREED.index) for fallback, found in freed.items()}


def _as_kept(context: QueryContext, fallback: str, need: str, offer: str) -> Freed:
    """Return whether an offer takes the household of a sealed need, as it was worked out while that could be opened (ADR 52)."""
    fits = context.store.fits.get(fallback, need, offer)
    if fits is None:
        return "forgotten" if destroyed_at(key_of_need(need) or "") <= context.store.clock else "unknown"
    return "yes" if fits else "no"


def _every(_: HotelStay) -> bool:
    return True


def _unflagged(stay: HotelStay) -> bool:
    return not stay.flagged


def _avoidable(stay: HotelStay) -> bool:
    return not stay.flagged and stay.evidence in _AVOIDABLE


def _nights(stay: HotelStay) -> int:
    return stay.nights


def _nights_by(member: str, names: tuple[str, ...], counts: Callable[[HotelStay], bool]) -> list[_Part]:
    """Return a part for each value of a member, such as `reason`."""

    def is_of(name: str) -> Callable[[HotelStay], bool]:
        return lambda stay: counts(stay) and getattr(stay, member) == name

    return [_Part({member: name}, _nights, is_of(name)) for name in names]


def _persons(amount: Callable[[HotelStay], int], counts: Callable[[HotelStay], bool]) -> list[_Part]:
    """Return the parts of a figure of persons, adults and children apart; `amount` says how often each person counts."""
    return [
        _Part({}, lambda stay: amount(stay) * (stay.adults + stay.children), counts),
        _Part({"who": "adults"}, lambda stay: amount(stay) * stay.adults, counts),
        _Part({"who": "children"}, lambda stay: amount(stay) * stay.children, counts),
    ]


HOTELS: Final[dict[str, Calculator]] = check_calculators(
    __name__,
    {
        "hotel-nights": _figure(
            _Part({}, _nights, _unflagged),
            *_nights_by("reason", FALLBACK_REASONS, _unflagged),
            *_nights_by("accommodation", _ACCOMMODATIONS, _unflagged),
        ),
        "hotel-nights-unended": _figure(_Part({}, _nights, lambda stay: stay.flagged)),
        "hotel-person-nights": _figure(*_persons(_nights, _unflagged)),
        "hotel-households": _figure(_Part({}, lambda _: 1, _every)),
        "hotel-persons": _figure(*_persons(lambda _: 1, _every)),
        "hotel-nights-by-evidence": _figure(
            _Part({}, _nights, _unflagged), *_nights_by("evidence", EVIDENCE, _unflagged), with_evidence=True
        ),
        "hotel-nights-avoidable": _figure(
            _Part({}, _nights, _avoidable), *_nights_by("reason", FALLBACK_REASONS, _avoidable), with_evidence=True
        ),
    },
)
