"""A hold, from the request to the shelter's answer."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Final

import typer

from services.cli.clients.api_client import ApiClient, ApiResponse, open_as_worker
from services.cli.clients.hold_wait import wait_for_answer
from services.cli.clients.last_search import LastSearch, save_outcome, save_search
from services.cli.options.api_options import DEFAULT_WORKER, WorkerOptions
from services.cli.options.region_names import region_names
from services.cli.output import code_text, hold_cards
from services.cli.output.clock_text import clock
from services.cli.output.offer_cards import offer_lines
from services.cli.output.wrapped_lines import print_lines, print_remark
from services.local.user_error import UserError

_POLL_S: Final = 1.0
# As long as the API keeps an undecided request
_POLLS: Final = 60
# A live hold has to be given back first
_BLOCKED: Final = {"search-held", "too-many-holds"}


class HoldClient:
    """Holds an offer of the last search."""

    def __init__(self, options: WorkerOptions, search: LastSearch) -> None:
        self._options, self._search = options, search
        self._names = region_names(options.data)

    def hold(self, offer: str, number: int, urgent: str | None, *, wait: bool) -> None:
        """Request a hold, print the decision, and wait for the shelter. Raises UserError where it was not granted."""
        search = self._search
        options = replace(self._options, worker=search.subject) if self._options.worker == DEFAULT_WORKER else self._options
        body = {"offer": offer} | ({"break_glass": urgent} if urgent else {})
        with open_as_worker(options, search.region) as api:
            answer = self._request(api, body, number)
            if answer.kind in _BLOCKED:
                raise UserError(f"{answer.body['title']} ({_release_commands(api)})")
            if answer.status == 409 or answer.body["status"] != "granted":
                self._not_granted(answer.body)
            save_outcome(self._options.data, "held")
            self._granted(api, answer.body, wait=wait)

    def _request(self, api: ApiClient, body: dict[str, Any], number: int) -> ApiResponse:
        try:
            answer = api.request("POST", "/v1/holds", body, key=f"{self._search.key}-{number}", expected=(201, 202, 409))
            return _wait_for_decision(api, answer)
        except KeyboardInterrupt:
            raise UserError("Stopped before it was decided: `plek holds` shows whether the place is held") from None

    def _granted(self, api: ApiClient, hold: dict[str, Any], *, wait: bool) -> None:
        try:
            print_lines(hold_cards.granted_lines(hold, self._names))
            if not wait or hold.get("accepted"):
                return
            ended = wait_for_answer(api, hold)
        except KeyboardInterrupt:
            until, short = clock(hold["until"]), hold["hold"][: hold_cards.SHORT]
            typer.echo()
            print_remark(f"The place stays held until {until}: `plek holds` shows the answer, `plek release {short}` gives it back")
            return
        if ended["status"] == "granted":
            phone = ended.get("intake_phone") or hold["intake_phone"]
            typer.secho(f"Accepted by the shelter: held until {clock(ended['until'])}, call {phone}", fg="green", bold=True)
        elif ended["status"] == "fulfilled":
            typer.secho("The shelter has admitted the household", fg="green", bold=True)
        else:
            reason = hold_cards.end_reason(ended)
            raise UserError(f"No longer held: {reason}. The number was {hold['intake_phone']}; `plek find --again` searches on")

    def _not_granted(self, answer: dict[str, Any]) -> None:
        """Print the new offers, where there are any. Raises UserError with the reason of the refusal."""
        if "offers" in answer:
            save_search(self._options.data, self._search.with_answer(answer))
            print_lines(offer_lines(answer, self._names))
        reason = code_text.REFUSAL_REASONS.get(answer.get("reason") or "") or answer.get("title") or f"It is {answer.get('status')}"
        raise UserError(f"{reason}{'; the offers above are new' if answer.get('offers') else '; search again with `plek find --again`'}")


def _wait_for_decision(api: ApiClient, answer: ApiResponse) -> ApiResponse:
    """Return the answer once the log has decided. Raises UserError when it does not."""
    for _ in range(_POLLS):
        if answer.status != 202:
            return answer
        time.sleep(_POLL_S)
        answer = api.request("GET", f"/v1/holds/{answer.body['hold']}", expected=(200, 202))
    raise UserError("The log does not decide at the moment. `plek duty` has the numbers to phone; `plek holds` shows what became of it")


def _release_commands(api: ApiClient) -> str:
    """Return what to type to give a live hold back."""
    holds = api.request("GET", "/v1/holds").body["holds"]
    live = [hold["hold"][: hold_cards.SHORT] for hold in holds if hold["status"] == "granted" and hold.get("mine", True)]
    return " or ".join(f"plek release {short}" for short in live) or "plek holds"
