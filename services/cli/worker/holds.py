"""The verbs of a worker's holds: `plek hold`, `holds`, `extend`, `release` and `take-over`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.options.api_options import Hold, Json, Urgent, WorkerOptions
from services.cli.options.dataclass_options import expand_dataclass_options


@expand_dataclass_options
def hold(
    number: Annotated[int, typer.Argument(metavar="OFFER-NUMBER", help="Of the last search.")],
    by: WorkerOptions,
    urgent: Urgent = None,
    *,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait for the shelter's answer, with a countdown. Ctrl-C leaves it held.")
    ] = True,
) -> None:
    """Hold an offer of the last search for half an hour: it shows the number to call, and waits for the shelter's answer.

    The same command again is for the same hold.
    """
    from services.cli.clients.last_search import require_search

    search = require_search(by.data)
    offer = search.offer(number)

    from services.cli.clients.hold_client import HoldClient  # only once there is an offer

    HoldClient(by, search).hold(offer, number, urgent, wait=wait)


@expand_dataclass_options
def holds(by: WorkerOptions, *, as_json: Json = False) -> None:
    """List your holds: the number to call while they are live, how those of the last day ended, and live ones of your desk.

    With the token of a coordinator: the holds of the regions that wait for the answer of a shelter, and for how long.
    """
    from services.cli.clients.api_client import open_as_worker
    from services.cli.clients.desk_region import saved_desk_region
    from services.cli.options.region_names import region_names
    from services.cli.output.hold_cards import hold_lines, unanswered_lines
    from services.cli.output.wrapped_lines import print_answer

    with open_as_worker(by, saved_desk_region(by)) as api:
        # Without a token the verb is for a worker: who is a coordinator says so by a token
        is_coordinator = by.token is not None and api.request("GET", "/v1/me").body["role"] == "coordinator"
        answer = api.request("GET", "/v1/waiting-holds" if is_coordinator else "/v1/holds").body
    lines = unanswered_lines if is_coordinator else hold_lines
    print_answer(answer, lines(answer["holds"], region_names(by.data)), as_json=as_json)


@expand_dataclass_options
def extend(hold: Hold, by: WorkerOptions) -> None:
    """Keep a hold for half an hour from now: once, in its last ten minutes. Earlier it says from when, and nothing is lost."""
    from services.cli.output.clock_text import clock

    typer.echo(f"Held until {clock(_change(by, hold, 'POST', '/extend')['until'])}")


@expand_dataclass_options
def release(hold: Hold, by: WorkerOptions) -> None:
    """Give a hold back, so that another household can have the place."""
    _change(by, hold, "DELETE")
    typer.echo("Given back")


@expand_dataclass_options
def take_over(hold: Hold, by: WorkerOptions) -> None:
    """Take over a live hold of a colleague of your desk. It is recorded."""
    from services.cli.options.region_names import region_names
    from services.cli.output.hold_cards import granted_lines
    from services.cli.output.wrapped_lines import print_lines

    print_lines(granted_lines(_change(by, hold, "POST", "/take-over"), region_names(by.data)))


def _change(by: WorkerOptions, beginning: str, method: str, action: str = "") -> dict[str, Any]:
    """Change a hold that is named by the beginning of its id, and return it. Raises UserError."""
    from services.cli.clients.api_client import open_as_worker
    from services.cli.clients.desk_region import saved_desk_region

    with open_as_worker(by, saved_desk_region(by)) as api:
        return api.request(method, f"/v1/holds/{api.hold_id(beginning)}{action}").body
