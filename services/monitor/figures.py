"""The figures: a question to the interval tables, and its answer. Nothing else works out a number of the monitor."""

from collections import defaultdict
from typing import Final

from services.adapters.view.port import FOLD_VERSION
from services.monitor.answer import Answer, Figure, Row
from services.monitor.definition import Definition
from services.monitor.definitions import DEFINITIONS
from services.monitor.find_demand import DEMAND
from services.monitor.find_places import PLACES
from services.monitor.find_stays import STAYS
from services.monitor.found import Find, Found
from services.monitor.hearing import heard_of
from services.monitor.question import Question, UnanswerableError
from services.monitor.slice import Key, Slice
from services.monitor.store import Store

FINDS: Final[dict[str, Find]] = {**PLACES, **STAYS, **DEMAND}
"""How each figure is worked out, by its name."""


def answer(store: Store, question: Question) -> Answer:
    """Answer a question from the tables of a store; UnanswerableError when it makes no sense."""
    for name in question.figures:
        _check(name, question)
    with Slice(store, question) as of:
        return Answer(
            question=question,
            figures=tuple(Figure(DEFINITIONS[name], tuple(_rows(of, FINDS[name]))) for name in question.figures),
            offsets=of.offsets,
            clock=of.clock,
            heard_of=heard_of(of),
            fold_version=FOLD_VERSION,
            simulated=store.simulated,
        )


def _check(name: str, question: Question) -> None:
    definition = DEFINITIONS.get(name)
    if definition is None:
        raise UnanswerableError("no such figure: see the definitions")
    for wrong in _wrong(definition, question):
        raise UnanswerableError(f"{definition.id} {wrong}")


def _wrong(definition: Definition, question: Question) -> list[str]:
    wrong = []
    if definition.when == "period" and question.period is None:
        wrong.append("needs a period")
    if definition.when == "instant" and question.period is not None:
        wrong.append("needs an instant")
    if not definition.kinds and (question.scope.kind or "kind" in question.by):
        wrong.append("is not told by kind of unit")
    if definition.needs_household and question.household is None:
        wrong.append("needs a household")
    return wrong


def _rows(of: Slice, find: Find) -> list[Row]:
    """Lay out what a figure found: the cells and times in the order asked for, each with its parts behind it."""
    found: defaultdict[Key, list[Found]] = defaultdict(list)
    for each in find(of):
        found[each.key].append(each)
    return [_row(of, each) for key in of.cells.wanted for each in sorted(found[key], key=_whole_first)]


def _whole_first(found: Found) -> bool:
    return bool(found.of)


def _row(of: Slice, found: Found) -> Row:
    cell, idx = found.key
    time = of.cells.times[idx]
    return Row(scope=of.cells.scopes[cell], start=time.start, end=time.end, of=found.of, value=found.value, weight=found.weight)
