"""What happened in a shelter, one line each: `plek admit`, `discharge`, `transfer`, `close`, `reopen`, `pause`, `resume` and `count`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.options.api_options import ShelterOptions
from services.cli.options.choices import format_choices, one_of
from services.cli.options.dataclass_options import expand_dataclass_options
from services.cli.options.shelter_words import household_size, shelter_alone, split_count, split_words
from services.cli.shelter.shelter_arguments import Shelter, Unit, shelter_words, unit_words
from services.domain.events.value_types import CLOSING_REASONS, DESTINATIONS, PAUSE_REASONS
from services.local.user_error import UserError

At = Annotated[str | None, typer.Option(help="When it happened: 23:10, or 2026-11-30T23:10.", show_default="now")]
Until = Annotated[str | None, typer.Option(help="Until when that is expected: 14:00, or a day. It reopens nothing.")]
Stay = Annotated[str | None, typer.Option(help="Which household, where several are in the unit: the beginning of its id.")]


@expand_dataclass_options
def admit(
    words: Annotated[list[str], unit_words("SHELTER UNIT ADULTS+CHILDREN", "Such as berk u3 1+2.")],
    by: ShelterOptions,
    hold: Annotated[str | None, typer.Option(help="It is the household of this hold: the beginning of its id.")] = None,
    at: At = None,
    *,
    no_hold: Annotated[bool, typer.Option("--no-hold", help="It is another household than the unit is held for.")] = False,
) -> None:
    """Admit a household to a unit (opname). What looks wrong is shown, and nothing is refused for it.

    Where the unit is held for a household of this size, a terminal asks whether it is that one.
    """
    shelter, (unit, people) = split_words(words, "UNIT", "ADULTS+CHILDREN")
    if hold and no_hold:
        raise UserError("--hold and --no-hold contradict each other", code=2)
    body = {"unit": unit, **household_size(people)}

    from services.cli.shelter.fact_client import unit_hold

    if hold:
        body["hold"] = unit_hold(by, shelter, hold)
    elif no_hold:
        body["hold"] = None
    _send(by, shelter, "admissions", body, f"{unit} · {people}", at)


@expand_dataclass_options
def discharge(
    words: Unit,
    by: ShelterOptions,
    to: Annotated[str, typer.Option(callback=one_of(DESTINATIONS), help=f"{format_choices(DESTINATIONS)}.")],
    stay: Stay = None,
    at: At = None,
    *,
    to_clean: Annotated[bool, typer.Option("--to-clean", help="The unit is not ready: it is closed for cleaning.")] = False,
) -> None:
    """Discharge the household of a unit (vertrek): its stay ends."""
    shelter, (unit,) = split_words(words, "UNIT")
    body = _stay(by, shelter, unit, stay) | {"destination": to} | ({"unit_ready": False} if to_clean else {})
    _send(by, shelter, "discharges", body, f"{unit} · {_words_for('destinations', to)}", at)


@expand_dataclass_options
def transfer(words: Annotated[list[str], unit_words("SHELTER UNIT TO-UNIT")], by: ShelterOptions, stay: Stay = None, at: At = None) -> None:
    """Transfer the household of a unit to another unit of the shelter (verhuizing)."""
    shelter, (unit, to_unit) = split_words(words, "UNIT", "TO-UNIT")
    _send(by, shelter, "transfers", _stay(by, shelter, unit, stay) | {"to_unit": to_unit}, f"{unit} → {to_unit}", at)


@expand_dataclass_options
def close(
    words: Unit,
    by: ShelterOptions,
    why: Annotated[str, typer.Option(callback=one_of(CLOSING_REASONS), help=f"{format_choices(CLOSING_REASONS)}.")],
    until: Until = None,
    at: At = None,
) -> None:
    """Close a unit that can't be used for now (sluiten). It stays closed until it is reopened."""
    shelter, (unit,) = split_words(words, "UNIT")
    _send(by, shelter, "closures", {"unit": unit, "reason": why}, f"{unit} · {_words_for('closing_reasons', why)}", at, until)


@expand_dataclass_options
def reopen(words: Unit, by: ShelterOptions, at: At = None) -> None:
    """Reopen a unit: it can be used again (weer open)."""
    shelter, (unit,) = split_words(words, "UNIT")
    _send(by, shelter, "reopenings", {"unit": unit}, unit, at)


@expand_dataclass_options
def pause(
    by: ShelterOptions,
    why: Annotated[str, typer.Option(callback=one_of(PAUSE_REASONS), help=f"{format_choices(PAUSE_REASONS)}.")],
    words: Shelter = None,
    until: Until = None,
    at: At = None,
) -> None:
    """Pause the intake of a shelter (opnamestop): it takes no households for now. Its free units are shown as paused."""
    _send(by, shelter_alone(words or ()), "pauses", {"reason": why}, _words_for("pause_reasons", why), at, until)


@expand_dataclass_options
def resume(by: ShelterOptions, words: Shelter = None, at: At = None) -> None:
    """Resume the intake of a shelter: it takes households again."""
    _send(by, shelter_alone(words or ()), "resumptions", {}, "", at)


@expand_dataclass_options
def count(
    by: ShelterOptions,
    words: Annotated[list[str] | None, shelter_words("SHELTER FREE", "How many units are free, counted by hand.")] = None,
) -> None:
    """Confirm that what Plek shows of a shelter is right (telling). With a number, a difference is shown, and nothing is changed."""
    shelter, free = split_count(words or ())
    _send(by, shelter, "counts", {"free": free}, "" if free is None else f"{free} vrij (free)", None)


def _send(  # noqa: PLR0913, PLR0917  each is a part of a fact
    by: ShelterOptions, shelter: str | None, path: str, body: dict[str, Any], about: str, at: str | None, until: str | None = None
) -> None:
    from services.adapters.clock import now_ms
    from services.cli.options.typed_time import future_time, past_time
    from services.cli.shelter.fact_client import send_fact

    now = now_ms()
    times = {"occurred_at": past_time(at, now, "--at"), "expected_until": future_time(until, now, "--until")}
    send_fact(by, shelter, path, body | times, about)


def _stay(by: ShelterOptions, shelter: str | None, unit: str, stay: str | None) -> dict[str, Any]:
    """Return the stay where it is named, else the unit of the household."""
    if stay is None:
        return {"unit": unit}

    from services.cli.shelter.fact_client import unit_stay

    return {"stay": unit_stay(by, shelter, stay)}


def _words_for(section: str, code: str) -> str:
    from services.cli.output.fact_lines import in_both

    return in_both(section, code)
