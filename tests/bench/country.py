"""Law: event n is the same in every run. The recorded week again and again, each time of other shelters, stays and event ids.

Every turn is a country of 120 shelters. Times stay those of the week: a log takes events of any age.
"""

import json
import re
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

_TAPE = Path(__file__).parents[1] / "recorded" / "week.jsonl"
# In a UUID only the version and variant digits are fixed, in an event id nothing is: the first eight digits are the turn.
_UUID = re.compile(r'"[0-9a-f]{8}(-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"')


class Sent(NamedTuple):
    """A record as it goes to Kafka."""

    key: bytes
    value: bytes


def country(events: int) -> Iterator[Sent]:
    """Yield that many records, in an order in which they could have been logged."""
    week = [_template(json.loads(line)) for line in _TAPE.read_text("utf-8").splitlines()]
    return islice((sent for turn in count() for sent in _turn(week, turn)), events)


def _template(line: dict[str, object]) -> tuple[str, str]:
    """Mark the places where a turn writes its number: after the shelter's id, before the tail of every UUID."""
    key, value = str(line["key"]), json.dumps(line["event"], separators=(",", ":"))
    value = _UUID.sub(r'"%(turn)08x\1"', value.replace("%", "%%"))
    named = re.compile(rf'(?<=[":]){re.escape(key)}(?=[":])')
    return f"{key}-%(turn)d", named.sub(f"{key}-%(turn)d", value)


def _turn(week: list[tuple[str, str]], turn: int) -> Iterator[Sent]:
    number = {"turn": turn}
    for key, value in week:
        yield Sent((key % number).encode(), (value % number).encode())
