"""`plek holds`: a worker's holds, and what became of those of the last day."""

import json

import typer

from services.commands import offer_tables
from services.commands.desk import Speaker, desk, worker
from services.commands.options import spread
from services.commands.said import Json


@spread
def run(by: Speaker, *, as_json: Json = False) -> None:
    """List your holds: where to call while they are live, and what became of those of the last day."""
    with desk(by, worker(by)) as speaking:
        found = speaking.ask("GET", "/v1/holds").body
    if as_json:
        typer.echo(json.dumps(found))
    else:
        offer_tables.console.print(offer_tables.holds(found["holds"]))
