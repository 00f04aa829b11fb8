"""The members of every event and the values they allow. Contract, section 3 and the values of section 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

# Whether a value is allowed, given the region codes and the reader of times.
Check = Callable[[Any, Collection[str], Callable[[Any], int | None]], bool]

DEMAND_IDS: Final = ("search", "fallback", "entry")


@dataclass(frozen=True)
class Shape:
    """The object of one type: its members, which of them are required, and a rule over the whole."""

    members: Mapping[str, Check]
    required: frozenset[str]
    whole: Callable[[dict[str, Any]], bool] | None = None


def shape(
    required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *, whole: Callable[[dict[str, Any]], bool] | None = None
) -> Shape:
    """Make a shape of its required and its optional members."""
    return Shape({**required, **(optional or {})}, frozenset(required), whole)


def text(pattern: str) -> Check:
    """Allow strings that match the pattern from end to end."""
    return lambda value, _regions, _instant: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def one_of(*values: str) -> Check:
    """Allow these strings."""
    return lambda value, _regions, _instant: isinstance(value, str) and value in values


def number(low: int, high: int) -> Check:
    """Allow integers from low to high; a bool is none."""
    return lambda value, _regions, _instant: type(value) is int and low <= value <= high


def or_null(check: Check) -> Check:
    """Allow null beside what the check allows: for the two ages only."""
    return lambda value, regions, instant: value is None or check(value, regions, instant)


def list_of(check: Check, at_most: int | None = None) -> Check:
    """Allow lists of such values (all are strings) that hold none of them twice."""

    def allowed(value: Any, regions: Collection[str], instant: Callable[[Any], int | None]) -> bool:
        if not isinstance(value, list) or not all(check(item, regions, instant) for item in value):
            return False
        return len(set(value)) == len(value) and (at_most is None or len(value) <= at_most)

    return allowed


def object_of(inner: Shape) -> Check:
    """Allow objects of that shape and no other members."""

    def allowed(value: Any, regions: Collection[str], instant: Callable[[Any], int | None]) -> bool:
        if not isinstance(value, dict) or not inner.required <= value.keys() <= inner.members.keys():
            return False
        fits = all(inner.members[member](item, regions, instant) for member, item in value.items())
        return fits and (inner.whole is None or inner.whole(value))

    return allowed


def is_bool(value: Any, _regions: Collection[str], _instant: Callable[[Any], int | None]) -> bool:
    """Allow true and false."""
    return isinstance(value, bool)


def is_time(value: Any, _regions: Collection[str], instant: Callable[[Any], int | None]) -> bool:
    """Allow a time as section 1 wants it written."""
    return instant(value) is not None


def is_region(value: Any, regions: Collection[str], _instant: Callable[[Any], int | None]) -> bool:
    """Allow the codes of the region file."""
    return isinstance(value, str) and value in regions


def is_name(value: Any, _regions: Collection[str], _instant: Callable[[Any], int | None]) -> bool:
    """Allow 1 to 80 code points, none of them an unpaired surrogate."""
    return isinstance(value, str) and 1 <= len(value) <= 80 and not any("\ud800" <= point <= "\udfff" for point in value)


def is_view(value: Any, _regions: Collection[str], _instant: Callable[[Any], int | None]) -> bool:
    """Allow an object of decimal partition, without leading zero, to offset."""
    return isinstance(value, dict) and all(
        re.fullmatch("0|[1-9][0-9]*", partition) and type(offset) is int and 0 <= offset < 2**53 for partition, offset in value.items()
    )


def has_a_person(data: dict[str, Any]) -> bool:
    """Adults and children are together at least one."""
    return bool(data["adults"] + data["children"] >= 1)


def nothing_known(evidence: dict[str, Any]) -> bool:
    """Unavailable evidence has counts 0 and an empty view."""
    counts = [value for member, value in evidence.items() if member not in ("status", "view")]
    return evidence["status"] == "complete" or (not any(counts) and evidence["view"] == {})


def one_id(data: dict[str, Any]) -> bool:
    """Exactly one of search, fallback and entry."""
    return sum(member in data for member in DEMAND_IDS) == 1


ID: Final = text("[a-z0-9-]{1,40}")
UUID: Final = text("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
COUNT: Final = number(0, 1_000_000)
HOUSEHOLD: Final[Mapping[str, Check]] = {"adults": number(0, 20), "children": number(0, 20)}
SECURITY: Final = one_of("open", "secure", "high_secure")
SERVICES: Final = list_of(one_of("addiction", "psychiatric", "trafficking", "no_residence_permit", "intellectual_disability"))
LANGUAGES: Final = list_of(text("[a-z]{2}"))
KIND: Final = one_of("emergency", "crisis", "follow_up", "assisted")
FEATURES: Final = list_of(one_of("wheelchair", "pets", "own_kitchen", "own_bathroom", "cot"))
AGE: Final = or_null(number(0, 18))
WHEN: Final[Mapping[str, Check]] = {"occurred_at": is_time}
CORRECTS: Final = object_of(shape({"source": text("urn:plek:[a-z0-9:-]{1,80}"), "id": text("[A-Za-z0-9._:-]{1,64}")}))
WHY: Final = one_of("mistake", "duplicate", "wrong_unit", "wrong_time")

SHELTER: Final[Mapping[str, Check]] = {"shelter": ID}
UNIT: Final[Mapping[str, Check]] = {**SHELTER, "unit": ID}
STAY: Final[Mapping[str, Check]] = {**SHELTER, "stay": UUID}
HOLD: Final[Mapping[str, Check]] = {**SHELTER, "hold": UUID}
TTL: Final = number(60, 7_200)

BEDS: Final[Mapping[str, Shape]] = {
    "shelter-registered": shape(
        {
            **SHELTER,
            "name": is_name,
            "organisation": ID,
            "region": is_region,
            "security": SECURITY,
            "audience": list_of(one_of("women", "men")),
            "max_son_age": AGE,
            "languages": LANGUAGES,
            "services": SERVICES,
            "intake_phone": text("[0-9 +-]{1,30}"),
        },
    ),
    "unit-declared": shape(
        {
            **UNIT,
            "kind": KIND,
            "overflow": is_bool,
            "max_adults": number(1, 20),
            "max_children": number(0, 20),
            "beds": number(1, 40),
            "features": FEATURES,
        },
    ),
    "unit-withdrawn": shape(UNIT),
    "unit-closed": shape(
        {**UNIT, "reason": one_of("cleaning", "maintenance", "staffing", "isolation", "other")},
        {**WHEN, "expected_until": is_time},
    ),
    "unit-reopened": shape(UNIT, WHEN),
    "admission": shape({**STAY, "unit": ID, **HOUSEHOLD}, {**WHEN, "hold": UUID}, whole=has_a_person),
    "stay-changed": shape({**STAY, **HOUSEHOLD}, WHEN, whole=has_a_person),
    "transfer": shape({**STAY, "to_unit": ID}, WHEN),
    "discharge-planned": shape({**STAY, "expected_at": is_time}, WHEN),
    "discharge": shape(
        {**STAY, "destination": one_of("home", "own_home", "family", "other_shelter", "assisted_living", "abroad", "unknown")},
        {**WHEN, "unit_ready": is_bool},
    ),
    "correction": shape({**SHELTER, "corrects": CORRECTS, "reason": WHY}),
    "count-confirmed": shape(SHELTER, {"free": number(0, 1_000)}),
    "intake-paused": shape({**SHELTER, "reason": one_of("staffing", "safety", "quarantine", "other")}, {**WHEN, "expected_until": is_time}),
    "intake-resumed": shape(SHELTER, WHEN),
    "hold-requested": shape(
        {
            **HOLD,
            **HOUSEHOLD,
            "kinds": list_of(KIND),
            "features": FEATURES,
            "ttl_seconds": TTL,
            "desk": ID,
            "asked_by": text("[0-9a-f]{16,64}"),
        },
        whole=has_a_person,
    ),
    "hold-extended": shape({**HOLD, "ttl_seconds": TTL}),
    "hold-accepted": shape(HOLD),
    "hold-released": shape(HOLD),
    "hold-declined": shape({**HOLD, "reason": one_of("no_staff", "unit_unfit", "safety", "full", "other")}),
}

NEED: Final = object_of(
    shape(
        {
            "kinds": list_of(KIND),
            "features": FEATURES,
            "men": COUNT,
            "oldest_son_age": AGE,
            "security": SECURITY,
            "services": SERVICES,
            "languages": LANGUAGES,
        },
    ),
)
EVIDENCE: Final = object_of(
    shape(
        {
            "status": one_of("complete", "unavailable"),
            "free_nationally": COUNT,
            "fitting_nationally": COUNT,
            "fitting_excluded_for_safety": COUNT,
            "unknown_units": COUNT,
            "view": is_view,
        },
        whole=nothing_known,
    ),
)
SEALED: Final = object_of(shape({"key": text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9a-f]{8}"), "text": text("[A-Za-z0-9_-]{40,2000}")}))
ASKING: Final[Mapping[str, Check]] = {"region": is_region, **HOUSEHOLD}

DEMAND: Final[Mapping[str, Shape]] = {
    "search-made": shape(
        {
            "search": UUID,
            **ASKING,
            "need": NEED,
            "exclude_regions": list_of(is_region, at_most=10),
            "fitting_units": COUNT,
            "offers": COUNT,
            "view": is_view,
        },
        {"again_of": UUID},
        whole=has_a_person,
    ),
    "search-ended": shape(
        {"search": UUID, "outcome": one_of("held", "fallback", "waiting_list", "elsewhere", "withdrawn", "unknown")}, WHEN
    ),
    "fallback-started": shape(
        {
            "fallback": UUID,
            **ASKING,
            "accommodation": one_of("hotel", "holiday_park", "family", "other"),
            "need": NEED,
            "reason": one_of("nothing_free", "nothing_fitting", "unsafe_region", "no_answer", "at_night", "other"),
            "evidence": EVIDENCE,
        },
        WHEN,
        whole=has_a_person,
    ),
    "fallback-ended": shape({"fallback": UUID, "outcome": one_of("placed", "home", "family", "other")}, WHEN),
    "waiting-list-joined": shape({"entry": UUID, **ASKING, "kind": KIND}, WHEN, whole=has_a_person),
    "waiting-list-left": shape({"entry": UUID, "outcome": one_of("placed", "withdrawn", "elsewhere", "unknown")}, WHEN),
    "demand-correction": shape(
        {"corrects": CORRECTS, "reason": WHY},
        {"search": UUID, "fallback": UUID, "entry": UUID},
        whole=one_id,
    ),
}

# Version 2 has `sealed` in place of what the household needs and where it must not go.
SEALING: Final = ("need", "exclude_regions")
VERSION_2: Final[Mapping[str, Shape]] = {
    name: Shape(
        {**{member: check for member, check in DEMAND[name].members.items() if member not in SEALING}, "sealed": SEALED},
        DEMAND[name].required - set(SEALING) | {"sealed"},
        DEMAND[name].whole,
    )
    for name in ("search-made", "fallback-started")
}
