"""`plek unit`: adds units to a shelter, and withdraws one."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.options import needs
from services.cli.options.api_options import CoordinatorOptions
from services.cli.options.choices import format_choices, one_of
from services.cli.options.dataclass_options import expand_dataclass_options
from services.cli.shelter.registration_verbs import ShelterId
from services.cli.shelter.shelter_completion import complete_unit_of
from services.domain.events.value_types import FEATURES, KINDS

unit = typer.Typer(no_args_is_help=True, help="Add units to a shelter, or withdraw one.")

UnitId = Annotated[str, typer.Argument(metavar="UNIT", help="Its id, such as u3.", autocompletion=complete_unit_of, show_default=False)]


@unit.command("add")
@expand_dataclass_options
def add(  # noqa: PLR0913, PLR0917  each is an option
    shelter_id: ShelterId,
    unit_id: UnitId,
    people: Annotated[str, typer.Argument(metavar="ADULTS+CHILDREN", help="The largest household it takes, such as 1+3.")],
    by: CoordinatorOptions,
    kind: Annotated[str, typer.Option(callback=one_of(KINDS), help=f"{format_choices(KINDS)}.")],
    times: Annotated[int, typer.Option(min=1, max=50, help="So many alike: u3, u4, …")] = 1,
    beds: Annotated[int | None, typer.Option(min=1, max=40, help="Beds of each.", show_default="one a person")] = None,
    *,
    overflow: Annotated[bool, typer.Option("--overflow", help="Beyond the normal capacity: counted apart, never offered.")] = False,
    wheelchair: needs.Wheelchair = False,
    pets: needs.Pets = False,
    own_kitchen: needs.OwnKitchen = False,
    own_bathroom: needs.OwnBathroom = False,
    cot: needs.Cot = False,
) -> None:
    """Declare a unit (unit erbij), or several alike. A unit that is declared again is changed."""
    from services.cli.options.unit_plan import numbered_names, unit
    from services.cli.shelter.proposal_client import propose

    chosen = {"wheelchair": wheelchair, "pets": pets, "own_kitchen": own_kitchen, "own_bathroom": own_bathroom, "cot": cot}
    members = {"overflow": overflow, "features": [feature for feature in FEATURES if chosen[feature]]} | ({"beds": beds} if beds else {})
    units = [unit(name, kind, people, **members) for name in numbered_names(unit_id, times)]
    propose(by, "POST", f"/v1/shelters/{shelter_id}/units", {"units": units}, f"{shelter_id} · {', '.join(each['unit'] for each in units)}")


@unit.command("withdraw")
@expand_dataclass_options
def withdraw(shelter_id: ShelterId, unit_id: UnitId, by: CoordinatorOptions) -> None:
    """Withdraw a unit (unit eraf): it no longer exists, and is not counted. What was sent about it stays in the log."""
    from services.cli.shelter.proposal_client import propose

    propose(by, "POST", f"/v1/shelters/{shelter_id}/units/{unit_id}/withdrawal", None, f"{shelter_id} · {unit_id}")
