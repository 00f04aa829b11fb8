"""`plek hold`: an offer of the last search, held for half an hour; the log decides who gets it."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.commands import offer_tables
from services.commands.desk import WORKER, Answer, Desk, Speaker, desk, worker
from services.commands.kept_offers import Kept, keep, last
from services.commands.options import spread
from services.local.trouble import Trouble

_AGAIN_S: Final = 1.0
# As long as an undecided request is kept when somebody asks after it, and again.
_PATIENCE: Final = 60
# One of her own has to be given back before
_IN_THE_WAY: Final = {f"urn:plek:problem:{kind}" for kind in ("search-held", "too-many-holds")}
_REASONS: Final = {
    "no_free_unit": "Somebody was faster, or it is no longer free",
    "intake_paused": "The shelter takes nobody in at the moment",
    "unknown_shelter": "The shelter is no longer registered",
}


@spread
def run(number: Annotated[int, typer.Argument(metavar="OFFER-NUMBER", help="Of the last search.")], by: Speaker) -> None:
    """Hold an offer of the last search: who gets it is told where to call. The same command again asks for the same hold."""
    kept = last(by.data)
    offer = kept.number(number)
    asking = replace(by, who=kept.subject) if by.who == WORKER else by
    with desk(by, worker(asking, kept.region)) as speaking:
        key = f"{kept.key}-{number}"
        answer = _decided(speaking, speaking.ask("POST", "/v1/holds", {"offer": offer}, key=key, expected=(201, 202, 409)))
        if answer.body.get("type") in _IN_THE_WAY:
            raise Trouble(f"{answer.body['title']} ({_releases(speaking)})")
    if answer.status != 409 and answer.body["status"] == "granted":
        offer_tables.console.print(offer_tables.held(answer.body))
        return
    _lost(answer.body, kept, by.data)


def _decided(speaking: Desk, answer: Answer) -> Answer:
    """Wait until the log has decided."""
    for _ in range(_PATIENCE):
        if answer.status != 202:
            return answer
        time.sleep(_AGAIN_S)
        answer = speaking.ask("GET", f"/v1/holds/{answer.body['hold']}", expected=(200, 202))
    raise Trouble("The log does not decide at the moment: see `plek status`. Phone meanwhile; `plek holds` tells what became of it")


def _releases(speaking: Desk) -> str:
    """Say what to type to give a live hold back."""
    live = [hold["hold"] for hold in speaking.ask("GET", "/v1/holds").body["holds"] if hold["status"] == "granted"]
    return " or ".join(f"plek release {hold}" for hold in live) or "plek holds"


def _lost(body: dict[str, Any], kept: Kept, data: Path | None) -> None:
    """Say why it is not hers, and what else there is."""
    if "offers" in body:
        keep(data, Kept.of(kept.subject, kept.region, body, []))
        offer_tables.console.print(offer_tables.found(body))
    why = _REASONS.get(body.get("reason") or "") or body.get("title") or f"It is {body.get('status')}"
    raise Trouble(f"{why}{'; the offers above are new' if body.get('offers') else ': plek find'}")
