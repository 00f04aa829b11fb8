"""`plek find`: where a household can go."""

import json
from typing import Annotated

import typer

from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.commands import offer_tables
from services.commands.desk import Speaker, desk, worker
from services.commands.kept_offers import Kept, keep, last
from services.commands.needs import Needs, People
from services.commands.options import spread
from services.commands.said import Json


@spread
def run(  # noqa: PLR0913  each is an option
    people: People,
    needs: Needs,
    by: Speaker,
    near: Annotated[str | None, typer.Option(metavar="R11", help="Region to be near to.")] = None,
    region: Annotated[str | None, typer.Option(help="Region of your desk.", show_default="--near, or the first of the region file")] = None,
    *,
    call_first: Annotated[bool, typer.Option("--call-first", help="Also whom to call, of those not heard of for a day. Noted.")] = False,
    again: Annotated[bool, typer.Option("--again", help="For the same household as the last search.")] = False,
    as_json: Json = False,
) -> None:
    """Ask where a household can go: at most three offers, in areas of ten shelters or more. Hold one by its number: plek hold 1.

    Nothing about a person is asked, and none of it is kept here but the offers, for you alone.
    """
    here = region or near or min(read_regions(Settings().regions))
    body = needs.of(people) | {"call_first": call_first}
    body |= {"near": near} if near else {}
    body |= {"again_of": last(by.data).search} if again else {}
    body |= {} if by.token else {"region": here}
    with desk(by, worker(by, here)) as speaking:
        found = speaking.ask("POST", "/v1/searches", body).body
    keep(by.data, Kept.of(by.who, here, found, found["call_first"].get("listed") or []))
    if taken := needs.guessed(people):
        typer.echo(taken, err=True)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        offer_tables.console.print(offer_tables.found(found))
