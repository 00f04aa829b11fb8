"""`plek emit`: sends a recorded log, or events one a line, through the gateway or straight to Kafka."""

from typing import Annotated, Literal

import typer

from services.cli.options.api_options import ApiOptions, OperatorToken
from services.cli.options.instance import Data
from services.local.user_error import UserError


def emit(  # noqa: PLR0913  each is an option
    file: Annotated[str, typer.Argument(metavar="FILE", help="A recording, or events one a line; - for standard input.")],
    rate: Annotated[float | None, typer.Option(min=0.1, help="At most so many a second.", show_default="as fast as it goes")] = None,
    token: OperatorToken = None,
    gateway: Annotated[str | None, typer.Option(metavar="URL", help="Gateway.", show_default="that of the instance")] = None,
    topic: Annotated[Literal["beds", "demand"], typer.Option(help="With --kafka: topic of the lines of a recording.")] = "beds",
    data: Data = None,
    *,
    kafka: Annotated[bool, typer.Option("--kafka", help="Straight to the topic: keys and bytes as they are, nothing checked.")] = False,
    allow_refused: Annotated[bool, typer.Option("--allow-refused", help="Exit code 0 even when something was refused.")] = False,
) -> None:
    """Send a recording, or events one a line, in order; print how many were accepted, and how many were refused for which reason.

    A recording has lines of {"key": …, "event": {…}} or {"key": …, "raw": "…"}. The file is checked to its end before anything is sent.
    An event counts once, so a file may be sent again. Exit code 1 when something was refused.
    """
    from services.adapters.clock import seconds
    from services.cli.clients.connection import translate_outages
    from services.cli.events.recording_reader import open_recording
    from services.cli.events.send_summary import INTERRUPTED, SendSummary
    from services.cli.events.throttle import Throttle
    from services.cli.output.progress import progress_bar

    if kafka and (token or gateway):
        raise UserError("--kafka goes past the gateway: leave out --token and --gateway", code=2)
    summary = SendSummary()
    with open_recording(file) as recording:
        total = recording.check()
        try:
            with progress_bar("Sending", total) as advance, translate_outages():
                if kafka:
                    from services.cli.events.kafka_sender import send_to_kafka

                    send_to_kafka(data, recording, topic, Throttle(rate, seconds), advance, summary)
                else:
                    from services.cli.events.http_sender import send_over_http

                    send_over_http(ApiOptions(token=token, api=gateway, data=data), recording, Throttle(rate, seconds), advance, summary)
        except KeyboardInterrupt:
            typer.echo(f"Stopped before the end of {total:,} lines: {summary.line()}")
            raise typer.Exit(INTERRUPTED) from None
    typer.echo(summary.line())
    if summary.refused and not allow_refused:
        raise typer.Exit(1)
