"""Offers and holds as a person reads them at three in the morning: few words, the number to call large."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.adapters.clock import now_ms

console = Console(highlight=False)
_WHOLE: Final = {"hold", "call", "call first"}  # what is typed over or dialled is never cut off, however narrow the terminal is

_WHY: Final = {
    "two_units": "two units of one shelter would do: call (--call-first)",
    "closed": "closed for now",
    "kind": "of another kind",
    "features": "lacks a feature",
    "children": "too few children's places",
    "adults": "too few adults' places",
    "languages": "does not speak a language",
    "services": "lacks a service",
    "security": "less secure",
    "sons": "does not take sons of that age",
    "audience": "takes women only, or men only",
    "paused": "takes nobody in at the moment",
    "region": "in a region you excluded",
}
# Three rows a character, as on the display of a pocket calculator.
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


def large(number: str) -> str:
    """Write a telephone number in three rows."""
    return "\n".join("".join(_DIGITS.get(sign, (sign,) * 3)[row] for sign in number) for row in range(3))


def found(answer: dict[str, Any]) -> RenderableType:
    """Draw what a search has found."""
    parts: list[RenderableType] = [Text("DEGRADED: this is older than it should be", style="bold red")] if answer["degraded"] else []
    if answer["offers"]:
        parts += [_offers(answer["offers"]), Text(f"More that fit, in the whole country: {answer['more']}")]
        parts.append(Text(f"Hold one before {clock(answer['offers_until'])}: plek hold 1", style="bold"))
    elif answer["narrow"]:
        parts.append(
            Text("Very few shelters could take her in, and whether they are full is not shown: call them (--call-first).", style="bold")
        )
    else:
        parts.append(Text("Nothing that fits is free.", style="bold red"))
    if answer["misses"]:
        parts.append(_misses(answer["misses"]))
    return Group(*parts, *_calls(answer.get("call_first", {}), len(answer["offers"])))


def _offers(offers: list[dict[str, Any]]) -> Table:
    table = _table("#", "area", "kind", "fit", "heard of")
    for number, offer in enumerate(offers, start=1):
        table.add_row(str(number), ", ".join(offer["provinces"]), _said(offer["kind"]), _said(offer["fit"]), _heard(offer["age_hours"]))
    return table


def _misses(misses: list[dict[str, Any]]) -> Table:
    table = _table("nearly fits", "area", "but")
    for miss in misses:
        table.add_row(_said(miss["kind"]), ", ".join(miss["provinces"]), _WHY[miss["condition"]])
    return table


def _calls(calls: dict[str, Any], offered: int) -> Iterable[RenderableType]:
    if calls.get("listed"):
        table = _table("#", "call first", "region", "kind", "heard of")
        number = offered
        for call in calls["listed"]:
            number += bool(call["offer"])
            named = str(number) if call["offer"] else ""
            table.add_row(named, f"[bold]{call['intake_phone']}[/]", call["region"], call["kind"], _heard(call["age_hours"]))
        yield table
    elif calls.get("shelters", "none") != "none":
        yield Text(f"Not told of here, and might have room: {calls['shelters']} shelters; --call-first tells whom to call")


def held(hold: dict[str, Any]) -> RenderableType:
    """Draw a hold that is hers: the number to call, large."""
    lines = [large(hold["intake_phone"] or "?"), "", f"call {hold['intake_phone']}, region {hold['region']}, {hold['kind']}"]
    lines.append(f"kept until {clock(hold['until'])}; hold {hold['hold']}")
    return Panel(Text("\n".join(lines), style="bold"), title="It is yours", border_style="green", expand=False)


def holds(listed: list[dict[str, Any]]) -> RenderableType:
    """Draw all holds of a worker."""
    if not listed:
        return Text("No holds within a day")
    table = _table("hold", "status", "call", "region", "kind", "until")
    for hold in listed:
        status = "accepted" if hold["status"] == "granted" and hold["accepted"] else hold["status"]
        reason = hold.get("declined_because")
        cells = [hold.get(name) or "" for name in ("intake_phone", "region", "kind")]
        until = clock(hold["until"]) if hold.get("until") else ""
        table.add_row(hold["hold"], f"{status} ({reason})" if reason else status, *cells, until)
    return table


def waiting(shelters: list[dict[str, Any]]) -> RenderableType:
    """Draw who waits for an answer of a shelter."""
    asked = [(shelter["shelter"], hold) for shelter in shelters for hold in shelter["holds_waiting"]]
    if not asked:
        return Text("Nobody waits for an answer")
    table = _table("hold", "shelter", "unit", "household", "desk", "until")
    for shelter, hold in asked:
        household = f"{hold['adults']}+{hold['children']}"
        table.add_row(hold["hold"], shelter, hold["unit"], household, hold["desk"], clock(hold["until"]))
    return table


def clock(instant: str) -> str:
    """Tell the time of an instant as the clock on the wall here shows it; of another day than today also the day."""
    return at(instant, now_ms())


def at(instant: str, now: int) -> str:
    """Tell the time of an instant on the clock of this machine, to whom it is now `now` (ms)."""
    then, today = datetime.fromisoformat(instant).astimezone(), datetime.fromtimestamp(now / 1_000, UTC).astimezone()
    return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%a %d %b %H:%M}"


def _said(word: str | None) -> str:
    return word or "not told"


def _heard(hours: int | None) -> str:
    return "never" if hours is None else f"within {hours + 8} h"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=bool(_WHOLE & set(columns)))
    for name in columns:
        table.add_column(name, no_wrap=name in _WHOLE, overflow="fold")
    return table
