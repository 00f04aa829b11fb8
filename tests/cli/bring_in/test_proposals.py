"""Shelters and units as proposals: one request a shelter, one a group of units, and what is said of the answers."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from services.adapters.bring_in.shelter_plan import PlannedDeclaration
from services.cli.bring_in.proposals import ProposalSender
from services.cli.clients.api_client import ApiClient
from services.local.user_error import UserError
from tests.spreadsheets import registration

_UNIT: Mapping[str, Any] = {"kind": "crisis", "overflow": False, "max_adults": 1, "max_children": 2, "beds": 3, "features": ("cot",)}


def _planned(shelter: str, members: Mapping[str, Any], before: Mapping[str, Any] | None, unit: str | None = None) -> PlannedDeclaration:
    return PlannedDeclaration(sheet="", line=2, shelter=shelter, members=members, before=before, unit=unit)


def _sender(answer: Callable[[httpx.Request], httpx.Response]) -> ProposalSender:
    return ProposalSender(ApiClient(httpx.Client(transport=httpx.MockTransport(answer), base_url="http://gateway"), "gateway"))


def test_each_shelter_is_one_proposal_and_its_units_are_one() -> None:
    """A new shelter is sent whole, a known one as far as it changes, units together; what still waits is said with who confirms it."""
    asked: list[tuple[str, str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.url.path, json.loads(request.content)))
        new = request.url.path == "/v1/shelters"
        status = {"status": "proposed", "needs": "a second coordinator of R07, or an operator"} if new else {"status": "in-force"}
        return httpx.Response(201, json={"proposal": "p", "what": "x", "changes": [], **status})

    before = {name: value for name, value in registration("linde", "De Linde").items() if name != "shelter"}
    new = {**before, "name": "De Eik"}
    shelters = [_planned("eik", new, None), _planned("linde", {**before, "name": "De Lindeboom"}, before)]
    units = [_planned("linde", _UNIT, None, f"k{number}") for number in range(7, 9)]
    steps: list[int] = []
    sender = _sender(answer)
    assert sender.send(shelters, units, steps.append) == [
        "1 proposals wait for a confirmation",
        "3 proposals are in force",
        "needed: a second coordinator of R07, or an operator",
    ]
    assert [(method, path) for method, path, _ in asked] == [
        ("POST", "/v1/shelters"),
        ("PATCH", "/v1/shelters/linde/registration"),
        ("POST", "/v1/shelters/linde/units"),
    ]
    assert asked[0][2] == {"shelter": "eik", **new}
    assert asked[1][2] == {"name": "De Lindeboom"}
    assert [unit["unit"] for unit in asked[2][2]["units"]] == ["k7", "k8"]
    assert (sender.refused, sum(steps)) == (0, 4)


def test_a_refused_proposal_is_counted_and_said() -> None:
    """What one shelter is refused for ends nothing else."""
    problem = {"type": "urn:plek:problem:forbidden", "title": "This is not yours", "status": 403}
    sender = _sender(lambda _: httpx.Response(403, json=problem))
    [line] = sender.send([_planned("eik", {"name": "De Eik"}, None)], [], lambda _: None)
    assert line.startswith("1 proposals were refused: This is not yours")
    assert sender.refused == 1


def test_a_gateway_without_proposals_says_who_can() -> None:
    """An older gateway has no such route: an operator can bring in shelters and units."""
    sender = _sender(lambda _: httpx.Response(404, json={"detail": "Not Found"}))
    with pytest.raises(UserError, match="takes no proposals"):
        sender.send([_planned("eik", {"name": "De Eik"}, None)], [], lambda _: None)
