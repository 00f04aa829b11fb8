"""Names that the shell completes: shelters, their units, proposals and regions; in silence where the API is away."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.door import Door, open_door
from tests.cli.typed import typed
from tests.sent import uuid

UNITS = [{"unit": unit, "state": state} for unit, state in (("u1", "free"), ("u2", "occupied"), ("u3", "closed"), ("u4", "held"))]
BERK: dict[str, Any] = {"shelter": "berk", "registration": {"name": "Berk"}, "units": UNITS}
ELS: dict[str, Any] = {"shelter": "els", "registration": {"name": "Grote Els"}, "units": []}


@pytest.fixture
def door() -> Iterator[Door]:
    """Open an API whose caller sees two shelters, and a gateway with a proposal that waits."""
    with open_door() as door:
        door.answer("GET", "/v1/shelters", {"shelters": [BERK, ELS]})
        waiting = {"proposal": uuid(7), "shelter": "nieuw", "status": "proposed"}
        door.answer("GET", "/v1/proposals", {"proposals": [waiting, waiting | {"proposal": uuid(8), "status": "rejected"}]})
        yield door


def complete(verb: str, typed_so_far: str, url: str) -> list[str]:
    """Return what the shell would offer after the words that are typed so far."""
    line = f"plek {verb} --api {url} --token t {typed_so_far}"
    words = line.split(" ")
    environment = {"_PLEK_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = typed(environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("verb", "line", "offered"),
    [
        ("admit", "", ["berk", "els"]),
        ("admit", "b", ["berk"]),
        ("admit", "berk ", ["u1", "u4"]),
        ("admit", "berk u1 ", []),
        ("discharge", "berk ", ["u2"]),
        ("transfer", "berk u2 ", ["u1", "u4"]),
        ("reopen", "berk u", ["u3"]),
        ("close", "berk u4", ["u4"]),
        ("admit", "els ", []),
        ("admit", "nergens ", []),
        ("count", "e", ["els"]),
        ("history", "", ["berk", "els"]),
        ("unit withdraw", "berk u", ["u1", "u2", "u3", "u4"]),
        ("shelter change", "be", ["berk"]),
        ("shelter confirm", "n", ["nieuw"]),
        ("shelter confirm", uuid(7)[:4], [uuid(7)[:8]]),
        ("shelter add", "linde --region Bre", ["Breda"]),
    ],
)
def test_a_name_is_completed(door: Door, verb: str, line: str, offered: list[str]) -> None:
    """A shelter is offered by its id, a unit by whether the verb can be about it, a proposal while it waits."""
    assert complete(verb, line, door.url) == offered


def test_units_of_the_only_shelter_are_offered_at_once(door: Door) -> None:
    """A caller with one shelter is offered its units without its name."""
    door.answers["GET", "/v1/shelters"] = [(200, {"shelters": [BERK]})]
    assert complete("admit", "u", door.url) == ["u1", "u4"]
    assert complete("transfer", "u2 ", door.url) == ["u1", "u4"]


def test_without_an_api_nothing_is_offered(door: Door) -> None:
    """An API that is away or refuses is no error in the shell."""
    assert complete("admit", "b", "http://127.0.0.1:1") == []
    door.answers["GET", "/v1/shelters"] = [(401, {"title": "No"})]
    assert complete("admit", "b", door.url) == []
