"""`plek find`: where a household can go."""

import json
from typing import Annotated

import typer

from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.commands import needs, offer_tables
from services.commands.data import Data
from services.commands.desk import WORKER, Api, Token, Who, desk
from services.commands.kept_offers import Kept, keep, last
from services.domain.values import SECURITY
from services.local.tokens import Person, Role

_DESK = "desk-1"


def run(  # noqa: PLR0913, PLR0917  each is an option
    people: needs.People,
    men: needs.Men = 0,
    boy: needs.Boys = None,
    girl: needs.Girls = None,
    exclude: needs.Excluded = None,
    near: Annotated[str | None, typer.Option(metavar="R11", help="Region to be near to.")] = None,
    kind: needs.Kinds = None,
    service: needs.Services = None,
    language: needs.Languages = None,
    security: needs.Security = SECURITY[0],
    region: Annotated[str | None, typer.Option(help="Region of your desk.", show_default="--near, or the first of the region file")] = None,
    who: Who = WORKER,
    token: Token = None,
    api: Api = None,
    data: Data = None,
    *,
    wheelchair: needs.Wheelchair = False,
    pets: needs.Pets = False,
    own_kitchen: needs.OwnKitchen = False,
    own_bathroom: needs.OwnBathroom = False,
    cot: needs.Cot = False,
    call_first: Annotated[bool, typer.Option("--call-first", help="Also whom to call, of those not heard of for a day. Noted.")] = False,
    again: Annotated[bool, typer.Option("--again", help="For the same household as the last search.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: as JSON.")] = False,
) -> None:
    """Ask where a household can go: at most three offers, in areas of ten shelters or more. Hold one by its number: plek hold 1.

    Nothing about a person is asked, and none of it is kept here but the offers, for you alone.
    """
    here = region or near or min(read_regions(Settings().regions))
    body = needs.asked(
        people,
        men=men,
        boys=boy,
        girls=girl,
        excluded=exclude,
        kinds=kind,
        services=service,
        languages=language,
        security=security,
        features=(wheelchair, pets, own_kitchen, own_bathroom, cot),
    )
    body["call_first"] = call_first
    body |= {"near": near} if near else {}
    body |= {"again_of": last(data).search} if again else {}
    if token is None:
        body["region"] = here
    with desk(data, api, token, Person(role=Role.WORKER, subject=who, desk=_DESK, regions=(here,))) as speaking:
        found = speaking.ask("POST", "/v1/searches", body).body
    keep(data, Kept.of(who, here, found, found["call_first"].get("listed") or []))
    if as_json:
        typer.echo(json.dumps(found))
    else:
        offer_tables.console.print(offer_tables.found(found))
