"""Proposes what changes in a shelter, and confirms what another person proposed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import typer

from services.cli.clients.api_client import ApiClient, open_api, open_gateway
from services.cli.options.api_options import CoordinatorOptions
from services.cli.options.region_names import read_instance_regions
from services.cli.output.proposal_lines import proposal_lines, proposed_lines, waiting_proposals
from services.cli.output.wrapped_lines import print_answer, print_lines
from services.local.identity.tokens import Person, Role
from services.local.user_error import UserError

_PROPOSALS: Final = "/v1/proposals"
_YES: Final = {"j", "ja", "y", "yes"}
_UNREACHABLE: Final = ". The same command again changes nothing twice"

Members = dict[str, Any]


def coordinator(options: CoordinatorOptions) -> Person:
    """Return a coordinator of all regions of the instance, where no token says who it is."""
    return Person(role=Role.COORDINATOR, subject=options.user, regions=tuple(sorted(read_instance_regions(options.data))))


def read_shelter_file(name: str) -> tuple[Members, list[Members]]:
    """Return the registration of a file, and its units: members as in the API, with a list `units` beside them. Raises UserError."""
    try:
        document = json.loads(sys.stdin.read() if name == "-" else Path(name).read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UserError("The file can't be read", code=2) from None
    except ValueError:
        raise UserError("The file is no JSON", code=2) from None
    units = document.pop("units", []) if isinstance(document, dict) else None
    if not isinstance(units, list) or not isinstance(document.get("shelter"), str):
        raise UserError("The file is an object with a member `shelter`, and `units` as a list", code=2)
    return document, units


def propose_shelter(options: CoordinatorOptions, registration: Members, units: Sequence[Members]) -> None:
    """Propose a shelter and its units, and print what became of both. Raises UserError."""
    shelter, key = str(registration["shelter"]), options.key or str(uuid4())
    with open_gateway(options, coordinator(options)) as gateway:
        answers = [_post(gateway, "POST", "/v1/shelters", registration, key)]
        if units:
            answers.append(_post(gateway, "POST", f"/v1/shelters/{shelter}/units", {"units": list(units)}, f"{key}-units"))
    lines = (line for answer in answers for line in proposed_lines(answer, shelter))
    print_answer(answers, lines, as_json=options.as_json)


def propose(options: CoordinatorOptions, method: str, path: str, body: Members | None, about: str) -> None:
    """Propose a change, and print what became of it. Raises UserError."""
    with open_gateway(options, coordinator(options)) as gateway:
        answer = _post(gateway, method, path, body, options.key or str(uuid4()))
    print_answer(answer, proposed_lines(answer, about), as_json=options.as_json)


def confirm_proposals(options: CoordinatorOptions, what: str | None, *, yes: bool) -> None:
    """Confirm one proposal by its id; of a shelter, or of all, those that a terminal says yes to, or all with `yes`. Raises UserError.

    By its shelter a proposal is not confirmed unseen: another person may have proposed another one.
    """
    with open_gateway(options, coordinator(options)) as gateway:
        waiting = _waiting(gateway)
        of_shelter = [proposal for proposal in waiting if what in {None, proposal["shelter"]}]
        if what is not None and not of_shelter:
            _confirm(gateway, options, _one(waiting, what))
        elif yes:
            for proposal in [each for each in of_shelter if _may_confirm(each)] or of_shelter:
                print_lines([] if options.as_json else proposal_lines(proposal))
                _confirm(gateway, options, proposal)
        elif options.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            print_answer({"proposals": of_shelter}, waiting_proposals(of_shelter), as_json=options.as_json)
        else:
            _ask_each(gateway, options, of_shelter)


def decide(options: CoordinatorOptions, beginning: str, decision: str, body: Members | None = None) -> None:
    """Reject a proposal, or take an own one back. Raises UserError."""
    with open_gateway(options, coordinator(options)) as gateway:
        proposal = _one(_waiting(gateway), beginning)
        answer = _post(gateway, "POST", f"{_PROPOSALS}/{proposal['proposal']}/{decision}", body, options.key or str(uuid4()))
    print_answer(answer, proposed_lines(proposal | answer, proposal["shelter"]), as_json=options.as_json)


def print_shelters(options: CoordinatorOptions) -> None:
    """Print the shelters of the caller, then the proposals that wait. Raises UserError."""
    with open_api(options, coordinator(options)) as api:
        shelters = api.request("GET", "/v1/shelters").body["shelters"]
    with open_gateway(options, coordinator(options)) as gateway:
        waiting = _waiting(gateway)
    answer = {"shelters": shelters, "proposals": waiting}
    print_answer(answer, _shelter_lines(shelters, waiting), as_json=options.as_json)


def _shelter_lines(shelters: Sequence[Members], waiting: Sequence[Members]) -> Iterator[str]:
    from services.cli.output.fact_lines import shelter_line

    yield from map(shelter_line, shelters)
    if not shelters:
        yield "Geen opvang. (No shelter.) plek shelter add berk"
    if waiting:
        yield ""
        yield from waiting_proposals(waiting)


def _ask_each(gateway: ApiClient, options: CoordinatorOptions, waiting: Sequence[Members]) -> None:
    for proposal in waiting:
        print_lines(proposal_lines(proposal))
        if not _may_confirm(proposal):
            continue
        typed = typer.prompt("Klopt het? (Is it right?) [j/N]", default="n", show_default=False)
        if str(typed).strip().casefold() in _YES:
            _confirm(gateway, options, proposal)
    if not waiting:
        print_lines(waiting_proposals(waiting))


def _may_confirm(proposal: Members) -> bool:
    return "confirm" in proposal["you_may"]


def _confirm(gateway: ApiClient, options: CoordinatorOptions, proposal: Members) -> None:
    answer = _post(gateway, "POST", f"{_PROPOSALS}/{proposal['proposal']}/confirm", None, options.key or str(uuid4()))
    print_answer(answer, proposed_lines(proposal | answer, proposal["shelter"]), as_json=options.as_json)


def _waiting(gateway: ApiClient) -> list[Members]:
    """Return the proposals that wait, the earliest first."""
    proposals = gateway.request("GET", _PROPOSALS).body["proposals"]
    return sorted((each for each in proposals if each["status"] == "proposed"), key=lambda each: str(each["proposed_at"]))


def _one(waiting: Sequence[Members], beginning: str) -> Members:
    matches = [proposal for proposal in waiting if proposal["proposal"].startswith(beginning)]
    if len(matches) != 1:
        found = "Several proposals begin" if matches else "No proposal that waits begins"
        raise UserError(f"{found} with that: `plek shelter confirm` lists them", code=2)
    return matches[0]


def _post(gateway: ApiClient, method: str, path: str, body: Members | None, key: str) -> Members:
    return gateway.request(method, path, body, key=key, expected=(200, 201), unreachable=_UNREACHABLE).body
