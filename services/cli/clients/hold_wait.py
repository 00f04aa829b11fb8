"""Waits for a shelter's answer to a hold, with a countdown on a terminal.

The API's stream of changes says when to read the hold; without the stream it is read now and then. Each read is an audit entry: so there
are few.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx
import typer

from services.adapters.clock import now_ms
from services.cli.clients.api_client import ApiClient
from services.cli.output.clock_text import countdown
from services.cli.output.wrapped_lines import is_terminal

# The stream sends something every ten seconds
_SILENCE_S: Final = 25.0
_POLL_S: Final = 15.0


def wait_for_answer(api: ApiClient, granted: dict[str, Any]) -> dict[str, Any]:
    """Return the hold once the shelter has answered or it is over. KeyboardInterrupt leaves it as it is."""
    hold = granted
    for may_have_changed in _changes(api, granted["hold"]):
        if may_have_changed:
            hold = api.request("GET", f"/v1/holds/{granted['hold']}", expected=(200, 202)).body
            if hold["status"] not in {"granted", "pending"} or hold.get("accepted"):
                break
        _draw(f"Waiting for the shelter: {countdown(hold.get('until') or granted['until'], now_ms())} left. Ctrl-C leaves it held. ")
    _draw(" " * 70 + "\r")
    return hold


def _changes(api: ApiClient, hold: str) -> Iterator[bool]:
    """Yield True when the hold may have changed, False when only time has passed; without an end."""
    while True:
        try:
            with api.client.stream("GET", "/v1/live", timeout=_SILENCE_S) as stream:
                if stream.status_code == httpx.codes.OK:
                    yield True  # for what came before the stream was open
                    yield from _stream_changes(stream, hold)
        except httpx.TransportError:
            pass
        time.sleep(_POLL_S)
        yield True


def _stream_changes(stream: httpx.Response, hold: str) -> Iterator[bool]:
    event = ""
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data":
            yield event == "reload" or (event == "hold" and json.loads(value).get("hold") == hold)


def _draw(line: str) -> None:
    if is_terminal():
        typer.echo(f"\r{line}", nl=False)
