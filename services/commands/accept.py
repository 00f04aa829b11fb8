"""`plek accept`: a shelter says that a household can come; without a hold, who waits for an answer."""

from typing import Annotated

import typer

from services.commands import offer_tables
from services.commands.desk import Reached, Shelters, desk, member
from services.commands.options import spread


@spread
def run(
    by: Reached,
    hold: Annotated[str | None, typer.Argument(metavar="[HOLD]", help="Its id; without one, who waits is listed.")] = None,
    shelter: Shelters = None,
) -> None:
    """Say that a household can come. It has twelve hours then."""
    with desk(by, member(shelter)) as speaking:
        if hold is None:
            offer_tables.console.print(offer_tables.waiting(speaking.ask("GET", "/v1/shelters").body["shelters"]))
            return
        found = speaking.ask("POST", f"/v1/holds/{hold}/accept").body
    typer.echo(f"Accepted: unit {found['unit']} is kept until {offer_tables.clock(found['until'])}; the desk is {found['desk']}")
