"""`plek holds`: a worker's holds, and what became of those of the last day."""

import json
from typing import Annotated

import typer

from services.commands import offer_tables
from services.commands.data import Data
from services.commands.desk import WORKER, Api, Token, Who, desk
from services.commands.hold import DESK
from services.local.tokens import Person, Role


def run(
    who: Who = WORKER,
    token: Token = None,
    api: Api = None,
    data: Data = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: as JSON.")] = False,
) -> None:
    """List your holds: where to call while they are live, and what became of those of the last day."""
    with desk(data, api, token, Person(role=Role.WORKER, subject=who, desk=DESK)) as speaking:
        found = speaking.ask("GET", "/v1/holds").body
    if as_json:
        typer.echo(json.dumps(found))
    else:
        offer_tables.console.print(offer_tables.holds(found["holds"]))
