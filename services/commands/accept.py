"""`plek accept`: a shelter says that a household can come; without a hold, who waits for an answer."""

from typing import Annotated

import typer

from services.commands import offer_tables
from services.commands.data import Data
from services.commands.desk import Api, Shelters, Token, desk
from services.local.tokens import Person, Role


def run(
    hold: Annotated[str | None, typer.Argument(metavar="[HOLD]", help="Its id; without one, who waits is listed.")] = None,
    shelter: Shelters = None,
    token: Token = None,
    api: Api = None,
    data: Data = None,
) -> None:
    """Say that a household can come. It has twelve hours then."""
    with desk(data, api, token, Person(role=Role.SHELTER, subject="desk-shelter", shelters=tuple(shelter or ()))) as speaking:
        if hold is None:
            offer_tables.console.print(offer_tables.waiting(speaking.ask("GET", "/v1/shelters").body["shelters"]))
            return
        found = speaking.ask("POST", f"/v1/holds/{hold}/accept").body
    typer.echo(f"Accepted: unit {found['unit']} is kept until {offer_tables.clock(found['until'])}; the desk is {found['desk']}")
