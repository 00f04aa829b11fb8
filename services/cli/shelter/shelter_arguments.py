"""The words of a verb that begin with a shelter, which a person of one shelter leaves out."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from services.cli.shelter.shelter_completion import complete_shelter, complete_unit

_ALONE: Final = "Leave SHELTER out if you have one only."


def shelter_words(metavar: str, help_text: str = "") -> Any:
    """Return the argument of a verb that names a shelter, and no unit."""
    return typer.Argument(metavar=metavar, help=f"{help_text} {_ALONE}".strip(), autocompletion=complete_shelter, show_default=False)


def unit_words(metavar: str, help_text: str = "") -> Any:
    """Return the argument of a verb that names a unit of a shelter."""
    return typer.Argument(metavar=metavar, help=f"{help_text} {_ALONE}".strip(), autocompletion=complete_unit, show_default=False)


Shelter = Annotated[list[str] | None, shelter_words("SHELTER")]
Unit = Annotated[list[str], unit_words("SHELTER UNIT")]
