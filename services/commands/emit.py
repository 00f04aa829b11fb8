"""`plek emit`: a recorded log, or events one a line, through the front door or straight into the log."""

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.adapters.clock import seconds
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.commands.bar import Advance, bar
from services.commands.by_http import HttpSender, client, posting
from services.commands.by_kafka import Addresses, KafkaSender
from services.commands.data import Data
from services.commands.outcome import INTERRUPTED, Outcome
from services.commands.pace import Pace
from services.commands.tape import Tape, opened
from services.commands.target import operator_token, reaching, settings_of, wire_of
from services.local.running import find
from services.local.trouble import Trouble


class Topic(StrEnum):
    """The truth topics, by what they are about."""

    BEDS = "beds"
    DEMAND = "demand"


def run(  # noqa: PLR0913  each is an option
    file: Annotated[str, typer.Argument(metavar="FILE", help="A tape, or events one a line; - for standard input.")],
    rate: Annotated[float | None, typer.Option(min=0.1, help="At most so many a second.", show_default="as fast as it goes")] = None,
    token: Annotated[str | None, typer.Option(help="Bearer token.", show_default="an operator's of the local issuer")] = None,
    gateway: Annotated[str | None, typer.Option(metavar="URL", help="Gateway.", show_default="that of the instance")] = None,
    topic: Annotated[Topic, typer.Option(help="With --kafka: where the lines of a tape go.")] = Topic.BEDS,
    data: Data = None,
    *,
    kafka: Annotated[bool, typer.Option("--kafka", help="Straight to the topic: keys and bytes as they are, nothing checked.")] = False,
    allow_refused: Annotated[bool, typer.Option("--allow-refused", help="Exit code 0 even when something was refused.")] = False,
) -> None:
    """Send a tape, or events one a line, in order; tell how many were accepted, and how many refused for which reason.

    A tape has lines of {"key": …, "event": {…}} or {"key": …, "raw": "…"}. The file is checked to its end before anything is sent.
    An event counts once, so a file may be sent again. Exit code 1 when something was refused.
    """
    if kafka and (token or gateway):
        raise Trouble("--kafka goes past the gateway: leave out --token and --gateway", code=2)
    outcome = Outcome()
    with opened(file) as tape:
        total = tape.check()
        send = _straight(data, tape, topic) if kafka else _by_http(data, tape, gateway, token)
        try:
            with bar("Sending", total) as advance, reaching():
                send(Pace(rate, seconds), advance, outcome)
        except KeyboardInterrupt:
            typer.echo(f"Stopped before the end of {total:,} lines: {outcome.line()}")
            raise typer.Exit(INTERRUPTED) from None
    typer.echo(outcome.line())
    if outcome.refused and not allow_refused:
        raise typer.Exit(1)


_Send = Callable[[Pace, Advance, Outcome], None]


def _straight(data: Path | None, tape: Tape, topic: Topic) -> _Send:
    settings = settings_of(data, "kafka")
    if settings.world != "live":
        raise Trouble(f"{settings.prefix} is {settings.world}, and has times of its own: `plek import` writes it", code=2)
    addresses = Addresses(wire_of(settings), Topics(settings.prefix), topic.value)

    def send(pace: Pace, advance: Advance, outcome: Outcome) -> None:
        asyncio.run(KafkaSender(settings.brokers, pace, advance, outcome).send(map(addresses.record, tape)))

    return send


def _by_http(data: Path | None, tape: Tape, gateway: str | None, token: str | None) -> _Send:
    if gateway and token:
        settings, url, bearer = Settings(), gateway, token
    else:
        running = find(data)
        settings, url, bearer = running.settings, gateway or running.gateway, token or operator_token(running)

    def send(pace: Pace, advance: Advance, outcome: Outcome) -> None:
        with client(url, bearer) as speaking:
            HttpSender(posting(speaking), wire_of(settings), pace, time.sleep, advance, outcome).send(tape)

    return send
