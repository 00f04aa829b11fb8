"""`plek waiting-list`: who waits for a place of a kind. Joined and left as a fallback is logged."""

import json
from typing import Annotated, Any

import typer

from services.commands import case_tables, needs
from services.commands.data import Data
from services.commands.desk import WORKER, Api, Token, Who, desk
from services.commands.household import household
from services.commands.said import Json, Key, Region, home, say, stands, worker
from services.domain.values import KINDS, WAITING_OUTCOMES

group = typer.Typer(no_args_is_help=True, help="Join, leave or list who waits for a place.")


@group.command("join")
def join(  # noqa: PLR0913, PLR0917  each is an option
    kind: Annotated[str, typer.Argument(help=f"{needs.of(KINDS)}.")],
    people: needs.People,
    region: Region = None,
    key: Key = None,
    who: Who = WORKER,
    token: Token = None,
    api: Api = None,
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Log that a household waits for a place of a kind."""
    found = household(people, 0, (), ())
    here = home(region, token)
    body: dict[str, Any] = {"kind": kind, "adults": found["women"], "children": len(found["children"])} | ({"region": here} if here else {})
    with desk(data, api, token, worker(who, here)) as speaking:
        answer = say(speaking, "/v1/waiting-list", body, key)
    typer.echo(json.dumps(answer) if as_json else stands(answer, "entry"))


@group.command("leave")
def leave(  # noqa: PLR0913, PLR0917  each is an option
    entry: Annotated[str, typer.Argument(metavar="ID", help="As `plek waiting-list list` tells it.")],
    outcome: Annotated[str, typer.Argument(help=f"{needs.of(WAITING_OUTCOMES)}.")],
    key: Key = None,
    who: Who = WORKER,
    token: Token = None,
    api: Api = None,
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Log that it no longer waits, and why."""
    with desk(data, api, token, worker(who)) as speaking:
        answer = say(speaking, f"/v1/waiting-list/{entry}/leave", {"outcome": outcome}, key)
    typer.echo(json.dumps(answer) if as_json else stands(answer, "entry"))


@group.command("list")
def listed(
    region: Region = None, who: Who = WORKER, token: Token = None, api: Api = None, data: Data = None, *, as_json: Json = False
) -> None:
    """List who waits in your regions, each with the position in the list of its region and kind."""
    with desk(data, api, token, worker(who, region)) as speaking:
        found = speaking.ask("GET", "/v1/waiting-list").body
    if as_json:
        typer.echo(json.dumps(found))
    else:
        case_tables.show(found, "entries", ("entry", "region", "kind", "position"))
