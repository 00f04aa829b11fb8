"""Random tapes, made the way the shared ones were, with what they must give: `python -m tests.reference.tapes KIND SEED`."""

from __future__ import annotations

import argparse
import copy
import json
import sys
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.reference.demand import demand_result
from tests.reference.demand_maker import DemandMaker
from tests.reference.fold import known_by, result
from tests.reference.maker import START, Maker, envelope, written
from tests.reference.oddities import oddity
from tests.reference.spoils import spoil
from tests.reference.tape import records

Json = dict[str, Any]

KINDS: Final = ("week", "rough", "timed", "demand")
MINUTE: Final = 60_000
DAY: Final = 1_440 * MINUTE
BEGIN: Final = round(START.timestamp() * 1_000)
# Between two records of a timed tape, in minutes: often nothing, sometimes exactly a limit of the contract.
GAPS: Final = (0,) * 30 + (1,) * 12 + (2, 2, 5, 5, 28, 30, 30, 60, 60, 120, 239, 480, 720)
LONG_GAPS: Final = (100 * 1_440, 200 * 1_440, 399 * 1_440, 400 * 1_440 - 1, 400 * 1_440)


def tape(kind: str, seed: int, size: int = 120, *, long: bool = False) -> list[Json]:
    """Make a tape of about that many records; `long` lets a timed or a demand tape run for more than 400 days."""
    rng = Random(f"{kind} {seed}")
    if kind == "demand":
        return _demand(rng, size, long=long)
    maker = Maker(rng, shelters=max(2, size // 40), units=rng.choice((3, 5, 9)))
    events = maker.opening() + [maker.next() for _ in range(size)]
    if kind == "week":
        return _lines(_corrected(rng, events, early=False) + maker.closing())
    if kind == "rough":
        return _roughened(rng, _corrected(rng, events, early=True)) + _lines(maker.closing())
    return _timed(rng, _corrected(rng, events, early=True), long=long)


def expected(kind: str, lines: list[Json]) -> Json:
    """Work out what a tape must give, in the form of the shared results."""
    played = records(lines)
    if kind == "demand":
        return demand_result(played)
    if kind != "timed":
        return result(played)
    return {"at": [_at(lines, now) for now in _moments(lines)]}


def _at(lines: list[Json], now: int) -> Json:
    """See the records up to the clock `now` at that instant; `records` says how many they are."""
    played = records(lines)
    clocks = [max(record.timestamp for record in played[: length + 1]) for length in range(len(played))]
    return {"now": now / 1_000, "records": sum(clock <= now for clock in clocks), **known_by(played, now)}


def _moments(lines: list[Json]) -> list[int]:
    """Choose when to look: along the way, and at the limits after the end."""
    last = max(record.timestamp for record in records(lines))
    along = sorted({max(record.timestamp for record in records(lines[: len(lines) * part // 6 + 1])) for part in range(6)})
    return along + [last + after for after in (0, 59_999, 60 * MINUTE, 480 * MINUTE, DAY - 1, DAY)]


# --- the ways of the recorder -------------------------------------------------------------------------------------------------------


def _lines(events: list[Json]) -> list[Json]:
    """Give each event its key."""
    return [{"key": event["subject"], "event": event} for event in events]


def _corrected(rng: Random, events: list[Json], *, early: bool) -> list[Json]:
    """Correct one event in ten, of any type; early ones come before their event now and then."""
    made = list(events)
    for target in rng.sample(events, len(events) // 10):
        correction = _correction(rng, target["subject"], {"shelter": target["subject"]}, target, "correction")
        first = 0 if early and rng.random() < 0.3 else made.index(target) + 1
        made.insert(rng.randint(first, len(made)), correction)
        if rng.random() < 0.1:
            made.append(_correction(rng, target["subject"], {"shelter": target["subject"]}, correction, "correction"))
    return made


def _correction(rng: Random, subject: str, about: Json, target: Json, kind: str) -> Json:
    """Return a correction of a target; now and then it names no event at all."""
    wrong = rng.random() < 0.05
    corrects = {"source": target["source"], "id": "unknown" if wrong else target["id"]}
    reason = rng.choice(("mistake", "duplicate", "wrong_unit", "wrong_time"))
    source = rng.choice((target["source"], "urn:plek:coordinator"))
    return envelope(rng, kind, subject, about | {"corrects": corrects, "reason": reason}, source, written(rng, START))


def _roughened(rng: Random, events: list[Json], spoiled: float = 0.12) -> list[Json]:
    """Shuffle within a window, send one in five twice, use names twice, spoil some, write some oddly."""
    lines = _lines(events)
    for line in rng.sample(lines, len(lines) // 5):
        lines.append(copy.deepcopy(line))
    places = [*range(len(events)), *(events.index(line["event"]) + rng.choice((0, 1, 20, 60)) for line in lines[len(events) :])]
    window = rng.choice((3, 3, 30, len(lines)))
    order = sorted(range(len(lines)), key=lambda index: places[index] + rng.uniform(0, window))
    lines = [lines[index] for index in order]
    _reuse_names(rng, lines)
    return [_handled(rng, line, spoiled) for line in lines]


def _reuse_names(rng: Random, lines: list[Json]) -> None:
    """Give one event in fifteen the name of another, of any shelter."""
    for line in rng.sample(lines, len(lines) // 15):
        same = [other for other in lines if other["key"] == line["key"]]
        named = rng.choice(same if rng.random() < 0.8 else lines)["event"]
        line["event"] = line["event"] | {"id": named["id"], "source": named["source"]}


def _handled(rng: Random, line: Json, spoiled: float) -> Json:
    """Spoil a record, write it oddly, or leave it as it is."""
    chance = rng.random()
    if chance < spoiled:
        return spoil(rng, line)
    return oddity(rng, line) if chance < spoiled + 0.08 else line


def _timed(rng: Random, events: list[Json], *, long: bool) -> list[Json]:
    """Stamp roughened events with the broker's clock."""
    return _stamped(rng, _roughened(rng, events, spoiled=0.04), long=long)


def _stamped(rng: Random, lines: list[Json], *, long: bool) -> list[Json]:
    """Give each record a timestamp, on whole minutes and sometimes before that of the record before it."""
    now = BEGIN
    jumps = set(rng.sample(range(len(lines)), min(len(lines), 3))) if long else set()
    stamped = []
    for index, line in enumerate(lines):
        now += MINUTE * (rng.choice(LONG_GAPS) if index in jumps else rng.choice(GAPS))
        back = rng.choice((1, 5, 60, 1_500)) * MINUTE if rng.random() < 0.08 else 0
        stamped.append(line | {"ts": (now - back) / 1_000})
    return stamped


def _demand(rng: Random, size: int, *, long: bool) -> list[Json]:
    """Make a tape of demand events: any order, doubles, names used twice, corrections of any event, spoiled records."""
    maker = DemandMaker(rng)
    events = [maker.next() for _ in range(size)]
    for target in rng.sample(events, size // 8):
        own = next(member for member in ("search", "fallback", "entry") if member in target["data"])
        key = {own: target["data"][own]}
        events.insert(rng.randint(0, len(events)), _correction(rng, target["subject"], key, target, "demand-correction"))
    lines = [{"key": _demand_key(event), "event": event} for event in events]
    lines += copy.deepcopy(rng.sample(lines, len(lines) // 5))
    if rng.random() < 0.7:
        rng.shuffle(lines)
    _reuse_names(rng, lines)
    return _stamped(rng, [_handled(rng, line, 0.1) for line in lines], long=long)


def _demand_key(event: Json) -> str:
    return str(next(event["data"][member] for member in ("search", "fallback", "entry") if member in event["data"]))


def main(arguments: list[str] | None = None) -> None:
    """Print a tape, and write what it must give."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("seed", type=int)
    parser.add_argument("--size", type=int, default=120)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--expected", type=Path)
    asked = parser.parse_args(arguments)
    lines = tape(asked.kind, asked.seed, asked.size, long=asked.long)
    for line in lines:
        sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    if asked.expected:
        asked.expected.write_text(json.dumps(expected(asked.kind, lines), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
