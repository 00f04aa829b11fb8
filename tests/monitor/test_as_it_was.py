"""Late and corrected: what was thought true by then stays as it was, what was true is known better; each to the digit (R14)."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from services.monitor.answer import Answer
from services.monitor.question import NATION, Period, Question, UnanswerableError
from tests.monitor.asked import Asked, asked, names
from tests.monitor.countries_logged import START, disturbed, logged, said
from tests.monitor.naive.country import Country
from tests.monitor.naive.past import looked_at
from tests.monitor.records import HOUR
from tests.monitor.test_figures import taped
from tests.reference import fold

DAY = 24 * HOUR
KNOWN_AT = START + 6 * DAY + 1
WHOLE = Period(START - 3 * DAY, START + 6 * DAY)


@dataclass(frozen=True)
class Twice:
    """A log, and the same log as it was when only its beginning had been written."""

    now: Asked
    then: Asked


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """Make a country of twelve days, half of it late or put right later."""
    beds, demand = logged(disturbed(said(11, 12), 5))
    before = looked_at(beds, KNOWN_AT), looked_at(demand, KNOWN_AT)
    return Twice(asked(tmp_path_factory.mktemp("now"), beds, demand), asked(tmp_path_factory.mktemp("then"), *before))


def numbers(answer: Answer) -> list[list[tuple[object, ...]]]:
    """Return every number of an answer, with what it is about and what it rests on."""
    return [
        [(row.scope, row.start, row.end, tuple(row.of.items()), row.value, row.weight) for row in figure.rows] for figure in answer.figures
    ]


def test_known_at_gives_the_old_answer(twice: Twice) -> None:
    """Asked what was thought by then, the whole log gives the answers that its beginning gave then; the naive computation too."""
    for question in (
        Question(figures=names(period=True), period=WHOLE, known_at=KNOWN_AT),
        Question(figures=names(period=True, kinds=True), period=WHOLE, known_at=KNOWN_AT, by=("kind", "day")),
        Question(figures=names(period=False), at=START + 3 * DAY, known_at=KNOWN_AT, by=("region",)),
        Question(figures=names(period=False), known_at=KNOWN_AT, by=("region",)),
    ):
        old, new = twice.then.ask(question), twice.now.ask(question)
        assert numbers(new) == numbers(old)
        assert (new.offsets, new.clock, new.heard_of) == (old.offsets, old.clock, old.heard_of)
    assert twice.now.differences(Question(figures=names(period=True), period=WHOLE, known_at=KNOWN_AT)) == []


def test_at_gives_the_new_answer(twice: Twice) -> None:
    """Asked what was true, the whole log says what is known now; and that is another answer."""
    question = Question(figures=names(period=True), period=WHOLE)
    assert twice.now.differences(question) == []
    assert twice.now.differences(Question(figures=names(period=False), at=START + 3 * DAY, by=("region",))) == []
    new, old = twice.now.ask(question), twice.then.ask(question)
    assert all(new[name].value != old[name].value for name in ("occupancy", "stays-ended", "stay-mean", "waiting"))


def test_asked_again_with_its_offsets(twice: Twice) -> None:
    """An answer names the offsets it was worked out from; asked again with them, the same digits come though the log has gone on."""
    question = Question(figures=names(period=True), period=WHOLE)
    before = twice.then.ask(question)
    again = twice.now.ask(Question(figures=question.figures, period=WHOLE, recorded=before.offsets))
    assert numbers(again) == numbers(before)
    assert (again.offsets, again.clock, again.heard_of) == (before.offsets, before.clock, before.heard_of)
    beyond = {"beds": {number: offset + 10**6 for number, offset in before.offsets["beds"].items()}}
    with pytest.raises(UnanswerableError, match="do not go as far"):
        twice.then.ask(Question(figures=question.figures, period=WHOLE, recorded=beyond))  # type: ignore[arg-type]  # one topic


def test_tables_grow_with_the_log(twice: Twice, tmp_path: Path) -> None:
    """Tables built in two steps as the log went on give the same answers as those built from all of it at once."""
    question = Question(figures=names(period=True), period=WHOLE, by=("region",))
    asked(tmp_path, twice.then.beds, twice.then.demand)
    assert numbers(asked(tmp_path, twice.now.beds, twice.now.demand).ask(question)) == numbers(twice.now.ask(question))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 1.0])
def test_the_live_view_of_then(part: float, tmp_path: Path) -> None:
    """Without an instant, `known_at` is the live view at that clock, held and unknown included, as the second fold has it."""
    records = taped("timed")
    first, last = min(record.timestamp for record in records), max(record.timestamp for record in records)
    clock = round(first + (last - first) * part)
    told = asked(tmp_path, records).ask(Question(figures=("units-by-state",), known_at=clock, by=("region",)))
    expected = fold.known_by(records, clock)
    states: dict[str | None, dict[str, object]] = {}
    for row in told["units-by-state"].rows:
        states.setdefault(row.scope.region, {})[row.of.get("state", "capacity")] = row.value
    assert states.pop(NATION.region) == expected["national"]
    assert {region: of for region, of in states.items() if of["capacity"] is not None} == expected["regions"]


def test_nothing_known_is_unknown(tmp_path: Path) -> None:
    """Before the first record, and of a log without records, every figure that needs one is unknown and none is 0."""
    nothing = asked(tmp_path / "empty", ())
    before = asked(tmp_path / "later", taped("week"))
    year = Period(START, START + 365 * DAY)
    for log in (nothing, before):
        told = log.ask(Question(figures=names(period=True), period=year))
        assert {figure.value for figure in told.figures} == {None}
        assert told.heard_of is None
        assert {figure.value for figure in log.ask(Question(figures=names(period=False), at=START)).figures} == {None}
    assert nothing.ask(Question(figures=("capacity",), at=START)).clock is None
    assert Country((), ()).clock is None
