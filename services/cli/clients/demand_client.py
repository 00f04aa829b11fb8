"""Logs an event of demand for a worker, and shows whether it is in the log or waits for it on the API's disk."""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import uuid4

import typer

from services.adapters.labels.code_labels import label_of
from services.cli.clients.api_client import ApiClient, full_id, open_in_region
from services.cli.options.api_options import DemandOptions
from services.cli.output.clock_text import clock

_QUEUED: Final = "Queued: the log is away, it goes there by itself"
_OUTCOMES: Final = {"fallback": "fallback_outcomes", "entry": "waiting_outcomes"}


def log_case(options: DemandOptions, noun: str, path: str, body: dict[str, Any], region: str | None = None, done: str = "Logged") -> None:
    """Send an event of demand, and print what became of the case. `done` is printed of what is in the log. Raises UserError."""
    with open_in_region(options, region) as api:
        answer = post_once(api, path, body, options.key or str(uuid4()))
    if options.as_json:
        typer.echo(json.dumps(answer))
    else:
        print_status(noun, answer, done)


def post_once(api: ApiClient, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the answer to a POST that counts once for each key. Raises UserError."""
    unreachable = f". `plek duty` has the numbers to phone; the same command with --key {key} logs it once"
    return api.request("POST", path, body, key=key, expected=(200, 201, 202), unreachable=unreachable).body


def open_case_id(options: DemandOptions, path: str, member: str, beginning: str, noun: str, verb: str) -> str:
    """Return the id of an open case by its beginning; `member` is the list in the answer. Raises UserError."""
    with open_in_region(options, None) as api:
        return full_id(beginning, lambda: (case[noun] for case in api.request("GET", path).body[member]), f"open {noun}", verb)


def print_status(noun: str, answer: dict[str, Any], done: str = "Logged") -> None:
    """Print what became of a case; `done` is printed of what is in the log."""
    status = {"logged": done, "queued": _QUEUED}.get(answer["status"]) or _standing_end(noun, answer)
    typer.echo(f"{status}: {noun} {answer[noun]}")
    if answer.get("evidence") == "unavailable":
        typer.echo("What was free at that instant could not be known")


def _standing_end(noun: str, answer: dict[str, Any]) -> str:
    """Return that a case had ended before, how and when: that end counts (D3)."""
    outcome, when = answer.get("outcome"), answer.get("occurred_at")
    words = label_of(_OUTCOMES[noun], outcome).en if outcome else "it had ended before"
    return f"Nothing has changed, what stands is: {words}{f', {clock(when)}' if when else ''}"
