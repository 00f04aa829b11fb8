"""`plek accept` and `plek decline`: a shelter's answer to a hold."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.options.api_options import ApiOptions, Shelters
from services.cli.options.choices import format_choices, one_of
from services.cli.options.dataclass_options import expand_dataclass_options
from services.domain.events.value_types import CLOSING_REASONS, DECLINE_REASONS

WaitingHold = Annotated[
    str | None, typer.Argument(metavar="[HOLD]", help="The beginning of its id; without one, the waiting holds are listed.")
]
CloseUnit = Annotated[
    str | None, typer.Option(callback=one_of(CLOSING_REASONS), help=f"With unit_unfit, close the unit: {format_choices(CLOSING_REASONS)}.")
]


@expand_dataclass_options
def accept(by: ApiOptions, hold: WaitingHold = None, shelter: Shelters = None) -> None:
    """Answer that the household can come. It has twelve hours to arrive."""
    from services.cli.clients.api_client import open_as_shelter
    from services.cli.output.clock_text import clock
    from services.cli.output.hold_cards import waiting_lines
    from services.cli.output.wrapped_lines import print_lines

    with open_as_shelter(by, shelter) as api:
        if hold is None:
            print_lines(waiting_lines(api.request("GET", "/v1/shelters").body["shelters"]))
            return
        accepted = api.request("POST", f"/v1/holds/{api.waiting_hold_id(hold)}/accept").body
    typer.echo(f"Accepted: unit {accepted['unit']} is held until {clock(accepted['until'])}; the desk is {accepted['desk']}")


@expand_dataclass_options
def decline(
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="The beginning of its id, as `plek accept` lists it.")],
    reason: Annotated[str, typer.Argument(callback=one_of(DECLINE_REASONS), help=f"{format_choices(DECLINE_REASONS)}.")],
    by: ApiOptions,
    close_unit: CloseUnit = None,
    shelter: Shelters = None,
) -> None:
    """Answer that the household can't come, and why. A unit that is unfit would be offered again: close it with the same command."""
    from services.cli.clients.api_client import open_as_shelter

    body: dict[str, Any] = {"reason": reason} | ({"close_unit": close_unit} if close_unit else {})
    with open_as_shelter(by, shelter) as api:
        answer = api.request("POST", f"/v1/holds/{api.waiting_hold_id(hold)}/decline", body).body
    typer.echo("Declined")
    if unit := answer.get("close_unit"):
        typer.echo(f"Unit {unit['unit']} would be offered again: close it with the same command and --close-unit {unit['reasons'][0]}")
