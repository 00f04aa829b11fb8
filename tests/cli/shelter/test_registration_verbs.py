"""The verbs of a coordinator: what each proposes, what it shows, and how another person confirms it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.adapters.proposals.proposal_records import REJECTION_REASONS
from services.cli.output.proposal_lines import proposal_lines
from services.cli.shelter.registration_verbs import REJECTIONS
from tests.cli.door import Door, open_door
from tests.cli.typed import typed
from tests.sent import uuid

BERK = ("--name", "Berk", "--organisation", "de-linden", "--region", "Breda", "--phone", "0800-000001")
REGISTRATION: dict[str, Any] = {
    "shelter": "berk",
    "name": "Berk",
    "organisation": "de-linden",
    "region": "R07",
    "intake_phone": "0800-000001",
    "security": "open",
    "audience": ["women"],
    "max_son_age": None,
    "languages": ["nl"],
    "services": [],
}
UNITS = [{"unit": f"u{number}", "kind": "crisis", "max_adults": 1, "max_children": 3, "beds": 4} for number in range(1, 7)]
NEW = {"proposal": uuid(1), "status": "proposed", "what": "new-shelter", "changes": ["name"], "needs": "a second coordinator of R07"}
MORE = {"proposal": uuid(2), "status": "proposed", "what": "units", "changes": ["units"], "needs": "a coordinator of R07"}
_SHOWN: dict[str, Any] = {
    "shelter": "berk",
    "own": False,
    "you_may": ["confirm", "reject"],
    "before": {},
    "after": {},
    "units": [],
    "withdrawn": [],
}
WAITING = [NEW | _SHOWN | {"proposed_at": "2026-03-14T02:00:00Z"}, MORE | _SHOWN | {"proposed_at": "2026-03-14T02:00:01Z"}]


@pytest.fixture
def door() -> Iterator[Door]:
    """Open a gateway with two proposals of `berk` that wait."""
    with open_door() as door:
        door.answer("POST", "/v1/shelters", NEW, 201)
        door.answer("PATCH", "/v1/shelters/berk/registration", NEW | {"what": "changed-shelter", "status": "in-force"}, 201)
        door.answer("POST", "/v1/shelters/berk/units", MORE, 201)
        door.answer("POST", "/v1/shelters/berk/units/u3/withdrawal", MORE | {"status": "unchanged"}, 201)
        door.answer("GET", "/v1/proposals", {"proposals": [*WAITING, NEW | _SHOWN | {"shelter": "els", "status": "rejected"}]})
        for proposal in WAITING:
            for decision, status in (("confirm", "in-force"), ("reject", "rejected"), ("withdraw", "withdrawn")):
                door.answer("POST", f"/v1/proposals/{proposal['proposal']}/{decision}", {"status": status})
        yield door


def plek(door: Door, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a verb with a token, at this door."""
    return typed(*words, "--api", door.url, "--token", "t", **more)


def test_one_command_proposes_a_shelter_with_six_units(door: Door) -> None:
    """A shelter and its units are proposed at once; the answer says who has to confirm them, and what to type."""
    done = plek(door, "shelter", "add", "berk", *BERK, "--unit", "6 crisis 1+3")
    assert (done.returncode, done.stderr) == (0, "")
    assert door.sent == [("/v1/shelters", REGISTRATION), ("/v1/shelters/berk/units", {"units": UNITS})]
    assert "Voorgesteld (proposed): berk · nieuwe opvang (new shelter)" in done.stdout
    assert "Nog nodig (needed): a second coordinator of R07" in done.stdout
    assert f"plek shelter confirm {uuid(1)[:8]}" in done.stdout


def test_a_file_has_the_members_of_the_api(door: Door, tmp_path: Path) -> None:
    """A JSON file, or standard input, has a registration with its units; what is none is refused before anything is sent."""
    file = tmp_path / "berk.json"
    file.write_text(json.dumps(REGISTRATION | {"units": UNITS}))
    for words, send in (((str(file),), ""), (("-",), file.read_text())):
        assert plek(door, "shelter", "add", *words, send=send).returncode == 0
        assert door.sent[-2:] == [("/v1/shelters", REGISTRATION), ("/v1/shelters/berk/units", {"units": UNITS})]
    for wrong in ("", "[]", "{}", '{"shelter": "berk", "units": 6}'):
        assert plek(door, "shelter", "add", "-", send=wrong).returncode == 2
    assert plek(door, "shelter", "add", str(tmp_path / "none.json")).returncode == 2
    assert len(door.sent) == 4


def test_what_is_missing_is_asked_for_on_a_terminal(door: Door) -> None:
    """A terminal asks for the missing members, a region by its name; elsewhere the options are named."""
    asked = plek(door, "shelter", "add", "berk", "--name", "Berk", terminal=True, send="de-linden\nbreda\n0800-000001\n")
    assert asked.returncode == 0, asked.stderr
    assert door.sent == [("/v1/shelters", REGISTRATION)]
    named = plek(door, "shelter", "add", "berk", "--name", "Berk")
    assert (named.returncode, named.stderr) == (2, "plek: Say also --organisation, --region, --phone\n")


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        (("--phone", "0800-000002"), {"intake_phone": "0800-000002"}),
        (("--max-son-age", "12", "--language", "Tigrinya"), {"languages": ["ti"], "max_son_age": 12}),
        (("--max-son-age", "none"), {"max_son_age": None}),
        (("--for", "women", "--for", "men", "--security", "secure"), {"audience": ["women", "men"], "security": "secure"}),
    ],
)
def test_only_what_changes_is_sent(door: Door, options: tuple[str, ...], changes: dict[str, Any]) -> None:
    """A change has the members that are named; no limit for sons is null."""
    done = plek(door, "shelter", "change", "berk", *options)
    assert (done.returncode, door.sent) == (0, [("/v1/shelters/berk/registration", changes)])
    assert done.stdout.startswith("Geldt nu (in force): berk")


def test_a_change_of_nothing_is_refused(door: Door) -> None:
    """Without a member that changes, and with an age that is none, nothing is sent."""
    assert plek(door, "shelter", "change", "berk").returncode == 2
    assert plek(door, "shelter", "change", "berk", "--max-son-age", "19").returncode == 2
    assert door.sent == []


def test_units_are_added_alike_and_withdrawn(door: Door) -> None:
    """`--times` declares units numbered on, with their features; an identical declaration is said to change nothing."""
    done = plek(door, "unit", "add", "berk", "u3", "1+3", "--kind", "crisis", "--times", "2", "--cot", "--beds", "5")
    assert done.returncode == 0, done.stderr
    members = {"kind": "crisis", "max_adults": 1, "max_children": 3, "beds": 5, "overflow": False, "features": ["cot"]}
    assert door.sent == [("/v1/shelters/berk/units", {"units": [{"unit": unit} | members for unit in ("u3", "u4")]})]
    assert "Er verandert niets (unchanged): berk · u3" in plek(door, "unit", "withdraw", "berk", "u3").stdout


@pytest.mark.parametrize(("words", "confirmed"), [((uuid(2),), [2]), (("berk", "--yes"), [1, 2]), (("--yes",), [1, 2]), (("berk",), [])])
def test_a_proposal_is_confirmed_by_its_id_or_its_shelter(door: Door, words: tuple[str, ...], confirmed: list[int]) -> None:
    """An id confirms one proposal; a shelter those of its own with --yes, the earliest first, and without it they are only listed."""
    done = plek(door, "shelter", "confirm", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path for path, _ in door.sent] == [f"/v1/proposals/{uuid(number)}/confirm" for number in confirmed]


def test_without_a_word_the_proposals_are_listed_or_asked_about(door: Door) -> None:
    """A pipe reads what waits, and nothing is sent; a terminal asks about each, and Enter is no."""
    listed = plek(door, "shelter", "confirm")
    assert (listed.returncode, door.sent) == (0, [])
    assert listed.stdout.count("berk") == 2
    assert "els" not in listed.stdout
    asked = plek(door, "shelter", "confirm", terminal=True, send="j\n\n")
    assert asked.stdout.count("Klopt het? (Is it right?)") == 2
    assert [path for path, _ in door.sent] == [f"/v1/proposals/{uuid(1)}/confirm"]


def test_a_proposal_is_rejected_or_taken_back(door: Door) -> None:
    """Both name the proposal; one that does not wait ends the verb with exit code 2."""
    assert plek(door, "shelter", "reject", uuid(1), "wrong_data").stdout.startswith("Afgewezen (rejected): berk")
    assert plek(door, "shelter", "reject", uuid(1), "no").returncode == 2
    assert plek(door, "shelter", "take-back", uuid(2)).returncode == 0
    assert door.sent == [(f"/v1/proposals/{uuid(1)}/reject", {"reason": "wrong_data"}), (f"/v1/proposals/{uuid(2)}/withdraw", None)]
    assert plek(door, "shelter", "confirm", "x").returncode == 2


def test_who_confirms_sees_what_changes() -> None:
    """A proposal shows each value before and after, units that are alike in one line, and who has to confirm it."""
    unit = {"kind": "crisis", "max_adults": 1, "max_children": 3, "beds": 4, "overflow": False, "features": ["cot"]}
    lines = list(
        proposal_lines(
            WAITING[0]
            | {
                "before": {"intake_phone": "0800-000001", "max_son_age": 12},
                "after": {"intake_phone": "0800-000002", "max_son_age": None},
                "units": [unit | {"unit": "u1"}, unit | {"unit": "u2"}],
                "withdrawn": ["u9"],
                "own": True,
            }
        )
    )
    assert "van uzelf (your own)" in lines[0]
    assert [line.strip() for line in lines[1:]] == [
        "telefoon: 0800-000001 → 0800-000002",
        "zonen tot: 12 → zonder grens (no limit)",
        "u1, u2: crisisopvang (crisis) · 1+3 · 4 bedden (beds) · cot",
        "weg (withdrawn): u9",
        "Nog nodig (needed): a second coordinator of R07",
    ]


def test_an_own_proposal_is_not_asked_about(door: Door) -> None:
    """A terminal asks only about what the caller may confirm."""
    door.answers["GET", "/v1/proposals"] = [(200, {"proposals": [WAITING[0] | {"own": True, "you_may": ["withdraw"]}]})]
    asked = plek(door, "shelter", "confirm", terminal=True)
    assert (asked.returncode, "Klopt het?" in asked.stdout, door.sent) == (0, False, [])


def test_the_reasons_for_a_rejection_are_those_of_the_api() -> None:
    """The command offers each reason that the API takes, and no other."""
    assert REJECTIONS == REJECTION_REASONS
