"""`plek decline`: a shelter says that it can't take a household, and why."""

from typing import Annotated, Any

import typer

from services.commands.codes import among, of
from services.commands.desk import Reached, Shelters, desk, member
from services.commands.options import spread
from services.domain.values import CLOSING_REASONS, DECLINE_REASONS


@spread
def run(
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="Its id, as `plek accept` lists it.")],
    reason: Annotated[str, typer.Argument(callback=among(DECLINE_REASONS), help=f"{of(DECLINE_REASONS)}.")],
    by: Reached,
    close_unit: Annotated[
        str | None, typer.Option(callback=among(CLOSING_REASONS), help=f"With unit_unfit, close the unit: {of(CLOSING_REASONS)}.")
    ] = None,
    shelter: Shelters = None,
) -> None:
    """Say that a household can't come, and why. A unit that is unfit would be offered again: close it with the same command."""
    body: dict[str, Any] = {"reason": reason} | ({"close_unit": close_unit} if close_unit else {})
    with desk(by, member(shelter)) as speaking:
        found = speaking.ask("POST", f"/v1/holds/{hold}/decline", body).body
    typer.echo("Declined")
    if unit := found.get("close_unit"):
        typer.echo(f"Unit {unit['unit']} would be offered again: close it with the same command and --close-unit {unit['reasons'][0]}")
