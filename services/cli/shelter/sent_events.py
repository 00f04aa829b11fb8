"""What a shelter sent lately, and how to take it back: `plek history` and `plek undo`."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.options.api_options import ShelterOptions
from services.cli.options.choices import format_choices, one_of
from services.cli.options.dataclass_options import expand_dataclass_options
from services.cli.options.shelter_words import shelter_alone
from services.cli.shelter.shelter_arguments import Shelter, shelter_words
from services.domain.events.value_types import CORRECTION_REASONS


@expand_dataclass_options
def history(
    by: ShelterOptions,
    words: Shelter = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest.")] = 20,
) -> None:
    """List what the shelter sent in the last 14 days, the latest first: what, when, and whether it was taken back."""
    from services.cli.shelter.event_list import print_history

    print_history(by, shelter_alone(words or ()), limit)


@expand_dataclass_options
def undo(
    by: ShelterOptions,
    words: Annotated[
        list[str] | None,
        shelter_words("SHELTER EVENT", "EVENT is the beginning of its id, as `plek history` lists it; without one, the latest."),
    ] = None,
    reason: Annotated[str, typer.Option(callback=one_of(CORRECTION_REASONS), help=f"{format_choices(CORRECTION_REASONS)}.")] = "mistake",
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Take back what was sent, as if it had never been (toch niet). Without EVENT it shows the latest, and asks."""
    from services.cli.shelter.event_list import undo_event

    undo_event(by, words or [], reason, yes=yes)
