"""Reads a question from the parameters of a request: every error at once, and none of them repeats what was sent.

An analyst sees times to the hour, a day late (design, section 5): what she asks of, and what had been recorded when she looks. So a
question of hers always has a `known_at`, and who moved in last night is in none of her numbers.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from starlette.datastructures import QueryParams

from services.adapters import instants
from services.adapters.problems import ErrorItem, ProblemError
from services.domain import values as v
from services.domain.events import Need
from services.monitor.days import DAY_MS
from services.monitor.days import month as month_of
from services.monitor.days import year as year_of
from services.monitor.definitions import DEFINITIONS
from services.monitor.question import NATION, By, Household, Period, Question, Scope

HOUR_MS: Final = 3_600_000
_MOST: Final = 40
_YEAR: Final = re.compile("(?:19[7-9][0-9]|2[0-9]{3})", re.ASCII)
_MONTH: Final = re.compile("(?:19[7-9][0-9]|2[0-9]{3})-(?:0[1-9]|1[0-2])", re.ASCII)
_COUNT: Final = re.compile("[0-9]{1,2}", re.ASCII)
_TIME: Final = {"type": "string", "format": "date-time"}


@dataclass(frozen=True, slots=True)
class Known:
    """The codes there are: of regions and of provinces."""

    regions: frozenset[str]
    provinces: frozenset[str]


@dataclass(slots=True)
class _Reading:
    """The parameters, and what is wrong with them so far."""

    given: QueryParams
    errors: list[ErrorItem] = field(default_factory=list)

    def wrong(self, name: str, code: str, detail: str) -> None:
        """Note an error."""
        self.errors.append(ErrorItem(None, name, code, detail))

    def one(self, name: str) -> str | None:
        """Read a parameter that may be given once."""
        found = self.given.getlist(name)
        if len(found) > 1:
            self.wrong(name, "repeated", "may be given once")
        return found[0] if found else None

    def code(self, name: str, known: Collection[str]) -> str | None:
        """Read a code."""
        found = self.one(name)
        if found is not None and found not in known:
            self.wrong(name, "unknown_value", "none of the codes there are")
            return None
        return found

    def codes(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """Read codes, each once."""
        found = self.given.getlist(name)
        if not set(found) <= set(known):
            self.wrong(name, "unknown_value", "none of the codes there are")
        if len(set(found)) < len(found):
            self.wrong(name, "repeated", "the same one twice")
        return tuple(each for each in dict.fromkeys(found) if each in known)

    def time(self, name: str) -> int | None:
        """Read an instant (ms)."""
        found = self.one(name)
        if found is None:
            return None
        try:
            return instants.parse(found) // instants.NS_PER_MS
        except ValueError:
            self.wrong(name, "bad_format", "an RFC 3339 time, with `Z` or an offset (a plus sign as %2B)")
            return None

    def count(self, name: str, least: int, most: int) -> int | None:
        """Read a small whole number."""
        found = self.one(name)
        if found is None:
            return None
        if not _COUNT.fullmatch(found) or not least <= int(found) <= most:
            self.wrong(name, "bad_format", "a whole number within the limits of the contract")
            return None
        return int(found)


def question(given: QueryParams, known: Known) -> Question:
    """Read a question; ProblemError 400 with everything that is wrong."""
    reading = _Reading(given)
    figures = reading.codes("figure", DEFINITIONS)
    if not reading.given.getlist("figure"):
        reading.wrong("figure", "missing", "which figures: GET /v1/monitor/definitions lists them")
    if len(figures) > _MOST:
        reading.wrong("figure", "too_many", f"at most {_MOST} at once")
    at, period, known_at = _when(reading)
    asked = Question(
        figures=figures,
        at=at,
        period=period,
        known_at=known_at,
        scope=_scope(reading, known),
        by=tuple(each for each in get_args(By) if each in reading.codes("by", get_args(By))),
        household=_household(reading, known),
    )
    if reading.errors:
        raise ProblemError("invalid", errors=reading.errors)
    return asked


def _when(reading: _Reading) -> tuple[int | None, Period | None, int | None]:
    at, start, end, known_at = (reading.time(name) for name in ("at", "start", "end", "known_at"))
    year, month = reading.one("year"), reading.one("month")
    if year is not None and not _YEAR.fullmatch(year):
        reading.wrong("year", "bad_format", "four digits")
        year = None
    if month is not None and not _MONTH.fullmatch(month):
        reading.wrong("month", "bad_format", "four digits, a hyphen, two digits")
        month = None
    ways = [name for name in ("at", "start", "year", "month") if name in reading.given]
    if len(ways) > 1 or ("end" in reading.given) != ("start" in reading.given):
        reading.wrong("at", "conflict", "one of `at`, `start` with `end`, `year`, `month`; or `known_at` alone")
    elif not ways and "known_at" not in reading.given:
        reading.wrong("at", "missing", "one of `at`, `start` with `end`, `year`, `month`; or `known_at` alone")
    if start is not None and end is not None and start >= end:
        reading.wrong("end", "conflict", "after the start")
        return at, None, known_at
    if start is not None and end is not None:
        return at, Period(start, end), known_at
    return at, year_of(int(year)) if year else month_of(month) if month else None, known_at


def _scope(reading: _Reading, known: Known) -> Scope:
    province, region = reading.code("province", known.provinces), reading.code("region", known.regions)
    if province and region:
        reading.wrong("region", "conflict", "a province or a region")
    kind = reading.code("kind", v.KINDS)
    return Scope(province=province, region=region, kind=kind) if province or region or kind else NATION


def _household(reading: _Reading, known: Known) -> Household | None:
    if not _OF_A_HOUSEHOLD & set(reading.given):
        return None
    adults, children = reading.count("adults", 0, 20), reading.count("children", 0, 20)
    if not (adults or 0) + (children or 0):
        reading.wrong("adults", "missing", "adults and children together at least 1")
    need = Need(
        kinds=(),
        features=reading.codes("feature", v.FEATURES),
        men=reading.count("men", 0, 20) or 0,
        oldest_son_age=reading.count("oldest_son_age", 0, 18),
        security=reading.code("security", v.SECURITY) or "open",
        services=reading.codes("service", v.SERVICES),
        languages=(),
    )
    return Household(adults=adults or 0, children=children or 0, need=need, exclude_regions=reading.codes("exclude_region", known.regions))


def for_analyst(asked: Question, now: int) -> Question:
    """Hold a question to what an analyst may see; ProblemError 400 where it asks for more. `now` (ms) is the clock of the country."""
    latest = (now - DAY_MS) // HOUR_MS * HOUR_MS
    instants_of = {"at": asked.at, "known_at": asked.known_at}
    if asked.period:
        instants_of |= {"start": asked.period.start, "end": asked.period.end}
    errors = []
    for name, instant in instants_of.items():
        if instant is not None and instant > latest:
            errors.append(ErrorItem(None, name, "too_recent", "analysts see the country a day late"))
        if instant is not None and instant % HOUR_MS:
            errors.append(ErrorItem(None, name, "not_to_the_hour", "analysts see times to the hour"))
    if errors:
        raise ProblemError("invalid", errors=errors)
    known_at = latest if asked.known_at is None else asked.known_at
    return Question(
        figures=asked.figures,
        at=asked.at,
        period=asked.period,
        known_at=known_at,
        scope=asked.scope,
        by=asked.by,
        household=asked.household,
    )


def _codes(known: Collection[str]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", "enum": sorted(known)}}


_OF_A_HOUSEHOLD: Final = {"adults", "children", "men", "oldest_son_age", "feature", "service", "security", "exclude_region"}
PARAMETERS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "figure": ("Which figures, once each", _codes(DEFINITIONS)),
    "at": ("What was true at that instant", _TIME),
    "start": ("What was true from that instant", _TIME),
    "end": ("to this one", _TIME),
    "year": ("The same for a year of Europe/Amsterdam", {"type": "string", "pattern": f"^{_YEAR.pattern}$"}),
    "month": ("The same for a month of Europe/Amsterdam", {"type": "string", "pattern": f"^{_MONTH.pattern}$"}),
    "known_at": ("By what had been recorded then; alone: the live view as it was shown then", _TIME),
    "by": ("More rows: of each region, province, kind, month or day", _codes(get_args(By))),
    "province": ("This province only", {"type": "string"}),
    "region": ("This region only", {"type": "string"}),
    "kind": ("This kind of unit only", {"type": "string", "enum": sorted(v.KINDS)}),
    "adults": ("Of a household, for the figures that need one: its adults", {"type": "integer", "minimum": 0, "maximum": 20}),
    "children": ("its children", {"type": "integer", "minimum": 0, "maximum": 20}),
    "men": ("how many of the adults are men", {"type": "integer", "minimum": 0, "maximum": 20}),
    "oldest_son_age": ("the age of its oldest son", {"type": "integer", "minimum": 0, "maximum": 18}),
    "feature": ("what its unit must have", _codes(v.FEATURES)),
    "service": ("what its shelter must offer", _codes(v.SERVICES)),
    "security": ("how safe its shelter must be at least", {"type": "string", "enum": sorted(v.SECURITY)}),
    "exclude_region": ("where it can't go", {"type": "array", "items": {"type": "string"}}),
}
"""Every parameter: what it says, and its schema."""


def documented() -> list[dict[str, Any]]:
    """Describe the parameters for OpenAPI."""
    return [
        {"name": name, "in": "query", "required": name == "figure", "description": sentence, "schema": schema}
        for name, (sentence, schema) in PARAMETERS.items()
    ]
