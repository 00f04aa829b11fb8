"""Sends a fact of a shelter, and asks what only a person can know: whether this is the household of a hold, and which stay is meant."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

import typer

from services.adapters.clock import now_ms
from services.cli.clients.api_client import ApiClient, ApiResponse, full_id, open_api, open_gateway
from services.cli.clients.connection import OPERATOR
from services.cli.options.api_options import ApiOptions, ShelterOptions
from services.cli.output.fact_lines import SHORT, hold_choice, sent_lines, stay_choice
from services.cli.output.problem_text import problem_line
from services.cli.output.wrapped_lines import print_answer
from services.local.identity.tokens import Person, Role
from services.local.user_error import UserError

_QUESTIONS: Final = {"held", "which-stay"}
_YES: Final = {"j", "ja", "y", "yes"}


def send_fact(options: ShelterOptions, shelter: str | None, path: str, body: Mapping[str, Any], about: str) -> None:
    """Send a fact to `/v1/shelters/{shelter}/{path}`, and print what was accepted. Raises UserError.

    Members that are None are left out of the body, but for `hold`, where null says that it is another household.
    """
    shelter = shelter or own_shelter(options)
    sent = {name: value for name, value in body.items() if value is not None or name == "hold"}
    with open_gateway(options, shelter_user(options, shelter)) as gateway:
        answer = _post(gateway, f"/v1/shelters/{shelter}/{path}", sent, options.key or str(uuid4()))
    print_answer(answer, sent_lines(answer, shelter, about), as_json=options.as_json)


def shelter_user(options: ShelterOptions, shelter: str) -> Person:
    """Return the user of a shelter, where no token says who it is."""
    return Person(role=Role.SHELTER, subject=options.user, shelters=(shelter,))


def own_shelter(options: ApiOptions) -> str:
    """Return the only shelter of the caller. Raises UserError where there is not exactly one."""
    shelters = caller_shelters(options)
    if len(shelters) != 1:
        several = f"you have {len(shelters)}, such as {shelters[0]}: " if shelters else ""
        raise UserError(f"Which shelter? {several}say it first, after the verb", code=2)
    return shelters[0]


def caller_shelters(options: ApiOptions) -> list[str]:
    """Return the shelters that the caller's token speaks for; without a token, those of the instance. Raises UserError."""
    with open_api(options, OPERATOR) as api:
        if options.token:
            return list(api.request("GET", "/v1/me").body.get("shelters") or ())
        return [shelter["shelter"] for shelter in api.request("GET", "/v1/shelters").body["shelters"]]


def unit_hold(options: ShelterOptions, shelter: str | None, beginning: str) -> str:
    """Return the id of a live hold on a unit of a shelter by its beginning. Raises UserError."""
    return _listed_id(options, shelter, beginning, "hold", lambda unit: [unit["held"]["hold"]] if unit["held"] else [])


def unit_stay(options: ShelterOptions, shelter: str | None, beginning: str) -> str:
    """Return the id of a stay that is present in a shelter by its beginning. Raises UserError."""
    return _listed_id(options, shelter, beginning, "stay", lambda unit: [stay["stay"] for stay in unit["stays"] or ()])


def _listed_id(options: ShelterOptions, shelter: str | None, beginning: str, noun: str, ids: Callable[[dict[str, Any]], list[str]]) -> str:
    name = shelter or own_shelter(options)

    def listed() -> list[str]:
        with open_api(options, shelter_user(options, name)) as api:
            units = api.request("GET", f"/v1/shelters/{name}").body["shelter"]["units"]
        return [each for unit in units for each in ids(unit)]

    return full_id(beginning, listed, noun, f"history {name}")


def _post(gateway: ApiClient, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the answer to a fact, after the questions that the gateway has about it. Raises UserError."""
    unreachable = f". Nothing is lost: the same command with --key {key} counts once"
    for _ in range(len(_QUESTIONS) + 1):
        answer = gateway.request("POST", path, body, key=key, expected=(200, 201, 409), unreachable=unreachable)
        if answer.status != 409:
            return answer.body
        body = body | _answer_question(answer)
    raise UserError("The unit changes while it is asked about: `plek history` shows what was sent, then type it again")


def _answer_question(problem: ApiResponse) -> dict[str, Any]:
    """Return the member that answers a question of the gateway. Raises UserError for another problem, and where no user can be asked."""
    if problem.kind == "held":
        return {"hold": _which_hold(problem.body["holds"])}
    if problem.kind == "which-stay":
        return {"stay": _which_stay(problem.body["stays"])}
    raise UserError(problem_line(problem.status, problem.headers, problem.body, now_ms()))


def _which_hold(holds: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the hold that this household has; None where it is another household. Raises UserError where no user can be asked."""
    if not _can_ask():
        choices = " or ".join(f"--hold {hold['hold'][:SHORT]}" for hold in holds)
        raise UserError(
            f"The unit is held for a household of this size ({'; '.join(map(hold_choice, holds))}): add {choices} if it is this one, or"
            " --no-hold if it is another"
        )
    for hold in holds:
        typer.secho(f"Deze plaats is vastgehouden (this place is held): {hold_choice(hold)}", bold=True)
        typed = typer.prompt("Is dit dat huishouden? (Is it this household?) [J/n]", default="j", show_default=False)
        if str(typed).strip().casefold() in _YES:
            return str(hold["hold"])
    return None


def _which_stay(stays: Sequence[Mapping[str, Any]]) -> str:
    """Return the stay that is meant. Raises UserError where there is none, and where no user can be asked."""
    if not stays:
        raise UserError("In deze unit is geen huishouden bekend. (No household is known in this unit.) `plek history` shows what was sent")
    if not _can_ask():
        raise UserError(f"Several households are in this unit: add --stay and one of {'; '.join(map(stay_choice, stays))}")
    typer.secho("In deze unit staan meer huishoudens. (Several households are in this unit.)", bold=True)
    for number, stay in enumerate(stays, start=1):
        typer.echo(f"  {number}  {stay_choice(stay)}")
    typed = str(typer.prompt(f"Welk? (Which one?) 1-{len(stays)}")).strip()
    if not typed.isdecimal() or not 1 <= int(typed) <= len(stays):
        raise UserError("That is none of the numbers: nothing was sent", code=2)
    return str(stays[int(typed) - 1]["stay"])


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
