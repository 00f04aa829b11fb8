"""The figures: a question to the interval tables, and its answer. Nothing else works out a number of the monitor."""

from services.monitor.answer import Answer
from services.monitor.question import Question
from services.monitor.store import Store


def answer(store: Store, question: Question) -> Answer:
    """Answer a question from the tables of a store; UnanswerableError when it makes no sense."""
    raise NotImplementedError
