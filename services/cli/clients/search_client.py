"""Searches: a new one, the last one refined, or its next offers; and how a search ended."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import typer

from services.adapters.clock import now_ms
from services.cli.clients.api_client import ApiClient, open_as_worker
from services.cli.clients.desk_region import require_desk_region
from services.cli.clients.last_search import LastSearch, read_search, require_search, save_outcome, save_search
from services.cli.options.api_options import WorkerOptions
from services.cli.options.dropped_needs import drop_needs
from services.cli.options.household import count_persons
from services.cli.options.needs import Needs
from services.cli.options.region_names import region_names
from services.cli.output import code_text
from services.cli.output.clock_text import clock
from services.cli.output.offer_cards import kept_offers, offer_lines
from services.cli.output.quota_text import searches_left
from services.cli.output.wrapped_lines import print_lines, print_remark
from services.domain.durations import DAY_MS, HOUR_MS
from services.domain.events.value_types import SEARCH_OUTCOMES
from services.local.user_error import UserError

_ADDED: Final = ("features", "services", "languages", "exclude_regions")
# As long as the API knows a search
_KNOWN_MS: Final = DAY_MS
# The same size an hour later may be another household
_RECENT_MS: Final = HOUR_MS


class SearchClient:
    """The searches of one worker; `region` is that of their desk."""

    def __init__(self, options: WorkerOptions, region: str | None, *, as_json: bool = False) -> None:
        self._options, self._region, self._as_json = options, region, as_json
        self._names = region_names(options.data)

    def new(self, people: str | None, needs: Needs, near: str | None, extra: dict[str, Any]) -> None:
        """Search for a household; the same one within an hour is a refinement of the last search. Raises UserError."""
        if people is None:
            raise UserError("For which household? It is typed as adults+children, such as 1+2", code=2)
        before = read_search(self._options.data)
        criteria = needs.to_request(people) | ({"near": near} if near else {})
        region = require_desk_region(self._region, self._options)
        search = LastSearch(subject=self._options.worker, region=region, search="", criteria=criteria, made_at=now_ms())
        is_same = before is not None and before.is_same_household(search)
        if before and is_same and not before.ended and now_ms() - before.asked_at < _RECENT_MS:
            print_remark(
                f"Goes on with the search of {clock(before.made_at)}. For another household: plek end-search unknown, then search", err=True
            )
            self._refine(replace(before, criteria=criteria), extra, needs.assumption(people))
            return
        with open_as_worker(self._options, region) as api:
            self._request(api, search, extra, needs.assumption(people))
            end_previous(api, before, ask=not is_same)

    def again(self, people: str | None, needs: Needs, near: str | None, extra: dict[str, Any], *, dropped: Sequence[str] = ()) -> None:
        """Search again for the household of the last search: with the needs that are added, without those dropped. Raises UserError."""
        before = require_search(self._options.data)
        left = replace(before, criteria=drop_needs(before.criteria, dropped, self._names))
        criteria = refine(left, people, needs) | ({"near": near} if near else {})
        typed = people or (before.household if needs.boy or needs.girl else None)
        self._refine(replace(before, criteria=criteria), extra, needs.assumption(typed) if typed else None)

    def more(self, extra: dict[str, Any]) -> None:
        """Show the next offers of the last search, numbered on from the last. Raises UserError where there are none."""
        before = require_search(self._options.data)
        if before.more == "none":
            raise UserError(f"Nothing more fitted at {clock(before.asked_at)}: `plek find --again` looks anew")
        self._refine(before, extra | {"more": True}, None)

    def _refine(self, search: LastSearch, extra: dict[str, Any], assumption: str | None) -> None:
        options = replace(self._options, worker=search.subject) if not self._options.token else self._options
        with open_as_worker(options, search.region) as api:
            self._request(api, search, extra | {"again_of": search.search}, assumption)

    def _request(self, api: ApiClient, search: LastSearch, extra: dict[str, Any], assumption: str | None) -> None:
        region = {"region": search.region} if search.region else {}
        answer = api.request("POST", "/v1/searches", search.criteria | region | extra)
        shown = len(search.offers) if "more" in extra else 0
        result = search.with_answer(answer.body)
        if shown:
            until = result.offers_until if result.offers else search.offers_until
            result = replace(result, offers=(*search.offers, *result.offers), key=search.key, offers_until=until)
        elif extra.get("again_of"):
            result = result.with_offers_of(search)
        save_search(self._options.data, result)
        if assumption:
            print_remark(assumption, err=True)
        if self._as_json:
            typer.echo(json.dumps(answer.body))
            return
        if search.region and not extra.get("again_of"):
            typer.echo(f"For the desk of {self._names.name(search.region)}")
        print_lines(offer_lines(answer.body, self._names, shown + 1))
        if not shown and not answer.body["offers"] and result.key == search.key:
            print_remark(kept_offers(len(result.offers), str(result.offers_until)))
        if left := searches_left(answer.headers, now_ms()):
            print_remark(left)


def refine(before: LastSearch, people: str | None, needs: Needs) -> dict[str, Any]:
    """Return the criteria of a refinement: a household and kinds replace those before, other needs and excluded regions are added.

    Of a household that is not typed again only what is named changes: men that are named again do not make daughters of the sons.
    """
    now, criteria = needs.to_request(people or before.household), dict(before.criteria)
    if people or needs.men:
        criteria |= {member: now[member] for member in ("adults", "men")}
    if people or needs.boy or needs.girl:
        criteria |= {member: now[member] for member in ("children", "oldest_son_age")}
    criteria |= {member: list(dict.fromkeys((*before.criteria.get(member, ()), *now[member]))) for member in _ADDED}
    if needs.kind:
        criteria["kinds"] = now["kinds"]
    if needs.security != "open":
        criteria["security"] = now["security"]
    return criteria


def end_search(api: ApiClient, search: LastSearch, outcome: str) -> str:
    """End a search, and return its outcome: the first that was sent counts. Raises UserError."""
    return str(api.request("POST", f"/v1/searches/{search.search}/end", {"outcome": outcome}).body["outcome"])


def end_after_case(options: WorkerOptions, people: str, outcome: str) -> None:
    """End the last search where it was for as many adults and children and is open: a case was logged for that household."""
    search = read_search(options.data)
    adults, children = count_persons(people)
    if search is None or search.ended or search.household != f"{adults}+{children}":
        return
    try:
        with open_as_worker(options, search.region) as api:
            save_outcome(options.data, end_search(api, search, outcome))
    except UserError:  # the case stays logged, and the API ends the search a day after it was made
        return


def end_previous(api: ApiClient, before: LastSearch | None, *, ask: bool = True) -> None:
    """End the open search before this one: on a terminal with the outcome that the user gives, else as unknown."""
    if before is None or before.ended or now_ms() - before.made_at > _KNOWN_MS:
        return
    outcome = _ask_outcome(before) if ask and sys.stdin.isatty() and sys.stdout.isatty() else "unknown"
    try:
        end_search(api, before, outcome)
    except UserError:  # the API ends it a day after it was made
        return


def _ask_outcome(before: LastSearch) -> str:
    typer.echo(f"\nWhat became of the search for {before.household} of {clock(before.made_at)}?")
    for number, code in enumerate(SEARCH_OUTCOMES, start=1):
        typer.echo(f"  {number}  {code_text.SEARCH_OUTCOMES[code]}")
    typed = typer.prompt(f"Type a number from 1 to {len(SEARCH_OUTCOMES)}, then Enter", default=str(len(SEARCH_OUTCOMES)))
    outcome = numbered_outcome(typed)
    if outcome is None:
        print_remark("No number: counts as unknown; type your command again")
    return outcome or "unknown"


def numbered_outcome(typed: str) -> str | None:
    """Return the outcome of this number in the list; None for other text, such as the next command."""
    outcomes = {str(number): outcome for number, outcome in enumerate(SEARCH_OUTCOMES, start=1)}
    return outcomes.get(typed.strip())
