"""The worked examples of docs/contract.md, section 6, run on the fold and on the reference fold."""

from __future__ import annotations

import json
import re
from itertools import permutations
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from services.adapters.codec.event_codec import encode
from services.adapters.schemas.examples import example
from services.domain.beds.shelter_snapshot import state_of
from services.domain.beds.staleness import StalenessLimits
from services.domain.events.catalog import BED_EVENTS, DEMAND_EVENTS
from tests import played
from tests.reference import demand, fold
from tests.reference.given import ms, when
from tests.reference.log import Record

CONTRACT: Final = (Path(__file__).parents[3] / "docs" / "contract.md").read_text("utf-8")
EXAMPLES: Final = re.findall(r"^\*\*([RD]\d+)\.\*\* [^\n]+\n\n```\n(.+?)```", CONTRACT, re.MULTILINE | re.DOTALL)
SHELTER: Final = "berk"
DESK: Final = f"urn:plek:shelter:{SHELTER}:desk-1"
GROUPS: Final = ("searches", "fallbacks", "entries")
ENVELOPE: Final = ("id", "source", "subject")
MOMENTS: Final = ("occurred_at", "time")
DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    made["type"].removeprefix("nl.plek.").removesuffix(".v1"): made
    for made in (json.loads(encode(example(shape, "minimal"))) for shape in (*BED_EVENTS, *DEMAND_EVENTS))
}
"""An ordinary event of each type: the golden example with all left out that may be."""


class Logged(NamedTuple):
    """A line of an example: the second of the day at which it is logged, its key and its value."""

    at: int
    key: str
    value: bytes


def second(clock: str) -> int:
    """Return the second after Monday's midnight of `09:30` or `Tue 09:30`."""
    day, _, time = clock.rpartition(" ")
    hour, minute = time.split(":")
    return (24 * (day == "Tue") + int(hour)) * 3_600 + int(minute) * 60


def uuid(letter: str) -> str:
    """Return the UUID that a capital letter stands for."""
    return f"{ord(letter):08d}-0000-4000-8000-000000000000"


def value_of(member: str, text: str) -> Any:
    """Return the value of a member: an event's name, a time, a UUID, or what JSON makes of the text."""
    if member == "corrects":
        return {"source": DESK, "id": text}
    if member in MOMENTS:
        return when(second(text) / 60)
    if re.fullmatch("[A-Z]", text):
        return uuid(text)
    return json.loads(text) if text in ("true", "false") or text.isdecimal() else text


def logged(line: str, number: int) -> Logged:
    """Read a line such as `09:00 admission unit=u1 stay=A`, the n-th of its example."""
    clock, kind, rest = [*line.split(" ", 2), ""][:3]
    at = second(clock)
    if kind == "bytes":
        return Logged(at, SHELTER, rest.encode())
    event = DEFAULTS[kind] | {"id": f"e{number}", "source": DESK, "time": when(at / 60)}
    data = {member: value for member, value in event["data"].items() if member not in MOMENTS} | {
        member: when(at / 60) for member in event["data"] if member in MOMENTS
    }
    for member, text in (word.split("=") for word in rest.split()):
        (event if member in (*ENVELOPE, "time") else data)[member] = value_of(member, text)
    event["data"] = data
    key = SHELTER if "shelter" in data else next(data[name] for name in ("search", "fallback", "entry") if name in data)
    return Logged(at, key, json.dumps(event).encode())


def start() -> list[Logged]:
    """Return what every example of a shelter begins with."""
    return [
        logged("08:00 shelter-registered id=s1 region=R07 subject=berk", 0),
        logged("08:00 unit-declared id=s2 unit=u1 max_adults=1 max_children=3", 0),
        logged("08:00 unit-declared id=s3 unit=u2 max_adults=2 max_children=3", 0),
    ]


def in_order(lines: list[Logged]) -> list[Record]:
    """Log the lines in this order; the clock of the log goes on whatever the order."""
    return [Record(line.key.encode(), line.value, ms(at)) for line, at in zip(lines, sorted(line.at for line in lines), strict=True)]


def shelter_facts(document: dict[str, Any]) -> list[str]:
    """List what a state document shows, in the words of the examples."""
    shelter = document["shelters"][SHELTER]
    facts = [f"{state} {number}" for state, number in shelter["counts"].items()]
    facts += [f"double_occupied {unit}" for unit in shelter["anomalies"]["double_occupied"]]
    if wrong := shelter["anomalies"]["discrepancy"]:
        facts.append(f"discrepancy {wrong['reported']} instead of {wrong['computed']}")
    for name, hold in document.get("holds", {}).items():
        words = (chr(int(name.partition("/")[2][:8])), hold["status"], hold["unit"], hold["reason"])
        facts.append(" ".join(word for word in words if word))
    return [*facts, f"dead_letters {document.get('dead_letters', 0)}"]


def case_facts(document: dict[str, Any]) -> list[str]:
    """List what a document of demand shows, in the words of the examples."""
    facts = []
    for key, case in ((key, case) for group in GROUPS for key, case in document[group].items()):
        letter = chr(int(key[:8]))
        facts += [f"{letter} {case['outcome'] if case['ended'] else 'open'}"]
        facts += [f"{letter} {member} {value}" for member, value in (case["start"] or {}).items()]
    return facts


def units(records: list[Record], now: int) -> list[str]:
    """List the state of each unit at `now` (ms)."""
    state = played.fold(played.logged(records))
    shelter, at = state.shelters[SHELTER].snapshot, max(now, state.clock)
    unknown, paused = shelter.unknown(at, StalenessLimits()), shelter.paused is not None
    return [f"{name} {state_of(unit, paused=paused, unknown=unknown, now=at)}" for name, unit in shelter.units.items()]


def shown(records: list[Record], moment: str) -> tuple[list[str], list[str]]:
    """List what the fold and the reference fold show at `09:30`, `true at 09:30`, `known by 09:30`, or the clock of the log."""
    instant = ms(second(re.sub("true at |known by ", "", moment))) if moment else 0
    if moment.startswith("true at"):
        return shelter_facts(played.result_true_at(records, instant)), shelter_facts(fold.as_it_was(records, instant))
    if moment.startswith("known by"):
        return shelter_facts(played.result_known_by(records, instant)), shelter_facts(fold.known_by(records, instant))
    ours = [*shelter_facts(played.result(records, instant)), *units(records, instant)]
    theirs = [f"{unit} {state}" for unit, state in fold.units(records, instant)[SHELTER].items()]
    return ours, [*shelter_facts(fold.result(records, instant)), *theirs]


def check(rule: str, lines: list[Logged], moment: str, expected: list[str]) -> None:
    """Check that both folds of these lines show what is expected."""
    if rule.startswith("D"):
        records = in_order(lines)
        folds = (case_facts(played.demand_result(records)), case_facts(demand.demand_result(records)))
    else:
        folds = shown(in_order([*start(), *lines]), moment)
    for facts in folds:
        assert [fact for fact in expected if fact not in facts] == [], facts


@pytest.mark.parametrize(("rule", "text"), EXAMPLES, ids=[rule for rule, _ in EXAMPLES])
def test_an_example_of_the_contract_is_what_both_folds_show(rule: str, text: str) -> None:
    """Each worked example of the contract holds in the fold and in the reference fold."""
    lines: list[Logged] = []
    for line in text.strip().splitlines():
        if not line.startswith("=> "):
            lines.append(logged(line, len(lines) + 1))
            continue
        moment, _, expected = line.removeprefix("=> ").rpartition(": ")
        orders = permutations(lines) if moment == "in any order" else [lines]
        for order in orders:
            check(rule, list(order), moment.replace("in any order", ""), expected.split(", "))


def test_every_rule_has_an_example() -> None:
    """The contract has one worked example of each rule R1 to R14 and D1 to D4, in order."""
    assert [rule for rule, _ in EXAMPLES] == [*(f"R{n}" for n in range(1, 15)), *(f"D{n}" for n in range(1, 5))]
