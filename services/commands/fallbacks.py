"""`plek fallbacks`: who is put up in a hotel or elsewhere now, and since when."""

import json

import typer

from services.commands import case_tables
from services.commands.data import Data
from services.commands.desk import WORKER, Api, Token, Who, desk
from services.commands.said import Json, Region, worker


def run(
    region: Region = None, who: Who = WORKER, token: Token = None, api: Api = None, data: Data = None, *, as_json: Json = False
) -> None:
    """List who is put up now in your regions, the earliest first."""
    with desk(data, api, token, worker(who, region)) as speaking:
        found = speaking.ask("GET", "/v1/fallbacks?open=true").body
    if as_json:
        typer.echo(json.dumps(found))
    else:
        case_tables.show(found, "fallbacks", ("fallback", "accommodation", "region", "reason"))
