"""Problem details: each states a fact and what to do, and none says *phone* without saying where the numbers are."""

import re
from typing import get_args

import orjson
import pytest

from services.adapters.problem_details import DUTY_LIST, KINDS, Kind, ProblemError, ProblemKind, problem


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_problem_says_what_is_so_and_what_to_do(kind: Kind) -> None:
    """Every kind has a title and a detail, both sentences without an ending stop, and stands in the answer under its own name."""
    body = orjson.loads(problem(ProblemError(kind)).body)
    assert body["type"] == f"urn:plek:problem:{kind}"
    assert body["title"]
    assert body["detail"]
    assert not re.search(r"\.$", body["title"] + body["detail"])


@pytest.mark.parametrize("kind", get_args(Kind))
def test_no_problem_says_phone_without_the_numbers(kind: Kind) -> None:
    """A kind whose words hold a form of *phone* or *call* carries the duty list as a member, and no other kind does."""
    body = orjson.loads(problem(ProblemError(kind)).body)
    says = any(word in f"{body['title']} {body['detail']}".lower() for word in ("phone", "call"))
    assert (body.get("duty_list") == DUTY_LIST) == says


@pytest.mark.parametrize(
    ("words", "says"),
    [("Phone the shelter", True), ("It was called", True), ("calling", True), ("recalled by microphone", False), ("nothing", False)],
)
def test_a_word_that_only_looks_like_phone_needs_no_numbers(words: str, *, says: bool) -> None:
    """Only whole words of *phone* and *call* send a caller to the telephone."""
    assert ProblemKind(503, words, "").says_phone is says


def test_what_is_free_and_what_is_away_send_to_the_telephone() -> None:
    """The kinds that leave a worker without an answer at night all say where the numbers are."""
    kinds: tuple[Kind, ...] = ("data-unavailable", "rebuilding", "kafka-away", "issuer-away", "too-many", "internal-error")
    assert all(KINDS[kind].says_phone for kind in kinds)
