"""What a hand-written case is: a log and the part of the result it decides, with the rule that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tests.reference.given import declared, ms, registered

if TYPE_CHECKING:
    from tests.reference.expect import Json
    from tests.reference.log import Record


class Case(NamedTuple):
    """A log, the reader's now (None: the clock), and what it must give."""

    name: str
    rule: str
    records: list[Record]
    now: int | None
    expected: Json


def case(name: str, rule: str, records: list[Record], expected: Json, now: float | None = None) -> Case:
    """Make a row; `now` is in seconds after midnight."""
    return Case(name, rule, records, None if now is None else ms(now), expected)


ONE: Final = [registered(), declared("u1")]
TWO: Final = [*ONE, declared("u2", 2, 3)]
