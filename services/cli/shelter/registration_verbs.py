"""`plek shelter`: registers and changes a shelter, and confirms what another person proposed. What moves households needs two people."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from services.cli.options.api_options import CoordinatorOptions
from services.cli.options.choices import format_choices, one_of
from services.cli.options.dataclass_options import expand_dataclass_options
from services.cli.options.language_names import complete_language, languages_callback
from services.cli.options.needs import Services
from services.cli.options.region_names import region_option
from services.cli.shelter.shelter_completion import complete_proposal, complete_shelter
from services.domain.events.value_types import AUDIENCE, SECURITY
from services.local.user_error import UserError

shelter = typer.Typer(no_args_is_help=True, help="Register or change a shelter, and confirm what another person proposed.")

_NO_LIMIT: Final = "none"
REJECTIONS: Final = ("mistake", "not_agreed", "unknown_shelter", "wrong_data", "duplicate", "other")
"""The reasons of the API, written here too: to import them takes longer than a verb may take to start."""

ShelterId = Annotated[
    str, typer.Argument(metavar="SHELTER", help="Its id, such as berk.", autocompletion=complete_shelter, show_default=False)
]
Name = Annotated[str | None, typer.Option(help="An alias, never a street or a town.", show_default=False)]
Organisation = Annotated[str | None, typer.Option(help="The id of its organisation.", show_default=False)]
Region = Annotated[str | None, region_option(help="Its region, such as Breda.", show_default=False)]
Phone = Annotated[str | None, typer.Option(help="The number that a worker calls.", show_default=False)]
Security = Annotated[str | None, typer.Option(callback=one_of(SECURITY), help=f"{format_choices(SECURITY)}.", show_default=False)]
Audience = Annotated[
    list[str] | None,
    typer.Option("--for", callback=one_of(AUDIENCE), help=f"{format_choices(AUDIENCE)}; repeat for both.", show_default=False),
]
MaxSonAge = Annotated[str | None, typer.Option(help="How old a son may be, or none for no limit.", show_default=False)]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        metavar="LANGUAGE",
        callback=languages_callback,
        autocompletion=complete_language,
        help="A language that is spoken; repeat for more.",
    ),
]
Proposal = Annotated[
    str, typer.Argument(metavar="PROPOSAL", help="The beginning of its id, as `plek shelter confirm` lists it.", show_default=False)
]


@shelter.command("add")
@expand_dataclass_options
def add(  # noqa: PLR0913, PLR0917  each is an option
    what: Annotated[
        str,
        typer.Argument(metavar="SHELTER|FILE", help="An id, such as berk; or a file .json with all members; - for standard input."),
    ],
    by: CoordinatorOptions,
    name: Name = None,
    organisation: Organisation = None,
    region: Region = None,
    phone: Phone = None,
    units: Annotated[
        list[str] | None, typer.Option("--unit", metavar="PLAN", help='Units, such as "6 crisis 1+3"; repeat for another kind.')
    ] = None,
    security: Security = "open",
    audience: Audience = None,
    max_son_age: MaxSonAge = None,
    languages: Languages = None,
    services: Services = None,
) -> None:
    """Propose a shelter with its units (aanmelden). It counts once a second coordinator of its region, or an operator, confirms it.

    On a terminal what is missing is asked for.
    """
    from services.cli.shelter.proposal_client import propose_shelter, read_shelter_file

    if what == "-" or what.endswith(".json"):
        registration, declared = read_shelter_file(what)
    else:
        from services.cli.options.unit_plan import planned_units

        declared = planned_units(units or ())
        asked = _ask_missing({"name": name, "organisation": organisation, "region": region, "intake_phone": phone}, by)
        registration = {
            "shelter": what,
            **asked,
            "security": security,
            "audience": audience or ["women"],
            "max_son_age": _son_age(max_son_age),
            "languages": languages or ["nl"],
            "services": services or [],
        }
    propose_shelter(by, registration, declared)


@shelter.command("change")
@expand_dataclass_options
def change(  # noqa: PLR0913, PLR0917  each is an option
    shelter_id: ShelterId,
    by: CoordinatorOptions,
    name: Name = None,
    organisation: Organisation = None,
    region: Region = None,
    phone: Phone = None,
    security: Security = None,
    audience: Audience = None,
    max_son_age: MaxSonAge = None,
    languages: Languages = None,
    services: Services = None,
) -> None:
    """Change what is said of a shelter (wijzigen). A list that is given replaces the one before.

    Name, languages, services and --max-son-age change at once; telephone, region, organisation, security and --for once another person
    confirms them.
    """
    changes: dict[str, Any] = {
        "name": name,
        "organisation": organisation,
        "region": region,
        "intake_phone": phone,
        "security": security,
        "audience": audience,
        "languages": languages,
        "services": services,
    }
    changes = {member: value for member, value in changes.items() if value}
    if max_son_age is not None:
        changes["max_son_age"] = _son_age(max_son_age)
    if not changes:
        raise UserError("What changes? Such as --phone 0800-000001; `plek shelter change --help` lists all", code=2)

    from services.cli.shelter.proposal_client import propose

    propose(by, "PATCH", f"/v1/shelters/{shelter_id}/registration", changes, shelter_id)


@shelter.command("confirm")
@expand_dataclass_options
def confirm(
    by: CoordinatorOptions,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[PROPOSAL|SHELTER]",
            help="The beginning of the id of a proposal, or a shelter; without one, all that wait.",
            autocompletion=complete_proposal,
            show_default=False,
        ),
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Confirm what another person proposed (bevestigen): it counts from now on.

    A proposal that is named by its id is confirmed at once. Of a shelter, or without a word, each is shown, and a terminal asks about it.
    """
    from services.cli.shelter.proposal_client import confirm_proposals

    confirm_proposals(by, what, yes=yes)


@shelter.command("reject")
@expand_dataclass_options
def reject(
    proposal: Proposal,
    reason: Annotated[str, typer.Argument(metavar="REASON", help=f"{format_choices(REJECTIONS)}.", callback=one_of(REJECTIONS))],
    by: CoordinatorOptions,
) -> None:
    """Reject what another person proposed (afwijzen): it never counts."""
    from services.cli.shelter.proposal_client import decide

    decide(by, proposal, "reject", {"reason": reason})


@shelter.command("take-back")
@expand_dataclass_options
def take_back(proposal: Proposal, by: CoordinatorOptions) -> None:
    """Take back what you proposed yourself (intrekken)."""
    from services.cli.shelter.proposal_client import decide

    decide(by, proposal, "withdraw")


@shelter.command("list")
@expand_dataclass_options
def list_shelters(by: CoordinatorOptions) -> None:
    """List your shelters with their units, free places and age, and what waits to be confirmed."""
    from services.cli.shelter.proposal_client import print_shelters

    print_shelters(by)


def _son_age(typed: str | None) -> int | None:
    """Return the highest age of a son; None where there is no limit. Raises UserError."""
    if typed is None or typed == _NO_LIMIT:
        return None
    if not typed.isdecimal() or int(typed) > 18:
        raise UserError(f"--max-son-age is a number of years up to 18, or {_NO_LIMIT}", code=2)
    return int(typed)


def _ask_missing(members: dict[str, str | None], by: CoordinatorOptions) -> dict[str, str]:
    """Return the members, those that are missing as a user of the terminal types them. Raises UserError where none can be asked."""
    import sys

    from services.cli.options.region_names import region_names

    questions = {
        "name": "Naam, geen straat of plaats (name, no street or town)",
        "organisation": "Organisatie (organisation)",
        "region": "Regio, zoals Breda (region)",
        "intake_phone": "Telefoon voor plaatsing (intake phone)",
    }
    options = {"intake_phone": "--phone"}
    missing = [member for member, value in members.items() if not value]
    if missing and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(f"Say also {', '.join(options.get(member, f'--{member}') for member in missing)}", code=2)
    answers = {member: str(value or typer.prompt(questions[member])) for member, value in members.items()}
    return answers | {"region": region_names(by.data).code(answers["region"])}
