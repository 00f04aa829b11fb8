"""`plek extend`: keep a hold for half an hour from now, once."""

import typer

from services.commands import offer_tables
from services.commands.desk import Hold, Speaker, desk, worker
from services.commands.options import spread


@spread
def run(hold: Hold, by: Speaker) -> None:
    """Keep a hold for half an hour from now. A hold can be extended once."""
    with desk(by, worker(by)) as speaking:
        found = speaking.ask("POST", f"/v1/holds/{hold}/extend").body
    typer.echo(f"Kept until {offer_tables.clock(found['until'])}")
