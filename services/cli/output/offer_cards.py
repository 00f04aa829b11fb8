"""Offers and near misses for a worker: where, how far, which kind, how well it fits, and when the shelter last reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import typer

from services.cli.options.region_names import RegionNames
from services.cli.output import code_text as words
from services.cli.output.clock_text import clock
from services.cli.output.wrapped_lines import join_parts, wrap

_INDENT: Final = 4
# The API gives an age in steps of so many hours
_STEP_H: Final = 8
_REASONS_FOR_NONE: Final = {
    "chain_used_up": "More fits, but this household was shown its nine offers: plek end-search unknown, then search anew",
    "nothing_new": "All that fits was shown before.",
}
_ORDER: Final = "First what fits most closely, then what was heard of last, then what is nearest."
_NEXT_STEPS: Final = "Next: `plek duty` to phone, `plek fallback` for a hotel, or `plek waiting-list`."


def offer_lines(answer: Mapping[str, Any], names: RegionNames, first: int = 1) -> Iterator[str]:
    """Yield the lines of the answer to a search; its offers are numbered from `first` on."""
    offers, calls = answer["offers"], answer.get("call_first") or {}
    if answer.get("degraded"):
        as_of = clock(answer["as_of"]) if answer.get("as_of") else "an unknown time"
        yield typer.style(f"DEGRADED: as it was at {as_of}, older than it should be", fg="red", bold=True)
    for number, offer in enumerate(offers, start=first):
        yield from _card(number, offer)
    if len(offers) > 1:
        yield wrap(_ORDER, 2, "")
    if not offers:
        none = "Nothing that fits is free." if first == 1 else "Nothing else that fits is free."
        yield typer.style(wrap(_REASONS_FOR_NONE.get(answer.get("why_none") or "", none), 2, ""), fg="red", bold=True)
    yield from map(_near_miss, answer.get("misses") or ())
    yield from _calls(calls, first + len(offers), names)
    yield from _next_steps(answer, first)


def _card(number: int, offer: Mapping[str, Any]) -> Iterator[str]:
    yield typer.style(wrap(_place(offer), _INDENT, f"{number:>2}  "), bold=True)
    size, fit = words.in_words(words.SIZES, offer.get("size")), words.in_words(words.FITS, offer.get("fit"))
    fits = ", ".join(filter(None, (f"for {size}" if size else "", fit)))
    same = f"{offer['same']} such places" if offer.get("same", 1) > 1 else ""
    yield wrap(join_parts(words.in_words(words.KINDS, offer.get("kind")), fits, same), _INDENT)
    has, lacks = words.list_needs(offer.get("has")), words.list_needs(offer.get("lacks"))
    yield wrap(join_parts(_last_report(offer.get("age_hours")), has and f"has {has}", lacks and f"lacks {lacks}"), _INDENT)


def _place(offer: Mapping[str, Any]) -> str:
    regions = words.list_regions(offer.get("regions") or ()) or str(offer.get("area", ""))
    return join_parts(regions, words.format_distance(offer.get("distance_km")))


def _near_miss(miss: Mapping[str, Any]) -> str:
    reason = words.miss_reason(miss["condition"], words.list_needs(miss.get("lacks")))
    place = join_parts(_place(miss), words.in_words(words.KINDS, miss.get("kind")))
    return wrap(f"Nearly fits: {place}; but {reason}", _INDENT, "")


def _calls(calls: Mapping[str, Any], number: int, names: RegionNames) -> Iterator[str]:
    """Yield the shelters to call first; one that can be held gets the next number."""
    for call in calls.get("listed") or ():
        region = names.name(call["region"]) if isinstance(call["region"], str) else words.list_regions([call["region"]])
        about = join_parts(region, words.in_words(words.KINDS, call["kind"]), _last_report(call["age_hours"]))
        yield wrap(f"call first {call['intake_phone']} · {about}", _INDENT, f"{number:>2}  " if call["offer"] else " " * _INDENT)
        number += bool(call["offer"])
    if not calls.get("listed") and calls.get("shelters", "none") != "none":
        yield wrap(f"{calls['shelters']} shelters might have room and were not heard of for a day: --call-first lists them", 2, "")


def _next_steps(answer: Mapping[str, Any], first: int) -> Iterator[str]:
    more, left = answer.get("more", "none"), answer.get("offers_left", 0)
    if more not in {"none", "unknown"}:
        command = f"plek find --more ({left} of nine offers left for this household)"
        yield wrap(f"{more} more that fit: {command if left else 'all nine offers of this household were shown'}", 2, "")
    if not answer["offers"] and first == 1:
        yield wrap(_NEXT_STEPS, 2, "")
    if answer["offers"] and answer.get("can_hold", True):
        yield typer.style(f"Hold one before {clock(answer['offers_until'])}: plek hold {first}", bold=True)
    elif answer["offers"]:
        yield typer.style("Nothing can be held now: phone, `plek duty` has the numbers", fg="red", bold=True)


def kept_offers(offers: int, until: str) -> str:
    """Return that the earlier offers can still be held, for a refinement that has none."""
    earlier = "the offer of before" if offers == 1 else f"the {offers} offers of before"
    return f"Nothing new fits; {earlier} can still be held until {clock(until)}: plek hold 1"


def _last_report(hours: int | None) -> str:
    return "never heard of" if hours is None else f"heard of within {hours + _STEP_H} h"
