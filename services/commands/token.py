"""`plek token`: a bearer token from the local issuer's key, made offline."""

from typing import Annotated

import typer

from services.adapters.clock import now_ms
from services.adapters.regions import read_regions
from services.commands.codes import check_regions
from services.commands.data import Data
from services.commands.desk import DESK
from services.local.running import last
from services.local.tokens import Person, Role


def run(  # noqa: PLR0913, PLR0917  each is an option
    role: Annotated[Role, typer.Argument(help="For whom.")],
    shelter: Annotated[list[str] | None, typer.Option(help="Shelter she works for; repeat for more.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Region, such as R07; repeat for more; a worker without can't search.")] = None,
    desk: Annotated[str | None, typer.Option(help=f"Desk of a worker; {DESK} unless told.")] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=168, help="How long it is valid.")] = 12,
    subject: Annotated[str | None, typer.Option("--as", help="Who it is; the role unless told.")] = None,
    data: Data = None,
) -> None:
    """Make a bearer token that the services of this instance accept, and print it."""
    running = last(data)
    check_regions(region or [], read_regions(running.settings.regions))
    person = Person(
        role=role,
        subject=subject or str(role),
        shelters=tuple(shelter or ()),
        regions=tuple(region or ()),
        desk=desk or (DESK if role is Role.WORKER else None),
    )
    typer.echo(running.mint.token(person, now_ms(), hours))
