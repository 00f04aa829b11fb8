"""`plek waiting-list`: who waits for a place of a kind. Joined and left as a fallback is logged."""

from typing import Annotated, Any

import typer

from services.commands import case_tables
from services.commands.codes import among, of
from services.commands.desk import Onlooker
from services.commands.household import household
from services.commands.needs import People
from services.commands.options import spread
from services.commands.said import Json, Region, Sayer, home, say
from services.domain.values import KINDS, WAITING_OUTCOMES

group = typer.Typer(no_args_is_help=True, help="Join, leave or list who waits for a place.")


@group.command("join")
@spread
def join(
    kind: Annotated[str, typer.Argument(callback=among(KINDS), help=f"{of(KINDS)}.")], people: People, by: Sayer, region: Region = None
) -> None:
    """Log that a household waits for a place of a kind."""
    found = household(people, 0, (), ())
    here = home(region, by)
    body: dict[str, Any] = {"kind": kind, "adults": found["women"], "children": len(found["children"])} | ({"region": here} if here else {})
    say(by, "entry", "/v1/waiting-list", body, here)


@group.command("leave")
@spread
def leave(
    entry: Annotated[str, typer.Argument(metavar="ID", help="As `plek waiting-list list` tells it.")],
    outcome: Annotated[str, typer.Argument(callback=among(WAITING_OUTCOMES), help=f"{of(WAITING_OUTCOMES)}.")],
    by: Sayer,
) -> None:
    """Log that it no longer waits, and why."""
    say(by, "entry", f"/v1/waiting-list/{entry}/leave", {"outcome": outcome})


@group.command("list")
@spread
def listed(by: Onlooker, region: Region = None, *, as_json: Json = False) -> None:
    """List who waits in your regions, each with the position in the list of its region and kind."""
    case_tables.listed(by, region, "/v1/waiting-list", "entries", ("entry", "region", "kind", "position"), as_json=as_json)
