"""`plek fallback`: a household is put up in a hotel or elsewhere; its end; and what was a mistake taken back."""

from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from services.commands.codes import among, of
from services.commands.needs import Needs, People
from services.commands.options import spread
from services.commands.said import Region, Sayer, home, say
from services.domain.values import ACCOMMODATIONS, CORRECTION_REASONS, FALLBACK_OUTCOMES, FALLBACK_REASONS

group = typer.Typer(no_args_is_help=True, help="Log that a household is put up in a hotel or elsewhere, and how that ended.")

_NOBODY_GUESSES: Final = "The monitor counts them: nobody may guess it for you."
Fallback = Annotated[str, typer.Argument(metavar="ID", help="As `plek fallbacks` tells it.")]


def _putting_up(accommodation: str) -> Callable[..., None]:
    @spread
    def run(
        people: People,
        needs: Needs,
        by: Sayer,
        reason: Annotated[str, typer.Option(callback=among(FALLBACK_REASONS), help=f"{of(FALLBACK_REASONS)}. {_NOBODY_GUESSES}")],
        region: Region = None,
    ) -> None:
        """Log that a household is put up; what is free at this instant is written down with it."""
        here = home(region, by)
        body: dict[str, Any] = {"accommodation": accommodation, "reason": reason} | ({"region": here} if here else {})
        say(by, "fallback", "/v1/fallbacks", body | needs.of(people), here, needs.guessed(people))

    return run


for _each in ACCOMMODATIONS:
    group.command(_each)(_putting_up(_each))


@group.command("end")
@spread
def end(
    fallback: Fallback,
    outcome: Annotated[str, typer.Argument(callback=among(FALLBACK_OUTCOMES), help=f"{of(FALLBACK_OUTCOMES)}.")],
    by: Sayer,
) -> None:
    """Log that it ended, and how."""
    say(by, "fallback", f"/v1/fallbacks/{fallback}/end", {"outcome": outcome})


@group.command("undo")
@spread
def undo(
    fallback: Fallback,
    by: Sayer,
    reason: Annotated[str, typer.Option(callback=among(CORRECTION_REASONS), help=f"{of(CORRECTION_REASONS)}.")] = CORRECTION_REASONS[0],
    *,
    of_end: Annotated[bool, typer.Option("--end", help="Only its end was a mistake: it goes on.")] = False,
) -> None:
    """Take it back as if it had never been logged, or only its end."""
    say(by, "fallback", f"/v1/fallbacks/{fallback}/correct", {"undo": "end" if of_end else "start", "reason": reason})
