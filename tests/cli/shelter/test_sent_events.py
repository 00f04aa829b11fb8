"""`plek history` and `plek undo`: what a shelter sent, and what is taken back."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from services.cli.output.fact_lines import event_line
from tests.cli.door import Door, open_door
from tests.cli.typed import typed

HANDLES = ("-Kl2mno3456789", "aB1cdef2345678", "aB2cdef2345678")


def sent(number: int, kind: str, data: dict[str, Any], *, can_undo: bool = True, **members: Any) -> dict[str, Any]:
    """Return an event as the gateway lists it."""
    undo = {"undo": f"/v1/shelters/berk/events/{HANDLES[number]}/undo"} if can_undo else {}
    row = {"event": HANDLES[number], "type": kind, "time": "2026-03-14T02:00:00Z", "by": "desk-1", "undone": False, "data": data}
    return row | undo | members


COUNT = sent(0, "count-confirmed", {"free": 3}, can_undo=False)
LEFT = sent(1, "discharge", {"stay": "s", "destination": "home"}, occurred_at="2026-03-13T20:00:00Z")
CAME = sent(2, "admission", {"unit": "u3", "stay": "s", "adults": 1, "children": 2}, can_undo=False, undone=True)
EFFECT = {"code": "stay-returns", "nl": "Het huishouden staat weer in de unit.", "en": "The household is in its unit again."}


@pytest.fixture
def door() -> Iterator[Door]:
    """Open a gateway with three events of `berk`, of which one can be taken back."""
    with open_door() as door:
        door.answer("GET", "/v1/shelters/berk/events", {"shelter": "berk", "events": [COUNT, LEFT, CAME], "events_left_out": 0})
        door.answer("GET", "/v1/me", {"role": "shelter", "shelters": ["berk"]})
        done = {"event": "c", "type": "correction", "visible": True, "warnings": [EFFECT]}
        door.answer("POST", LEFT["undo"], done, 201)
        yield door


def plek(door: Door, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a verb with a token, at this door."""
    return typed(*words, "--api", door.url, "--token", "t", environment={"COLUMNS": "200"}, **more)


@pytest.mark.parametrize("words", [(), ("berk",)])
def test_what_was_sent_is_listed(door: Door, words: tuple[str, ...]) -> None:
    """A line each, the newest first, with the beginning of its id, and with whether it was taken back."""
    lines = plek(door, "history", *words).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["Kl2mno34", "aB1cdef2", "aB2cdef2"]
    assert "Opname (admission) · u3 · 1+2 · desk-1 · teruggedraaid (undone)" in lines[2]
    assert len(plek(door, "history", "--limit", "1").stdout.splitlines()) == 1


def test_an_empty_history_says_so(door: Door) -> None:
    """A shelter that sent nothing has a line that says so."""
    door.answers["GET", "/v1/shelters/berk/events"] = [(200, {"events": []})]
    assert "nothing was sent in 14 days" in plek(door, "history").stdout
    assert "There is nothing to take back" in plek(door, "undo").stderr


@pytest.mark.parametrize(
    ("kind", "data", "more", "words"),
    [
        ("transfer", {"stay": "s", "to_unit": "u5"}, {}, "→ u5"),
        ("unit-closed", {"unit": "u3", "reason": "cleaning"}, {}, "u3 · schoonmaken (cleaning)"),
        ("intake-paused", {"reason": "staffing"}, {}, "te weinig personeel (too few staff)"),
        ("count-confirmed", {"free": 3}, {}, "3 vrij (free)"),
        ("correction", {"reason": "mistake"}, {"corrects": HANDLES[0]}, "vergissing (a mistake) · van (of) Kl2mno34"),
    ],
)
def test_each_event_is_shown_in_words(kind: str, data: dict[str, Any], more: dict[str, Any], words: str) -> None:
    """Codes are shown in Dutch and in English; a correction names what it takes back."""
    assert f" · {words} · desk-1" in " ".join(event_line(sent(1, kind, data, **more)).split())


def test_the_latest_is_taken_back_after_a_question(door: Door) -> None:
    """A terminal shows the latest that can be taken back, and asks; what follows of it is shown."""
    no = plek(door, "undo", "berk", terminal=True, send="\n")
    assert (no.returncode, door.sent) == (1, [])
    yes = plek(door, "undo", "berk", terminal=True, send="j\n")
    assert (yes.returncode, door.sent) == (0, [(LEFT["undo"], {"reason": "mistake"})])
    assert "Teruggedraaid (undone): vertrek (discharge)" in yes.stdout
    assert f"Let op: {EFFECT['nl']}" in yes.stdout


def test_a_pipe_names_the_event_or_says_yes(door: Door) -> None:
    """Where none can be asked the latest is named, with what takes it back; --yes does so without a question."""
    named = plek(door, "undo")
    assert (named.returncode, door.sent) == (1, [])
    assert "`plek undo berk aB1cdef2` takes it back, and so does --yes" in named.stderr
    assert plek(door, "undo", "--yes", "--reason", "wrong_unit").returncode == 0
    assert door.sent == [(LEFT["undo"], {"reason": "wrong_unit"})]


@pytest.mark.parametrize("words", [("berk", "aB1"), ("aB1",)])
def test_an_event_is_named_by_the_beginning_of_its_id(door: Door, words: tuple[str, ...]) -> None:
    """An event by its beginning needs no question, nor the only shelter of the caller; what can't be taken back is not found."""
    assert plek(door, "undo", *words).returncode == 0
    assert [path for path, _ in door.sent] == [LEFT["undo"]]
    for wrong in ("aB2", "Kl2"):
        refused = plek(door, "undo", "berk", wrong)
        assert (refused.returncode, refused.stderr.split(":")[1]) == (2, " No event that can be taken back begins with that")
