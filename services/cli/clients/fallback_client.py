"""Logs a fallback, such as a hotel. On a terminal a place that fits is offered first; the fallback is never lost for it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import typer

from services.adapters.clock import now_ms
from services.cli.clients.api_client import ApiClient, open_in_region
from services.cli.clients.demand_client import post_once, print_status
from services.cli.clients.desk_region import require_desk_region
from services.cli.clients.last_search import LastSearch, read_search, save_outcome
from services.cli.clients.search_client import SearchClient, end_search
from services.cli.options.api_options import DemandOptions
from services.cli.options.household import HOUSEHOLD
from services.cli.options.needs import Needs
from services.cli.output.wrapped_lines import print_lines, print_remark, wrap
from services.domain.durations import HOUR_MS
from services.local.user_error import UserError

_PATH: Final = "/v1/fallbacks"
_FITTING: Final = {
    "yes": "Something that fits is free now.",
    "call_first": "Shelters that might have room were not heard of for a day: call them first.",
}
_YES: Final = {"j", "ja", "y", "yes"}
# A search of an hour ago was for this night
_RECENT_MS: Final = HOUR_MS


def log_fallback(options: DemandOptions, case: dict[str, Any], people: str, needs: Needs, region: str | None, *, ask: bool) -> None:
    """Log a fallback; on a terminal with `ask`, where a place fits, only after the user was asked to hold it first. Raises UserError."""
    desk_region, key = require_desk_region(region, options), options.key or str(uuid4())
    body = case | needs.to_request(people) | ({"region": desk_region} if desk_region else {})
    search = _open_search(options, body)
    body |= {"again_of": search.search} if search else {}
    asks = ask and not options.as_json and sys.stdin.isatty() and sys.stdout.isatty()
    with open_in_region(options, desk_region) as api:
        answer = post_once(api, _PATH, body | ({"ask_first": True} if asks else {}), key)
        if answer["status"] == "not_logged":
            if _wants_to_hold(answer["fitting_now"]):
                _search(options, people, needs, region, search)
                return
            answer = post_once(api, _PATH, body, key)
        if search:
            _end(api, options, search)
    if options.as_json:
        typer.echo(json.dumps(answer))
        return
    print_status("fallback", answer)
    print_lines(_remarks(answer, "--again" if search else people))
    if assumption := needs.assumption(people):
        print_remark(assumption, err=True)


def _wants_to_hold(fitting: str) -> bool:
    typer.secho(_FITTING.get(fitting, "Something may fit."), bold=True)
    return str(typer.prompt("See it and hold it first? [j/N]", default="n", show_default=False)).strip().casefold() in _YES


def _search(options: DemandOptions, people: str, needs: Needs, region: str | None, search: LastSearch | None) -> None:
    client, extra = SearchClient(options, region), {"call_first": True}
    (client.again if search else client.new)(people, needs, None, extra)
    print_remark("Nothing is logged. Hold an offer by its number, or log it: the same command with --log-anyway")


def _open_search(options: DemandOptions, body: dict[str, Any]) -> LastSearch | None:
    """Return the last search if it was for this household, within the hour, and is open."""
    search = read_search(options.data)
    if search is None or search.ended or now_ms() - search.made_at > _RECENT_MS:
        return None
    return search if all(search.criteria.get(member) == body[member] for member in HOUSEHOLD) else None


def _end(api: ApiClient, options: DemandOptions, search: LastSearch) -> None:
    try:
        save_outcome(options.data, end_search(api, search, "fallback"))
    except UserError:  # the fallback is logged, and the API ends the search a day after it was made
        return


def _remarks(answer: dict[str, Any], search: str) -> Iterator[str]:
    """Yield that a place fits now, that the household seems to be logged twice, and what to type to take it back."""
    if (fitting := _FITTING.get(answer.get("fitting_now", ""))) is not None:
        yield wrap(f"{fitting} `plek find {search}` shows it; then take this back:", 2, "")
        yield f"  plek fallback undo {answer['fallback']}"
    for warning in answer.get("warnings") or ():
        yield wrap(warning["en"], 2, "")
        yield f"  plek fallback undo {warning['fallback']}"
