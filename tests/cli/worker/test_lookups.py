"""The limits that `plek me` shows."""

import pytest

from services.cli.worker.lookups import caller_lines


@pytest.mark.parametrize(
    ("name", "words"), [("request", "requests in all: 9 left now, 30 an hour"), ("refinement", "refinements of each household: 9 left")]
)
def test_a_limit_says_what_it_counts(name: str, words: str) -> None:
    """The hard limit counts requests in all, and that of refinements is of each household."""
    limits = [{"name": name, "quota": 30, "left": 9}]
    assert any(line.startswith(words) for line in caller_lines({"role": "worker", "limits": limits}))
