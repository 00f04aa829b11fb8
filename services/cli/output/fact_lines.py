"""What a shelter sent, as lines: what it is, what looks wrong beside it, and how to take it back. Dutch first, English beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import typer

from services.adapters.labels.code_labels import code_lists
from services.cli.output.clock_text import clock
from services.cli.output.wrapped_lines import join_parts, wrap

SHORT: Final = 8
"""How much of an id is shown: it can be typed over."""

_INDENT: Final = 2
# The list that has the words of the reason of an event
_REASONS: Final = {
    "unit-closed": "closing_reasons",
    "intake-paused": "pause_reasons",
    "correction": "correction_reasons",
    "hold-declined": "decline_reasons",
}


def short_handle(event: str) -> str:
    """Return the beginning of the handle of an event; without a hyphen at its beginning, which a shell verb takes for an option."""
    return event.lstrip("-")[:SHORT]


def in_both(section: str, code: str) -> str:
    """Return a code in Dutch, with the English in brackets; the code itself where the list does not have it."""
    label = code_lists().get(section, {}).get(code)
    if label is None:
        return code.replace("_", " ")
    return label.nl if label.nl == label.en else f"{label.nl} ({label.en})"


def event_name(code: str) -> str:
    """Return the type of an event as the beginning of a line."""
    name = in_both("event_types", code)
    return name[0].upper() + name[1:]


def sent_lines(answer: Mapping[str, Any], shelter: str, about: str) -> Iterator[str]:
    """Yield the lines of a fact that was accepted; `about` is what was typed."""
    yield typer.style(wrap(f"{event_name(answer['type'])}: {join_parts(shelter, about)}", _INDENT, ""), bold=True)
    yield from warning_lines(answer.get("warnings") or ())
    if not answer.get("visible", True):
        yield wrap("Het staat in het logboek, en is zo te zien. (It is in the log; the view shows it in a moment.)", _INDENT, "")
    if answer.get("undo"):
        yield f"Toch niet? (Undo:) plek undo {shelter} {short_handle(answer['event'])}"


def warning_lines(warnings: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Yield what looks wrong: it was accepted all the same."""
    for warning in warnings:
        yield typer.style(wrap(f"Let op: {warning['nl']}", _INDENT, ""), fg="yellow", bold=True)
        yield wrap(f"({warning['en']})", _INDENT)


def history_lines(events: Iterable[Mapping[str, Any]], shelter: str) -> Iterator[str]:
    """Yield a line for each event that a shelter sent."""
    empty = True
    for event in events:
        empty = False
        yield event_line(event)
    if empty:
        yield f"{shelter}: niets doorgegeven in 14 dagen (nothing was sent in 14 days)"


def event_line(event: Mapping[str, Any]) -> str:
    """Return an event that was sent as a line, with the beginning of its id, which can be typed over."""
    data, section = event["data"], _REASONS.get(event["type"], "")
    household = f"{data['adults']}+{data['children']}" if "adults" in data else ""
    unit = data.get("unit") or (f"→ {data['to_unit']}" if "to_unit" in data else "")
    destination = in_both("destinations", data["destination"]) if "destination" in data else ""
    reason = in_both(section, data["reason"]) if "reason" in data else ""
    free = f"{data['free']} vrij (free)" if "free" in data else ""
    corrects = f"van (of) {short_handle(event['corrects'])}" if "corrects" in event else ""
    undone = "teruggedraaid (undone)" if event["undone"] else ""
    about = join_parts(event_name(event["type"]), unit, household, destination, reason, free, corrects, event["by"], undone)
    return wrap(f"{short_handle(event['event'])}  {clock(event.get('occurred_at') or event['time'])}  {about}", SHORT + 2, "")


def shelter_line(shelter: Mapping[str, Any]) -> str:
    """Return a shelter as a line: its name, its places, and when it was last heard of."""
    registration, counts = shelter["registration"] or {}, shelter["counts"]
    free = f"{counts['free']} vrij van {counts['capacity']} (free)"
    heard = in_both("freshness", shelter["freshness"])
    return wrap(f"{shelter['shelter']}  {join_parts(registration.get('name', ''), shelter['region'] or '', free, heard)}", SHORT + 2, "")


def hold_choice(hold: Mapping[str, Any]) -> str:
    """Return a hold on a unit as a choice."""
    return join_parts(hold["hold"][:SHORT], f"{hold['adults']}+{hold['children']}", f"tot (until) {clock(hold['until'])}")


def stay_choice(stay: Mapping[str, Any]) -> str:
    """Return a stay in a unit as a choice."""
    return join_parts(stay["stay"][:SHORT], f"{stay['adults']}+{stay['children']}", f"sinds (since) {clock(stay['since'])}")
