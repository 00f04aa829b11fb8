"""`plek decline`: a shelter says that it can't take a household, and why."""

from typing import Annotated, Any

import typer

from services.commands.data import Data
from services.commands.desk import Api, Shelters, Token, desk
from services.domain.values import CLOSING_REASONS, DECLINE_REASONS
from services.local.tokens import Person, Role


def run(  # noqa: PLR0913, PLR0917  each is an option
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="Its id, as `plek accept` lists it.")],
    reason: Annotated[str, typer.Argument(help=f"{', '.join(DECLINE_REASONS)}.")],
    close_unit: Annotated[str | None, typer.Option(help=f"With unit_unfit, close the unit: {', '.join(CLOSING_REASONS)}.")] = None,
    shelter: Shelters = None,
    token: Token = None,
    api: Api = None,
    data: Data = None,
) -> None:
    """Say that a household can't come, and why. A unit that is unfit would be offered again: close it with the same command."""
    body: dict[str, Any] = {"reason": reason} | ({"close_unit": close_unit} if close_unit else {})
    with desk(data, api, token, Person(role=Role.SHELTER, subject="desk-shelter", shelters=tuple(shelter or ()))) as speaking:
        found = speaking.ask("POST", f"/v1/holds/{hold}/decline", body).body
    typer.echo("Declined")
    if unit := found.get("close_unit"):
        typer.echo(f"Unit {unit['unit']} would be offered again: close it with the same command and --close-unit {unit['reasons'][0]}")
