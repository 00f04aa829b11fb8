"""Holds for a worker and a shelter: the number to call in large digits, how long is left, and why a hold ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import typer

from services.cli.options.region_names import RegionNames
from services.cli.output import code_text as words
from services.cli.output.clock_text import clock, clock_rounded_up
from services.cli.output.wrapped_lines import join_parts, wrap

SHORT: Final = 8
"""The number of characters of an id that are shown: enough to type."""

_INDENT: Final = 2
# Three rows a character, as on the display of a pocket calculator
_DIGITS: Final = {
    "0": (" _ ", "| |", "|_|"),
    "1": ("   ", "  |", "  |"),
    "2": (" _ ", " _|", "|_ "),
    "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"),
    "5": (" _ ", "|_ ", " _|"),
    "6": (" _ ", "|_ ", "|_|"),
    "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"),
    "9": (" _ ", "|_|", " _|"),
    "+": ("   ", " + ", "   "),
    "-": ("   ", " - ", "   "),
    " ": ("  ", "  ", "  "),
}


def large_digits(number: str) -> str:
    """Return a telephone number in three rows."""
    return "\n".join("".join(_DIGITS.get(character, (character,) * 3)[row] for character in number) for row in range(3))


def granted_lines(hold: Mapping[str, Any], names: RegionNames) -> Iterator[str]:
    """Yield the lines of a hold that was granted: the number to call, large."""
    yield typer.style("The place is held. Call now:", fg="green", bold=True)
    yield typer.style(large_digits(hold["intake_phone"] or "?"), bold=True)
    yield wrap(f"call {hold['intake_phone']}, {_region(hold, names)}, {words.in_words(words.KINDS, hold.get('kind'))}", _INDENT, "")
    if before := phone_before(hold):
        yield typer.style(wrap(before, _INDENT, ""), fg="yellow")
    if has := words.list_needs(hold):
        yield wrap(f"has {has}", _INDENT, "")
    yield f"held until {clock(hold['until'])}; hold {hold['hold'][:SHORT]}"


def hold_lines(holds: list[dict[str, Any]], names: RegionNames) -> Iterator[str]:
    """Yield the lines of all holds of a worker, and the live ones of the desk."""
    if not holds:
        yield "No holds within a day"
    for hold in holds:
        yield typer.style(wrap(f"{hold['hold'][:SHORT]}  {status_text(hold)}", _INDENT, ""), bold=bool(hold.get("intake_phone")))
        if about := _about(hold, names):
            yield wrap(about, SHORT + 2)


def unanswered_lines(holds: list[dict[str, Any]], names: RegionNames) -> Iterator[str]:
    """Yield the lines of the holds of a coordinator's regions that wait for the answer of a shelter."""
    if not holds:
        yield "No hold waits for the answer of a shelter"
    for hold in holds:
        yield typer.style(f"{hold['shelter']}, unit {hold['unit']}: waits for {hold['minutes_waiting']} min", bold=True)
        household = f"household {hold['adults']}+{hold['children']}"
        yield wrap(join_parts(household, _region(hold, names), f"desk {hold['desk']}", f"held until {clock(hold['until'])}"), _INDENT)


def phone_before(answer: Mapping[str, Any]) -> str:
    """Return in words which number stood there before one that was changed lately; empty where none was."""
    if not answer.get("phone_before"):
        return ""
    return f"new number since {clock(answer['phone_changed_at'])}; before it was {answer['phone_before']}: when in doubt call that one too"


def _region(hold: Mapping[str, Any], names: RegionNames) -> str:
    return names.name(hold["region"]) if hold.get("region") else ""


def _about(hold: Mapping[str, Any], names: RegionNames) -> str:
    household = f"household {hold['adults']}+{hold['children']}" if hold.get("adults") is not None else ""
    phone = f"call {hold['intake_phone']}" if hold.get("intake_phone") else ""
    extendable = f"can be extended from {clock_rounded_up(hold['extendable_from'])}" if hold.get("extendable_from") else ""
    holder = ""
    if not hold.get("mine", True):
        is_live = hold["status"] == "granted"
        holder = f"of a colleague: plek take-over {hold['hold'][:SHORT]}" if is_live else "a colleague took it over"
    kind = words.in_words(words.KINDS, hold.get("kind"))
    return join_parts(household, _region(hold, names), kind, phone, phone_before(hold), extendable, holder)


def status_text(hold: Mapping[str, Any]) -> str:
    """Return until when a live hold is kept, or why a hold ended."""
    if hold["status"] == "granted":
        status = "accepted by the shelter" if hold.get("accepted") else "waits for the shelter"
        return f"{status}, held until {clock(hold['until'])}" if hold.get("until") else status
    return end_reason(hold)


def end_reason(hold: Mapping[str, Any]) -> str:
    """Return why a hold ended: in the API's words where it has any."""
    if hold.get("why_en"):
        return str(hold["why_en"])
    if hold["status"] == "declined":
        return f"declined by the shelter: {words.in_words(words.DECLINE_REASONS, hold.get('declined_because'))}".rstrip(": ")
    if hold["status"] == "refused":
        return words.in_words(words.REFUSAL_REASONS, hold.get("reason"))
    return words.in_words(words.HOLD_STATUSES, hold["status"])


def waiting_lines(shelters: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the holds that wait for an answer of a shelter."""
    holds = [(shelter["shelter"], hold) for shelter in shelters for hold in shelter["holds_waiting"]]
    if not holds:
        yield "No household waits for an answer"
    for shelter, hold in holds:
        yield typer.style(hold["hold"], bold=True)
        about = f"{shelter}, unit {hold['unit']} · household {hold['adults']}+{hold['children']} · desk {hold['desk']}"
        yield wrap(f"{about} · answer before {clock(hold['until'])}", _INDENT)
