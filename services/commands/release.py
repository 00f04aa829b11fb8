"""`plek release`: give a hold back."""

from typing import Annotated

import typer

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
    """Give a hold back, so that somebody else can have it."""
    with desk(data, api, token, Person(role=Role.WORKER, subject=who, desk=DESK)) as speaking:
        speaking.ask("DELETE", f"/v1/holds/{hold}")
    typer.echo("Given back")
