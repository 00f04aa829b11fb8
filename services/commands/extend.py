"""`plek extend`: keep a hold for half an hour from now, once."""

from typing import Annotated

import typer

from services.commands import offer_tables
from services.commands.data import Data
from services.commands.desk import WORKER, Api, Token, Who, desk
from services.commands.hold import DESK
from services.local.tokens import Person, Role


def run(
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="Its id, as `plek holds` tells it.")],
    who: Who = WORKER,
    token: Token = None,
    api: Api = None,
    data: Data = None,
) -> None:
    """Keep a hold for half an hour from now. A hold can be extended once."""
    with desk(data, api, token, Person(role=Role.WORKER, subject=who, desk=DESK)) as speaking:
        found = speaking.ask("POST", f"/v1/holds/{hold}/extend").body
    typer.echo(f"Kept until {offer_tables.clock(found['until'])}")
