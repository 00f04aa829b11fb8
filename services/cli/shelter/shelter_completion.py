"""Completes names of shelters and units in the shell, from the API. Guarantees: it waits for at most a second, and fails in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import typer

from services.cli.options.api_options import ShelterOptions
from services.local.user_error import UserError

_TIMEOUT_S: Final = 1.0
# In which states the unit of a verb is; of a transfer the first one, the second is as for an admission
_FREE: Final = frozenset({"free", "held", "unknown", "paused"})
_STATES: Final[Mapping[str, frozenset[str]]] = {
    "admit": _FREE,
    "discharge": frozenset({"occupied"}),
    "transfer": frozenset({"occupied"}),
    "close": _FREE | {"occupied"},
    "reopen": frozenset({"closed"}),
}

Completions = list[tuple[str, str]]
"""Words that complete what is typed, each with a description."""


def complete_shelter(context: typer.Context, incomplete: str) -> Completions:
    """Return the ids of shelters that begin with this, each with its name."""
    return [] if context.params.get("words") else _shelter_names(_read_shelters(context), incomplete)


def complete_unit(context: typer.Context, incomplete: str) -> Completions:
    """Return the shelters of the caller; after a shelter, or where there is only one, its units that the verb can be about."""
    typed, shelters = list(context.params.get("words") or ()), _read_shelters(context)
    names = [shelter["shelter"] for shelter in shelters]
    if not typed and len(shelters) != 1:
        return _shelter_names(shelters, incomplete)
    if typed and typed[0] in names:
        shelter = shelters[names.index(typed.pop(0))]
    elif len(shelters) == 1:
        [shelter] = shelters
    else:
        return []
    verb = context.info_name or ""
    if len(typed) > (verb == "transfer"):
        return []
    return _unit_names(shelter, _FREE if typed else _STATES.get(verb), incomplete)


def complete_unit_of(context: typer.Context, incomplete: str) -> Completions:
    """Return the units of the shelter that is typed."""
    wanted = context.params.get("shelter_id")
    return [name for each in _read_shelters(context) if each["shelter"] == wanted for name in _unit_names(each, None, incomplete)]


def complete_proposal(context: typer.Context, incomplete: str) -> Completions:
    """Return the proposals that wait, by the beginning of their ids, and their shelters."""
    from services.cli.output.fact_lines import SHORT

    proposals = [each for each in _read(context, "/v1/proposals", "proposals") if each.get("status") == "proposed"]
    named = {each["shelter"]: "" for each in proposals} | {each["proposal"][:SHORT]: each["shelter"] for each in proposals}
    return [(word, about) for word, about in named.items() if word.startswith(incomplete)]


def _shelter_names(shelters: Sequence[Mapping[str, Any]], incomplete: str) -> Completions:
    named = ((shelter["shelter"], (shelter["registration"] or {}).get("name", "")) for shelter in shelters)
    return [(code, name) for code, name in named if code.startswith(incomplete)]


def _unit_names(shelter: Mapping[str, Any], states: frozenset[str] | None, incomplete: str) -> Completions:
    from services.cli.output.fact_lines import in_both

    units = [unit for unit in shelter["units"] if unit["unit"].startswith(incomplete)]
    likely = [unit for unit in units if states is None or unit["state"] in states]
    return [(unit["unit"], in_both("unit_states", unit["state"])) for unit in likely or units]


def _read_shelters(context: typer.Context) -> list[dict[str, Any]]:
    """Return the shelters that the caller sees; none while the API is away."""
    return _read(context, "/v1/shelters", "shelters")


def _read(context: typer.Context, path: str, member: str) -> list[dict[str, Any]]:
    from services.cli.clients.api_client import open_api, open_gateway
    from services.cli.clients.connection import OPERATOR

    words = {name: context.params.get(name) for name in ("token", "api", "gateway", "data")}
    options = ShelterOptions(**{name: value for name, value in words.items() if value})
    service = open_api if member == "shelters" else open_gateway
    with suppress(UserError, KeyError, TypeError), service(options, OPERATOR, _TIMEOUT_S) as client:
        listed: list[dict[str, Any]] = client.request("GET", path).body[member]
        return listed
    return []
