"""`plek release`: give a hold back."""

import typer

from services.commands.desk import Hold, Speaker, desk, worker
from services.commands.options import spread


@spread
def run(hold: Hold, by: Speaker) -> None:
    """Give a hold back, so that somebody else can have it."""
    with desk(by, worker(by)) as speaking:
        speaking.ask("DELETE", f"/v1/holds/{hold}")
    typer.echo("Given back")
