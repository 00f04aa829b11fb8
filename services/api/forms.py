"""The bodies the API takes: dataclasses whose fields carry the rules of the contract, checked by its checks, all errors at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Request

from services.adapters.bodies import read_body
from services.adapters.checks import MEANING, Code, Problem, members
from services.adapters.problems import ErrorItem, ProblemError
from services.adapters.schemas.rules import Json, Printer
from services.api.sealing import LONGEST
from services.domain import values as v

_JSON: Final = "application/json"
# The largest form is a search with all there is in it: less than a tenth of this.
_LARGEST_BYTES: Final = 65_536

Sealed = Annotated[str, v.Text(f"[A-Za-z0-9_-]{{1,{LONGEST}}}", "sealed")]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child, by what decides where it can go."""

    age: Annotated[int, v.Whole(0, 18)]
    boy: v.Yes


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdForm:
    """A household, what it needs, and where it must not go. Lists may be left out: nothing is needed then."""

    women: v.Adults
    men: v.Adults = 0
    children: Annotated[tuple[Child, ...], v.ListOf(v.Members(Child), most=20, alike=True)] = ()
    kinds: v.Kinds = ()
    features: v.Features = ()
    services: v.Services = ()
    languages: v.Languages = ()
    security: v.Security = "open"
    exclude_regions: v.ExcludedRegions = ()
    region: v.RegionCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchForm(HouseholdForm):
    """Where a household can go."""

    near: v.RegionCode | None = None
    call_first: v.Yes = False
    again_of: Sealed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndForm:
    """How a search ended."""

    outcome: v.SearchOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackForm(HouseholdForm):
    """Where a household is put up when there is no place, and why."""

    accommodation: v.Accommodation
    reason: v.FallbackReason
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackEndForm:
    """How a fallback ended, and when if that is not now."""

    outcome: v.FallbackOutcome
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoForm:
    """Whether the start or the end was wrong, and why: it is taken out as if it had never been sent."""

    undo: Annotated[str, v.OneOf(("start", "end"))]
    reason: v.CorrectionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinForm:
    """A household that waits for a place of a kind."""

    kind: v.Kind
    adults: v.Adults
    children: v.Children = 0
    region: v.RegionCode | None = None
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveForm:
    """Why a household no longer waits, and since when if that is not now."""

    outcome: v.WaitingOutcome
    occurred_at: v.Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldForm:
    """The offer that is to be held."""

    offer: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineForm:
    """Why a shelter can't take a household; with `unit_unfit`, for what the unit is to be closed, if it is."""

    reason: v.DeclineReason
    close_unit: v.ClosingReason | None = None


Across = Callable[[Any], list[Problem]]


class Form(Generic[T]):
    """Reads bodies of one shape, with the codes of one region file. `across` checks what holds between members."""

    def __init__(self, shape: type[T], regions: frozenset[str], across: Across = lambda _: []) -> None:
        self._check, self._across = members(shape, regions, ""), across
        self._shape, self._regions = shape, regions

    async def read(self, request: Request) -> tuple[T, Any]:
        """Read the body of a request, and the JSON it was; ProblemError with all that is wrong, 400, 408, 413 or 415."""
        _, value = await read_body(request, (_JSON,), _LARGEST_BYTES)
        problems: list[Problem] = []
        form = self._check(value, problems)
        if form is not None:
            problems += self._across(form)
        if problems:
            raise ProblemError("invalid", errors=[wrong(problem.pointer, problem.code) for problem in problems])
        return form, value

    def body(self) -> Json:
        """Describe the body for OpenAPI."""
        printer = Printer(sorted(self._regions))
        schema = _inlined(printer.members(self._shape), printer.definitions)
        return {"required": True, "content": {_JSON: {"schema": schema}}}


def wrong(pointer: str, code: Code) -> ErrorItem:
    """Say what is wrong with a member."""
    return ErrorItem(None, pointer, code, MEANING[code])


def _inlined(schema: Any, definitions: dict[str, Json]) -> Any:
    """Write out what is referred to: a document of OpenAPI has its definitions elsewhere."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]] | {k: s for k, s in schema.items() if k != "$ref"}, definitions)
    return {name: _inlined(each, definitions) for name, each in schema.items()}
