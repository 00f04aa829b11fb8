"""The verbs of what happened in a shelter: what each sends, what it shows, and what it asks."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.door import Door, open_door, problem
from tests.cli.typed import typed
from tests.sent import uuid

WARNING = {"code": "unit-occupied", "nl": "In deze unit staat al een ander huishouden.", "en": "Another household is in this unit already."}
HOLD: dict[str, Any] = {"hold": uuid(1), "adults": 1, "children": 2, "until": "2026-03-14T02:40:00Z"}
STAYS: list[dict[str, Any]] = [
    {"stay": uuid(number), "adults": 1, "children": number, "since": "2026-03-13T12:00:00Z"} for number in (2, 3)
]
ROUTES = ("admissions", "discharges", "transfers", "closures", "reopenings", "counts", "pauses", "resumptions")


@pytest.fixture
def door() -> Iterator[Door]:
    """Open a gateway that accepts each fact of `berk`, and an API whose caller has that shelter alone."""
    with open_door() as door:
        for route in ROUTES:
            door.answer("POST", f"/v1/shelters/berk/{route}", accepted(route), 201)
        door.answer("GET", "/v1/me", {"role": "shelter", "shelters": ["berk"]})
        yield door


def accepted(route: str, **members: Any) -> dict[str, Any]:
    """Return the answer to a fact."""
    kinds = {"admissions": "admission", "discharges": "discharge", "transfers": "transfer", "counts": "count-confirmed"}
    return {"event": "--e1a2b3c4d5e6f7", "type": kinds.get(route, "unit-closed"), "visible": True, "warnings": [], "undo": "/x", **members}


def plek(door: Door, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a verb with a token, at this door."""
    return typed(*words, "--api", door.url, "--token", "t", **more)


@pytest.mark.parametrize(
    ("line", "route", "body"),
    [
        ("admit berk u3 1+2", "admissions", {"unit": "u3", "adults": 1, "children": 2}),
        ("admit berk u3 1+2 --no-hold", "admissions", {"unit": "u3", "adults": 1, "children": 2, "hold": None}),
        (f"admit berk u3 1 --hold {uuid(1)}", "admissions", {"unit": "u3", "adults": 1, "children": 0, "hold": uuid(1)}),
        (
            "admit berk u3 1+2 --at 2026-03-13T23:10:00+00:00",
            "admissions",
            {"unit": "u3", "adults": 1, "children": 2, "occurred_at": "2026-03-13T23:10:00Z"},
        ),
        ("discharge berk u3 --to home", "discharges", {"unit": "u3", "destination": "home"}),
        ("discharge berk u3 --to family --to-clean", "discharges", {"unit": "u3", "destination": "family", "unit_ready": False}),
        (f"discharge berk u3 --to home --stay {uuid(2)}", "discharges", {"stay": uuid(2), "destination": "home"}),
        ("transfer berk u3 u5", "transfers", {"unit": "u3", "to_unit": "u5"}),
        ("close berk u3 --why cleaning", "closures", {"unit": "u3", "reason": "cleaning"}),
        (
            "close berk u3 --why maintenance --until 2027-01-02T10:00:00+00:00",
            "closures",
            {"unit": "u3", "reason": "maintenance", "expected_until": "2027-01-02T10:00:00Z"},
        ),
        ("reopen berk u3", "reopenings", {"unit": "u3"}),
        ("pause berk --why staffing", "pauses", {"reason": "staffing"}),
        ("resume berk", "resumptions", {}),
        ("count berk", "counts", {}),
        ("count berk 3", "counts", {"free": 3}),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_a_verb_sends_one_fact(door: Door, line: str, route: str, body: dict[str, Any], *, named: bool) -> None:
    """Each verb sends its fact with a key, once; a caller with one shelter leaves its name out."""
    done = plek(door, *(word for word in line.split() if named or word != "berk"))
    assert (done.returncode, done.stderr) == (0, "")
    assert door.sent == [(f"/v1/shelters/berk/{route}", body)]
    assert door.asked[-1].key
    assert any(asked.path == "/v1/me" for asked in door.asked) is not named


def test_the_environment_says_once_who_and_where(door: Door) -> None:
    """With the token and the address in the environment an admission is three words."""
    assert typed("admit", "u3", "1+2", environment={"PLEK_TOKEN": "t", "PLEK_API": door.url}).returncode == 0
    assert [path for path, _ in door.sent] == ["/v1/shelters/berk/admissions"]


def test_an_accepted_fact_is_shown_with_its_warnings_and_its_undo(door: Door) -> None:
    """What was accepted, each warning in Dutch and in English, and what to type to take it back."""
    door.answers["POST", "/v1/shelters/berk/admissions"] = [(201, accepted("admissions", warnings=[WARNING], visible=False))]
    lines = plek(door, "admit", "berk", "u3", "1+2").stdout.splitlines()
    assert lines[0] == "Opname (admission): berk · u3 · 1+2"
    assert lines[1:3] == [f"Let op: {WARNING['nl']}", f"  ({WARNING['en']})"]
    assert "It is in the log" in lines[3]
    assert lines[-1] == "Toch niet? (Undo:) plek undo berk e1a2b3c4"


def test_a_program_reads_the_answer(door: Door) -> None:
    """With --json the answer is printed as it came, and the words after the verb that are no fact end it with exit code 2."""
    assert json.loads(plek(door, "admit", "berk", "u3", "1+2", "--json").stdout) == accepted("admissions")
    wrong = plek(door, "admit", "berk", "u3", "u4", "1+2")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "plek: What follows the verb is [SHELTER] UNIT ADULTS+CHILDREN; the shelter only if you have several\n",
    )


def held(door: Door) -> None:
    """Let the next admission be asked about."""
    answers = door.answers["POST", "/v1/shelters/berk/admissions"]
    answers.insert(0, (409, problem("held", holds=[HOLD])))


@pytest.mark.parametrize(("said", "hold"), [("\n", uuid(1)), ("j\n", uuid(1)), ("n\n", None)])
def test_a_terminal_asks_whether_it_is_the_household_of_the_hold(door: Door, said: str, hold: str | None) -> None:
    """A held unit is asked about once; the fact is sent again with the hold, or with null, and the same key."""
    held(door)
    done = plek(door, "admit", "berk", "u3", "1+2", terminal=True, send=said)
    assert done.returncode == 0, done.stderr
    assert "Is dit dat huishouden? (Is it this household?)" in done.stdout
    assert [body.get("hold", "-") for _, body in door.sent] == ["-", hold]
    assert len({asked.key for asked in door.asked}) == 1


def test_a_pipe_says_which_option_to_add(door: Door) -> None:
    """Where none can be asked, a held unit ends the verb with the two options, and nothing is sent again."""
    held(door)
    done = plek(door, "admit", "berk", "u3", "1+2")
    assert done.returncode == 1
    assert f"add --hold {uuid(1)[:8]} if it is this one, or --no-hold if it is another" in done.stderr
    assert len(door.sent) == 1


def test_the_beginning_of_a_hold_is_looked_up(door: Door) -> None:
    """`--hold` takes the beginning of a hold on a unit of the shelter; another beginning sends nothing."""
    units = [{"unit": "u3", "held": {"hold": uuid(1), "until": HOLD["until"]}, "stays": []}, {"unit": "u4", "held": None, "stays": None}]
    door.answer("GET", "/v1/shelters/berk", {"shelter": {"units": units}})
    assert plek(door, "admit", "u3", "1+2", "--hold", uuid(1)[:8]).returncode == 0
    assert door.sent[-1][1]["hold"] == uuid(1)
    refused = plek(door, "admit", "u3", "1+2", "--hold", "zz")
    assert (refused.returncode, len(door.sent)) == (2, 1)


def several(door: Door) -> None:
    """Let the next discharge be asked about."""
    door.answers["POST", "/v1/shelters/berk/discharges"].insert(0, (409, problem("which-stay", stays=STAYS)))


def test_a_terminal_asks_which_stay(door: Door) -> None:
    """Of two households in a unit the number decides; another word sends nothing."""
    several(door)
    assert plek(door, "discharge", "u3", "--to", "home", terminal=True, send="2\n").returncode == 0
    assert door.sent[-1][1]["stay"] == STAYS[1]["stay"]
    several(door)
    assert plek(door, "discharge", "u3", "--to", "home", terminal=True, send="3\n").returncode == 2
    assert len(door.sent) == 3


def test_a_pipe_lists_the_stays(door: Door) -> None:
    """Where none can be asked the choices are listed; an empty unit is said to be empty."""
    several(door)
    listed = plek(door, "discharge", "u3", "--to", "home")
    assert listed.returncode == 1
    assert all(f"{stay['stay'][:8]} · 1+{stay['children']}" in listed.stderr for stay in STAYS)
    door.answers["POST", "/v1/shelters/berk/discharges"] = [(409, problem("which-stay", stays=[]))]
    assert "No household is known in this unit" in plek(door, "discharge", "u3", "--to", "home").stderr


def test_another_conflict_ends_the_verb(door: Door) -> None:
    """A problem that is no question is one line."""
    door.answers["POST", "/v1/shelters/berk/counts"] = [(409, problem("key-reused"))]
    assert plek(door, "count", "3").stderr == "plek: The fact; what to do\n"


def test_a_caller_of_several_shelters_names_one(door: Door) -> None:
    """A token of two shelters needs the name; nothing is sent without it."""
    door.answers["GET", "/v1/me"] = [(200, {"role": "shelter", "shelters": ["berk", "els"]})]
    done = plek(door, "resume")
    assert (done.returncode, done.stderr, door.sent) == (
        2,
        "plek: Which shelter? you have 2, such as berk: say it first, after the verb\n",
        [],
    )
