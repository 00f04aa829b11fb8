"""Proposals as lines: what changes, whether it counts already, and who has to confirm it. Dutch first, English beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import typer

from services.cli.output.clock_text import clock
from services.cli.output.fact_lines import SHORT, in_both
from services.cli.output.wrapped_lines import join_parts, wrap

_INDENT: Final = 2
_WHAT: Final = {
    "new-shelter": "nieuwe opvang (new shelter)",
    "changed-shelter": "gegevens van de opvang (registration)",
    "units": "units",
}
_STATUSES: Final = {
    "proposed": "Voorgesteld (proposed)",
    "in-force": "Geldt nu (in force)",
    "confirmed": "Bevestigd (confirmed)",
    "unchanged": "Er verandert niets (unchanged)",
    "rejected": "Afgewezen (rejected)",
    "withdrawn": "Ingetrokken (taken back)",
    "lapsed": "Verlopen (lapsed)",
}
_MEMBERS: Final = {
    "name": "naam",
    "organisation": "organisatie",
    "region": "regio",
    "security": "beveiliging",
    "audience": "voor",
    "max_son_age": "zonen tot",
    "languages": "talen",
    "services": "hulp",
    "intake_phone": "telefoon",
}
_NO_LIMIT: Final = "zonder grens (no limit)"


def proposed_lines(answer: Mapping[str, Any], about: str) -> Iterator[str]:
    """Yield what became of a proposal; where another person has to confirm it, what that person types."""
    what = _WHAT.get(answer["what"], str(answer["what"]))
    yield typer.style(wrap(f"{_STATUSES.get(answer['status'], answer['status'])}: {join_parts(about, what)}", _INDENT, ""), bold=True)
    if answer["what"] == "changed-shelter" and (changes := answer.get("changes")):
        yield wrap(f"Het gaat om (about): {', '.join(_MEMBERS.get(member, member) for member in changes)}", _INDENT)
    if answer["status"] == "proposed":
        yield wrap(f"Nog nodig (needed): {answer['needs']}", _INDENT)
        yield f"  Die typt (who types): plek shelter confirm {answer['proposal'][:SHORT]}"


def waiting_proposals(proposals: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the proposals that wait, two lines each."""
    empty = True
    for proposal in proposals:
        empty = False
        yield from proposal_lines(proposal)
    if empty:
        yield "Er wacht geen voorstel. (No proposal waits.)"


def proposal_lines(proposal: Mapping[str, Any]) -> Iterator[str]:
    """Yield a proposal: what it is about, each value that changes, before and after, and who has to confirm it."""
    own = "van uzelf (your own)" if proposal["own"] else ""
    about = join_parts(proposal["shelter"], _WHAT.get(proposal["what"], ""), clock(proposal["proposed_at"]), own)
    yield typer.style(wrap(f"{proposal['proposal'][:SHORT]}  {about}", SHORT + 2, ""), bold=True)
    indent = SHORT + 2
    for member, value in proposal["after"].items():
        before = f"{_value(member, proposal['before'][member])} → " if member in proposal["before"] else ""
        yield wrap(f"{_MEMBERS.get(member, member)}: {before}{_value(member, value)}", indent)
    for units, kind in _alike(proposal["units"]):
        yield wrap(f"{', '.join(units)}: {kind}", indent)
    if proposal["withdrawn"]:
        yield wrap(f"weg (withdrawn): {', '.join(proposal['withdrawn'])}", indent)
    yield wrap(f"Nog nodig (needed): {proposal['needs']}", indent)


def _value(member: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return _NO_LIMIT if value is None and member == "max_son_age" else str(value)


def _alike(units: Iterable[Mapping[str, Any]]) -> Iterable[tuple[list[str], str]]:
    """Return the names of units that are alike, with what they are."""
    groups: dict[str, list[str]] = {}
    for unit in units:
        extra = "reserve (overflow)" if unit["overflow"] else ""
        size = f"{unit['max_adults']}+{unit['max_children']}"
        about = join_parts(in_both("kinds", unit["kind"]), size, f"{unit['beds']} bedden (beds)", *unit["features"], extra)
        groups.setdefault(about, []).append(unit["unit"])
    return [(names, about) for about, names in groups.items()]
