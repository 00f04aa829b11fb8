"""The events that a shelter sent lately: lists them, and takes one back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import typer

from services.cli.clients.api_client import ApiClient, open_gateway
from services.cli.options.api_options import ShelterOptions
from services.cli.output.fact_lines import event_line, event_name, history_lines, short_handle, warning_lines
from services.cli.output.wrapped_lines import print_answer, print_lines
from services.cli.shelter.fact_client import caller_shelters, own_shelter, shelter_user
from services.local.user_error import UserError

_YES: Final = {"j", "ja", "y", "yes"}


def print_history(options: ShelterOptions, shelter: str | None, limit: int) -> None:
    """Print what a shelter sent, the latest first. Raises UserError."""
    shelter = shelter or own_shelter(options)
    with open_gateway(options, shelter_user(options, shelter)) as gateway:
        answer = _events(gateway, shelter)
    print_answer(answer, history_lines(answer["events"][:limit], shelter), as_json=options.as_json)


def undo_event(options: ShelterOptions, words: Sequence[str], reason: str, *, yes: bool) -> None:
    """Take an event back, or the latest after a question, and print what that changes. Raises UserError."""
    shelter, beginning = _shelter_and_event(options, words)
    with open_gateway(options, shelter_user(options, shelter)) as gateway:
        event = _choose(_events(gateway, shelter)["events"], beginning, shelter, yes=yes)
        key = options.key or str(uuid4())
        again = f". Nothing is lost: the same command with --key {key} counts once"
        answer = gateway.request("POST", event["undo"], {"reason": reason}, key=key, expected=(200, 201), unreachable=again).body
    print_answer(answer, _undone_lines(answer, event), as_json=options.as_json)


def _shelter_and_event(options: ShelterOptions, words: Sequence[str]) -> tuple[str, str | None]:
    """Return the shelter, and the beginning of the event; one word alone is a shelter where the caller has one of that name."""
    if len(words) > 2:
        raise UserError("What follows the verb is [SHELTER] [EVENT]", code=2)
    if len(words) == 2:
        return words[0], words[1]
    if not words:
        return own_shelter(options), None
    if not options.token or words[0] in caller_shelters(options):
        return words[0], None
    return own_shelter(options), words[0]


def _events(gateway: ApiClient, shelter: str) -> dict[str, Any]:
    return gateway.request("GET", f"/v1/shelters/{shelter}/events").body


def _choose(events: Sequence[dict[str, Any]], beginning: str | None, shelter: str, *, yes: bool) -> dict[str, Any]:
    """Return the event that begins so; without a beginning the latest that can be taken back, after a question. Raises UserError."""
    can_undo = [event for event in events if "undo" in event]
    if beginning is not None:
        matches = [event for event in can_undo if event["event"].lstrip("-").startswith(beginning.lstrip("-"))]
        if len(matches) != 1:
            found = "Several events begin" if matches else "No event that can be taken back begins"
            raise UserError(f"{found} with that: `plek history {shelter}` lists them", code=2)
        return matches[0]
    if not can_undo:
        raise UserError("Er is niets om terug te draaien. (There is nothing to take back.)")
    latest = can_undo[0]
    if not yes:
        _ask(latest, shelter)
    return latest


def _ask(event: dict[str, Any], shelter: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(
            f"The latest is {event_line(event)}: `plek undo {shelter} {short_handle(event['event'])}` takes it back, and so does --yes"
        )
    typer.echo(event_line(event))
    typed = typer.prompt("Terugdraaien? (Take it back?) [j/N]", default="n", show_default=False)
    if str(typed).strip().casefold() not in _YES:
        print_lines(["Er is niets veranderd. (Nothing was changed.)"])
        raise typer.Exit(1)


def _undone_lines(answer: dict[str, Any], event: dict[str, Any]) -> list[str]:
    undone = typer.style(f"Teruggedraaid (undone): {event_name(event['type']).casefold()}", bold=True)
    return [undone, *warning_lines(answer.get("warnings") or ())]
