"""`plek fallback`: a household is put up in a hotel or elsewhere; its end; and what was a mistake taken back."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

from services.commands import needs
from services.commands.data import Data
from services.commands.desk import WORKER, Api, Token, Who, desk
from services.commands.said import Json, Key, Region, home, say, stands, worker
from services.domain.values import ACCOMMODATIONS, CORRECTION_REASONS, FALLBACK_OUTCOMES, FALLBACK_REASONS, SECURITY

group = typer.Typer(no_args_is_help=True, help="Log that a household is put up in a hotel or elsewhere, and how that ended.")

Fallback = Annotated[str, typer.Argument(metavar="ID", help="As `plek fallbacks` tells it.")]


def _putting_up(accommodation: str) -> Callable[..., None]:
    def run(  # noqa: PLR0913, PLR0917  each is an option
        people: needs.People,
        reason: Annotated[str, typer.Option(help=f"{needs.of(FALLBACK_REASONS)}.")] = FALLBACK_REASONS[1],
        region: Region = None,
        men: needs.Men = 0,
        boy: needs.Boys = None,
        girl: needs.Girls = None,
        exclude: needs.Excluded = None,
        kind: needs.Kinds = None,
        service: needs.Services = None,
        language: needs.Languages = None,
        security: needs.Security = SECURITY[0],
        key: Key = None,
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
        as_json: Json = False,
    ) -> None:
        """Log that a household is put up; what is free at this instant is written down with it."""
        here = home(region, token)
        body: dict[str, Any] = {"accommodation": accommodation, "reason": reason} | ({"region": here} if here else {})
        body |= needs.asked(
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
        with desk(data, api, token, worker(who, here)) as speaking:
            answer = say(speaking, "/v1/fallbacks", body, key)
        _told(answer, as_json=as_json)

    return run


for _each in ACCOMMODATIONS:
    group.command(_each)(_putting_up(_each))


@group.command("end")
def end(  # noqa: PLR0913, PLR0917  each is an option
    fallback: Fallback,
    outcome: Annotated[str, typer.Argument(help=f"{needs.of(FALLBACK_OUTCOMES)}.")],
    key: Key = None,
    who: Who = WORKER,
    token: Token = None,
    api: Api = None,
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Log that it ended, and how."""
    with desk(data, api, token, worker(who)) as speaking:
        answer = say(speaking, f"/v1/fallbacks/{fallback}/end", {"outcome": outcome}, key)
    _told(answer, as_json=as_json)


@group.command("undo")
def undo(  # noqa: PLR0913, PLR0917  each is an option
    fallback: Fallback,
    reason: Annotated[str, typer.Option(help=f"{needs.of(CORRECTION_REASONS)}.")] = CORRECTION_REASONS[0],
    key: Key = None,
    who: Who = WORKER,
    token: Token = None,
    api: Api = None,
    data: Data = None,
    *,
    of_end: Annotated[bool, typer.Option("--end", help="Only its end was a mistake: it goes on.")] = False,
    as_json: Json = False,
) -> None:
    """Take it back as if it had never been logged, or only its end."""
    body = {"undo": "end" if of_end else "start", "reason": reason}
    with desk(data, api, token, worker(who)) as speaking:
        answer = say(speaking, f"/v1/fallbacks/{fallback}/correct", body, key)
    _told(answer, as_json=as_json)


def _told(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answer))
        return
    typer.echo(stands(answer, "fallback"))
    if answer.get("evidence") == "unavailable":
        typer.echo("What was free at that instant could not be known")
