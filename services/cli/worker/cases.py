"""Open cases of demand: `plek fallback`, `fallbacks` and `waiting-list`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from services.cli.options.api_options import DatasetWorkerOptions, DemandOptions, DeskRegion, Json, OnlyRegion
from services.cli.options.choices import format_choices, one_of
from services.cli.options.dataclass_options import expand_dataclass_options
from services.cli.options.household import count_persons
from services.cli.options.needs import Needs, People
from services.domain.events import value_types as v

fallback = typer.Typer(no_args_is_help=True, help="Log that a household stays in a hotel or elsewhere, and how that ended.")
waiting_list = typer.Typer(no_args_is_help=True, help="Join or leave a waiting list, or list the households on it.")

_FALLBACKS: Final = "/v1/fallbacks"
_WAITING_LIST: Final = "/v1/waiting-list"
Fallback = Annotated[str, typer.Argument(metavar="ID", help="As `plek fallbacks` lists it; while it is open its beginning is enough.")]
Reason = Annotated[
    str,
    typer.Option(
        callback=one_of(v.FALLBACK_REASONS), help=f"{format_choices(v.FALLBACK_REASONS)}. It is never guessed: the monitor counts by it."
    ),
]
LogAnyway = Annotated[bool, typer.Option("--log-anyway", help="Log it also when something that fits is free, without asking.")]
Mistake = Annotated[str, typer.Option(callback=one_of(v.CORRECTION_REASONS), help=f"{format_choices(v.CORRECTION_REASONS)}.")]
Outcome = Annotated[str, typer.Argument(callback=one_of(v.FALLBACK_OUTCOMES), help=f"{format_choices(v.FALLBACK_OUTCOMES)}.")]
Kind = Annotated[str, typer.Argument(callback=one_of(v.KINDS), help=f"{format_choices(v.KINDS)}.")]
Entry = Annotated[str, typer.Argument(metavar="ID", help="As `plek waiting-list list` lists it; its beginning is enough.")]
LeaveOutcome = Annotated[
    str, typer.Argument(metavar="OUTCOME", callback=one_of(v.WAITING_OUTCOMES), help=f"{format_choices(v.WAITING_OUTCOMES)}.")
]


def _log_verb(accommodation: str) -> Callable[..., None]:
    @expand_dataclass_options
    def run(
        people: People, needs: Needs, by: DemandOptions, reason: Reason, region: DeskRegion = None, *, log_anyway: LogAnyway = False
    ) -> None:
        """Log that a household stays somewhere else, with what is free at this instant.

        When a place that fits is free, a terminal asks first whether to hold it. Where it can't ask, it logs.
        """
        from services.cli.clients.fallback_client import log_fallback

        log_fallback(by, {"accommodation": accommodation, "reason": reason}, people, needs, region, ask=not log_anyway)

    return run


for _accommodation in v.ACCOMMODATIONS:
    fallback.command(_accommodation)(_log_verb(_accommodation))


@fallback.command("end")
@expand_dataclass_options
def end(case: Fallback, outcome: Outcome, by: DemandOptions) -> None:
    """Log that it ended, and how."""
    _change_fallback(by, case, "end", {"outcome": outcome}, "Ended")


@fallback.command("undo")
@expand_dataclass_options
def undo(
    case: Fallback,
    by: DemandOptions,
    reason: Mistake = v.CORRECTION_REASONS[0],
    *,
    of_end: Annotated[bool, typer.Option("--end", help="Only its end was a mistake: it goes on.")] = False,
) -> None:
    """Take it back as if it had never been logged, or only its end."""
    body = {"undo": "end" if of_end else "start", "reason": reason}
    _change_fallback(by, case, "correct", body, "Its end is taken back" if of_end else "Taken back")


def _change_fallback(by: DemandOptions, beginning: str, action: str, body: dict[str, str], done: str) -> None:
    from services.cli.clients.demand_client import log_case, open_case_id

    case = open_case_id(by, _FALLBACKS, "fallbacks", beginning, "fallback", "fallbacks")
    log_case(by, "fallback", f"{_FALLBACKS}/{case}/{action}", body, done=done)


@expand_dataclass_options
def fallbacks(by: DatasetWorkerOptions, region: OnlyRegion = None, *, as_json: Json = False) -> None:
    """List the households of your regions that stay in a hotel or elsewhere now, the earliest first."""
    from services.cli.worker.case_tables import print_cases

    print_cases(by, region, f"{_FALLBACKS}?open=true", "fallbacks", ("fallback", "accommodation", "region", "reason"), as_json=as_json)


@waiting_list.command("join")
@expand_dataclass_options
def join(kind: Kind, people: People, by: DemandOptions, region: DeskRegion = None) -> None:
    """Log that a household waits for a place of a kind."""
    adults, children = count_persons(people)

    from services.cli.clients.demand_client import log_case
    from services.cli.clients.desk_region import require_desk_region
    from services.cli.clients.search_client import end_after_case

    desk_region = require_desk_region(region, by)
    body: dict[str, Any] = {"kind": kind, "adults": adults, "children": children} | ({"region": desk_region} if desk_region else {})
    log_case(by, "entry", _WAITING_LIST, body, desk_region)
    end_after_case(by, people, "waiting_list")


@waiting_list.command("leave")
@expand_dataclass_options
def leave(entry: Entry, outcome: LeaveOutcome, by: DemandOptions) -> None:
    """Log that a household no longer waits, and why."""
    from services.cli.clients.demand_client import log_case, open_case_id

    entry = open_case_id(by, _WAITING_LIST, "entries", entry, "entry", "waiting-list list")
    log_case(by, "entry", f"{_WAITING_LIST}/{entry}/leave", {"outcome": outcome}, done="Left")


@waiting_list.command("list")
@expand_dataclass_options
def list_entries(by: DatasetWorkerOptions, region: OnlyRegion = None, *, as_json: Json = False) -> None:
    """List the households that wait in your regions, each with its position in the list of its region and kind."""
    from services.cli.worker.case_tables import print_cases

    print_cases(by, region, _WAITING_LIST, "entries", ("entry", "region", "kind", "position"), as_json=as_json)
