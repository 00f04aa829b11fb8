"""`plek find` and `plek end-search`: where a household can go, and how the search ended."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli.options.api_options import DeskRegion, Json, Urgent, WorkerOptions
from services.cli.options.choices import format_choices, one_of
from services.cli.options.dataclass_options import expand_dataclass_options
from services.cli.options.needs import Needs
from services.cli.options.region_names import region_option
from services.domain.events.value_types import SEARCH_OUTCOMES
from services.local.user_error import UserError

Household = Annotated[
    str | None,
    typer.Argument(
        metavar="ADULTS+CHILDREN", help="Such as 1+2; name a son among them with --boy. Not with --more; with --again if it changes."
    ),
]
Near = Annotated[str | None, region_option(help="Region to be near to.", show_default="that of your desk")]
CallFirst = Annotated[
    bool, typer.Option("--call-first", help="Also list shelters to call that were not heard of for a day. It is recorded.")
]
Again = Annotated[bool, typer.Option("--again", help="Refine the last search: its household and needs, and what you add. Counts once.")]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="NEED", help="Drop a need of the last search, such as wheelchair; with --again, repeat for more."),
]
More = Annotated[bool, typer.Option("--more", help="The next three offers of the last search.")]


@expand_dataclass_options
def find(  # noqa: PLR0913  each is an option
    needs: Needs,
    by: WorkerOptions,
    people: Household = None,
    near: Near = None,
    region: DeskRegion = None,
    urgent: Urgent = None,
    *,
    call_first: CallFirst = False,
    again: Again = False,
    drop: Without = None,
    more: More = False,
    as_json: Json = False,
) -> None:
    """Find where a household can go: at most three offers, each with its regions. Hold one by its number: plek hold 1.

    A region is typed by its name: --not Breda --near "Den Haag". Nothing about a person is asked. The search and its offers are kept here
    for the next verb, for you alone.
    """
    from services.cli.clients.search_client import SearchClient

    extra: dict[str, Any] = ({"call_first": True} if call_first else {}) | ({"break_glass": urgent} if urgent else {})
    if drop and not again:
        raise UserError("--without drops a need of the last search: say --again too", code=2)
    client = SearchClient(by, region, as_json=as_json)
    if more:
        client.more(extra)
    elif again:
        client.again(people, needs, near, extra, dropped=drop or ())
    else:
        client.new(people, needs, near, extra)


@expand_dataclass_options
def end_search(
    outcome: Annotated[
        str, typer.Argument(metavar="OUTCOME", callback=one_of(SEARCH_OUTCOMES), help=f"{format_choices(SEARCH_OUTCOMES)}.")
    ],
    by: WorkerOptions,
) -> None:
    """Log how the last search ended. A hold ends it by itself, and so do a fallback and a waiting list for the same household."""
    from services.cli.clients import search_client
    from services.cli.clients.api_client import open_as_worker
    from services.cli.clients.last_search import require_search, save_outcome
    from services.cli.output import code_text

    search = require_search(by.data)
    with open_as_worker(by, search.region) as api:
        ended = search_client.end_search(api, search, outcome)
    save_outcome(by.data, ended)
    prefix = "" if ended == outcome else "It had ended before: "
    typer.echo(f"{prefix}{code_text.in_words(code_text.SEARCH_OUTCOMES, ended)}")
