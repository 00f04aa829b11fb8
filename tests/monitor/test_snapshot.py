"""A snapshot has the same bytes whenever it is taken, and no night is left out."""

import re
from datetime import date

import orjson

from services.monitor import snapshot
from services.monitor.answer import Answer
from services.monitor.days import four_o_clock, year
from services.monitor.question import Question
from tests.monitor.answers import answer

AT = four_o_clock(date(2023, 3, 26))


def test_it_is_the_country_as_it_was_known_then() -> None:
    """Every question is of that instant or of the day before it, and by what had been recorded by then."""
    asked: list[Question] = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        return answer(question)

    told = orjson.loads(snapshot.taken(ask, AT))
    assert told["snapshot"] == "2023-03-26T02:00:00Z"
    assert {question.known_at for question in asked} == {AT}
    assert {question.at for question in asked if question.period is None} == {AT}
    [period] = [question.period for question in asked if question.period]
    assert (period.end - period.start) == 23 * 3_600_000, "the night in which the clock goes forward"


def test_taken_again_it_has_the_same_bytes() -> None:
    """And so the same name has the same content."""
    assert snapshot.taken(answer, AT) == snapshot.taken(answer, AT)


def test_its_name_says_when_and_by_which_definitions() -> None:
    """Another definition is another snapshot, beside the one that is out."""
    assert re.fullmatch(r"snapshot/2023-03-26T02:00:00Z/\d+-[0-9a-f]{8}", snapshot.key(AT))


def test_after_a_downtime_every_missed_night_is_due() -> None:
    """Once each, the oldest first, both nights of the clock change among them, and none before the log began."""
    whole = year(2023)
    every = snapshot.due(whole.start, whole.end, set())
    assert every == [four_o_clock(date.fromordinal(date(2023, 1, 1).toordinal() + day)) for day in range(365)]
    have = {snapshot.key(at) for at in every if at != AT}
    assert snapshot.due(whole.start, whole.end, have) == [AT]
    assert snapshot.due(AT, whole.end, have) == []
