"""`plek find`: where a household can go."""

import json
from typing import Annotated, Any

import typer

from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.commands import offer_tables
from services.commands.data import Data
from services.commands.desk import WORKER, Api, Token, Who, desk
from services.commands.household import household
from services.commands.kept_offers import Kept, keep, last
from services.domain.values import FEATURES, KINDS, SECURITY, SERVICES
from services.local.tokens import Person, Role

_DESK = "desk-1"


def _of(codes: tuple[str, ...]) -> str:
    return ", ".join(codes)


def run(  # noqa: PLR0913, PLR0917  each is an option
    people: Annotated[str, typer.Argument(metavar="ADULTS+CHILDREN", help="Such as 1+2.")],
    men: Annotated[int, typer.Option(min=0, help="How many of the adults are men.")] = 0,
    boy: Annotated[list[int] | None, typer.Option(min=0, max=18, help="Age of a son; repeat for more.")] = None,
    girl: Annotated[list[int] | None, typer.Option(min=0, max=18, help="Age of a daughter; repeat for more.")] = None,
    exclude: Annotated[list[str] | None, typer.Option("--not", metavar="R07", help="Region that is not safe; repeat for more.")] = None,
    near: Annotated[str | None, typer.Option(metavar="R11", help="Region to be near to.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help=f"{_of(KINDS)}; repeat for more.", show_default="any")] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(help=f"{_of(SERVICES)}; repeat for more."),
    ] = None,
    language: Annotated[list[str] | None, typer.Option(metavar="ti", help="Language that must be spoken; repeat for more.")] = None,
    security: Annotated[str, typer.Option(help=f"At least: {_of(SECURITY)}.")] = SECURITY[0],
    region: Annotated[str | None, typer.Option(help="Region of your desk.", show_default="--near, or the first of the region file")] = None,
    who: Who = WORKER,
    token: Token = None,
    api: Api = None,
    data: Data = None,
    *,
    wheelchair: Annotated[bool, typer.Option("--wheelchair", help="Wheelchair accessible.")] = False,
    pets: Annotated[bool, typer.Option("--pets", help="Pets may come.")] = False,
    own_kitchen: Annotated[bool, typer.Option("--own-kitchen", help="With a kitchen of its own.")] = False,
    own_bathroom: Annotated[bool, typer.Option("--own-bathroom", help="With a bathroom of its own.")] = False,
    cot: Annotated[bool, typer.Option("--cot", help="With a cot.")] = False,
    call_first: Annotated[bool, typer.Option("--call-first", help="Also whom to call, of those not heard of for a day. Noted.")] = False,
    again: Annotated[bool, typer.Option("--again", help="For the same household as the last search.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: as JSON.")] = False,
) -> None:
    """Ask where a household can go: at most three offers, in areas of ten shelters or more. Hold one by its number: plek hold 1.

    Nothing about a person is asked, and none of it is kept here but the offers, for you alone.
    """
    has = dict(zip(FEATURES, (wheelchair, pets, own_kitchen, own_bathroom, cot), strict=True))
    here = region or near or min(read_regions(Settings().regions))
    body: dict[str, Any] = household(people, men, boy or (), girl or ()) | {
        "kinds": kind or [],
        "features": [name for name, wanted in has.items() if wanted],
        "services": service or [],
        "languages": language or [],
        "security": security,
        "exclude_regions": exclude or [],
        "call_first": call_first,
    }
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
