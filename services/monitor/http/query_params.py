"""Reads a query from the parameters of a request: every error at once, and none of them repeats a value that was sent.

An analyst sees times to the hour, a day late (design, section 5): both what is asked about, and what had been recorded by then. So an
analyst's query always has a `knownAt`, and last night's admissions are in none of its numbers. It gets no number of a small cell, and a
question that could have no other answer is refused (design, section 7).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar, get_args

from starlette.datastructures import QueryParams

from services.adapters.problem_details import ErrorItem, ProblemError
from services.domain.durations import DAY_MS, HOUR_MS
from services.domain.events import value_types as v
from services.domain.events.catalog import Need
from services.monitor.figures.definitions import DEFINITIONS
from services.monitor.figures.small_cells.household_filters import filters_of
from services.monitor.http.content_negotiation import FOR
from services.monitor.query import NATION, By, Household, Period, Query, Scope
from services.monitor.time_words import MOMENT, MONTH, PERIOD, YEAR, TimeWordError, between, read_moment, read_period

T = TypeVar("T")
_MAX_FIGURES: Final = 40
# The words, and those of before
_BETWEEN: Final = (("from", "to"), ("start", "end"))
_COUNT: Final = re.compile("[0-9]{1,2}", re.ASCII)
_TIME: Final = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
_ONE_TIME: Final = "one of `at`, `period`, `year`, `month`, `from` with `to`; or `knownAt` alone"


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """The codes of regions and provinces."""

    regions: frozenset[str]
    provinces: frozenset[str]


@dataclass(slots=True)
class _Reader:
    """Reads parameters, and collects what is wrong with them."""

    params: QueryParams
    errors: list[ErrorItem] = field(default_factory=list)

    def add_error(self, name: str, code: str, detail: str) -> None:
        self.errors.append(ErrorItem(None, name, code, detail))

    def one(self, name: str) -> str | None:
        """Read a parameter that may be given once."""
        values = self.params.getlist(name)
        if len(values) > 1:
            self.add_error(name, "repeated", "may be given once")
        return values[0] if values else None

    def matching(self, name: str, pattern: re.Pattern[str], detail: str) -> str | None:
        """Read a parameter of a form."""
        value = self.one(name)
        if value is None or pattern.fullmatch(value):
            return value
        self.add_error(name, "bad_format", detail)
        return None

    def code(self, name: str, known: Collection[str]) -> str | None:
        """Read a code."""
        value = self.one(name)
        if value is None or value in known:
            return value
        self.add_error(name, "unknown_value", "none of the codes there are")
        return None

    def codes(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """Read codes, each once."""
        values = self.params.getlist(name)
        if not set(values) <= set(known):
            self.add_error(name, "unknown_value", "none of the codes there are")
        if len(set(values)) < len(values):
            self.add_error(name, "repeated", "the same one twice")
        return tuple(value for value in dict.fromkeys(values) if value in known)

    def time(self, name: str, read: Callable[[str], T]) -> T | None:
        """Read a moment or a period."""
        value = self.one(name)
        try:
            return None if value is None else read(value)
        except TimeWordError as wrong:
            plus = "; a plus sign is written %2B" if value and " " in value else ""
            self.add_error(name, wrong.code, f"{wrong}{plus}")
            return None

    def count(self, name: str, most: int = 20) -> int | None:
        """Read a small whole number."""
        value = self.one(name)
        if value is None:
            return None
        if not _COUNT.fullmatch(value) or int(value) > most:
            self.add_error(name, "bad_format", "a whole number within the limits of the contract")
            return None
        return int(value)


def read_query(params: QueryParams, known: KnownCodes) -> Query:
    """Read a query; ProblemError 400 with everything that is wrong."""
    reader = _Reader(params)
    figures = reader.codes("figure", DEFINITIONS)
    if "figure" not in params:
        reader.add_error("figure", "missing", "which figures: GET /v1/monitor/definitions lists them")
    if len(figures) > _MAX_FIGURES:
        reader.add_error("figure", "too_many", f"at most {_MAX_FIGURES} at once")
    at, period, known_at = _time(reader)
    scope, by, household = _scope(reader, known), reader.codes("by", get_args(By)), _household(reader, known)
    if reader.errors:
        raise ProblemError("invalid", errors=reader.errors)
    return Query(
        figures=figures,
        at=at,
        period=period,
        as_known_at=known_at,
        scope=scope,
        by=tuple(each for each in get_args(By) if each in by),
        household=household,
    )


def _time(reader: _Reader) -> tuple[int | None, Period | None, int | None]:
    at, known_at = reader.time("at", read_moment), reader.time("knownAt", read_moment)
    year = reader.matching("year", YEAR, "four digits")
    month = reader.matching("month", MONTH, "four digits, a hyphen, two digits")
    periods = [reader.time("period", read_period), *(_between(reader, *names) for names in _BETWEEN)]
    periods += [read_period(text) for text in (year, month) if text]
    ways = [name for name in ("at", "period", "year", "month", *(first for first, _ in _BETWEEN)) if name in reader.params]
    if len(ways) > 1 or any((first in reader.params) != (last in reader.params) for first, last in _BETWEEN):
        reader.add_error("at", "conflict", _ONE_TIME)
    elif not ways and "knownAt" not in reader.params:
        reader.add_error("at", "missing", _ONE_TIME)
    return at, next((period for period in periods if period), None), known_at


def _between(reader: _Reader, first: str, last: str) -> Period | None:
    start, end = reader.time(first, read_moment), reader.time(last, read_moment)
    if start is None or end is None:
        return None
    try:
        return between(start, end)
    except TimeWordError as wrong:
        reader.add_error(last, wrong.code, str(wrong))
        return None


def _scope(reader: _Reader, known: KnownCodes) -> Scope:
    province, region = reader.code("province", known.provinces), reader.code("region", known.regions)
    if province and region:
        reader.add_error("region", "conflict", "a province or a region")
    kind = reader.code("kind", v.KINDS)
    return Scope(province=province, region=region, kind=kind) if province or region or kind else NATION


def _household(reader: _Reader, known: KnownCodes) -> Household | None:
    if not _OF_A_HOUSEHOLD & set(reader.params):
        return None
    adults, children = reader.count("adults"), reader.count("children")
    if not (adults or 0) + (children or 0):
        reader.add_error("adults", "missing", "adults and children together at least 1")
    need = Need(
        kinds=(),
        features=reader.codes("feature", v.FEATURES),
        men=reader.count("men") or 0,
        oldest_son_age=reader.count("oldestSonAge", 18),
        security=reader.code("security", v.SECURITY) or "open",
        services=reader.codes("service", v.SERVICES),
        languages=(),
    )
    return Household(adults=adults or 0, children=children or 0, need=need, exclude_regions=reader.codes("excludeRegion", known.regions))


def latest_for_analyst(now: int) -> int:
    """Compute the last instant (ms) that an analyst may see at `now`: a day ago, to the hour."""
    return (now - DAY_MS) // HOUR_MS * HOUR_MS


def for_analyst(query: Query, now: int) -> Query:
    """Limit a query to what an analyst may see; ProblemError 400 where it asks for more. `now` (ms) is the clock of the data set.

    A period that goes on is cut off at the last hour an analyst may see: the rows of the answer say where they end.
    """
    latest = latest_for_analyst(now)
    if query.period and query.period.start < latest:
        query = replace(query, period=Period(query.period.start, min(query.period.end, latest)))
    instants = {"at": query.at, "knownAt": query.as_known_at}
    if query.period:
        instants |= {"start": query.period.start, "end": query.period.end}
    errors = []
    for name, instant in instants.items():
        if instant is not None and instant > latest:
            errors.append(ErrorItem(None, name, "too_recent", "analysts see the country a day late"))
        if instant is not None and instant % HOUR_MS:
            errors.append(ErrorItem(None, name, "not_to_the_hour", "analysts see times to the hour"))
    if errors := [*errors, *_too_narrow(query)]:
        raise ProblemError("invalid", errors=errors)
    return replace(query, as_known_at=latest if query.as_known_at is None else query.as_known_at, protected=True)


def _too_narrow(query: Query) -> Iterator[ErrorItem]:
    """Yield what an analyst may not ask: days below the province, and of a household more than one filter, or below the province."""
    is_region = query.scope.region is not None or "region" in query.by
    if is_region and "day" in query.by:
        yield ErrorItem(None, "by", "too_narrow", "analysts see days of a province or of the country")
    if query.household is None:
        return
    if is_region:
        yield ErrorItem(None, "region", "too_narrow", "analysts ask about a household in a province or in the country")
    if query.scope.kind or "kind" in query.by:
        yield ErrorItem(None, "kind", "too_narrow", "analysts ask about a household in all kinds of unit together")
    if len(filters_of(query.household)) > 1 or query.household.exclude_regions:
        yield ErrorItem(None, "household", "too_narrow", "analysts use one filter: a size, a feature, a service or a security")


def _codes(known: Collection[str]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", "enum": sorted(known)}}


def _count(most: int = 20) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": most}


_OF_A_HOUSEHOLD: Final = {"adults", "children", "men", "oldestSonAge", "feature", "service", "security", "excludeRegion"}
PARAMETERS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "figure": ("Which figures, once each", _codes(DEFINITIONS)),
    "at": (f"What was true at that moment: {MOMENT}", _TIME),
    "period": (f"What was true in that time: {PERIOD}. It is cut off where what is known ends; `end` says where", {"type": "string"}),
    "year": ("The same for a year of Europe/Amsterdam", {"type": "string", "pattern": f"^{YEAR.pattern}$"}),
    "month": ("The same for a month of Europe/Amsterdam", {"type": "string", "pattern": f"^{MONTH.pattern}$"}),
    "from": ("The same from that moment", _TIME),
    "to": ("up to this one", _TIME),
    "start": ("The name of `from` before; it works as before", _TIME),
    "end": ("The name of `to` before; it works as before", _TIME),
    "knownAt": ("By what had been recorded then; alone: the live view as it was shown then", _TIME),
    "by": ("More rows: of each region, province, kind, month or day", _codes(get_args(By))),
    "province": ("This province only", {"type": "string"}),
    "region": ("This region only", {"type": "string"}),
    "kind": ("This kind of unit only", {"type": "string", "enum": sorted(v.KINDS)}),
    "adults": ("Of a household, for the figures that need one: its adults", _count()),
    "children": ("its children", _count()),
    "men": ("how many of the adults are men", _count()),
    "oldestSonAge": ("the age of its oldest son", _count(18)),
    "feature": ("what its unit must have", _codes(v.FEATURES)),
    "service": ("what its shelter must offer", _codes(v.SERVICES)),
    "security": ("how safe its shelter must be at least", {"type": "string", "enum": sorted(v.SECURITY)}),
    "excludeRegion": ("where it can't go", {"type": "array", "items": {"type": "string"}}),
}
"""Every parameter: its description, and its schema."""
_TIMES: Final = ("at", "period", "year", "month", "from", "to", "start", "end")
_CODED: Final = {"figure", "by", "province", "region", "kind", "feature", "service", "security", "excludeRegion"}


def audited_codes(params: QueryParams) -> tuple[str, ...]:
    """Return what the audit log records of a valid query: the names of its parameters, with the values of those that are codes."""
    return tuple(sorted({f"{name}={value}" if name in _CODED else name for name, value in params.multi_items()}))


def file_name(params: QueryParams) -> str:
    """Return what a file of the answer to a valid query is called: its figures, its time, and by what."""
    words = [*params.getlist("figure")[:2], *(params.get(name, "") for name in _TIMES), *params.getlist("by")]
    written = "-".join(["plek", *(word for word in words if word)]).replace("..", "-")
    return "".join(char for char in written if char.isalnum() or char in "-_")


def documented() -> tuple[dict[str, Any], ...]:
    """Return the parameters as OpenAPI describes them."""
    described = (
        {"name": name, "in": "query", "required": name == "figure", "description": description, "schema": schema}
        for name, (description, schema) in PARAMETERS.items()
    )
    return (*described, FOR)
