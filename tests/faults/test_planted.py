"""The planted bugs are of today's code: each place is there once, and what stands in it afterwards can be read by Python."""

import ast

import pytest

from tests.faults.planted.planted_bugs import ROOT, PlantedBug, planted_bugs

_BUGS = planted_bugs()
# Where a bug is repaired by a second line of defence, and so was not noticed by tests that look at the end only
_GLUE = ("services/processor/", "services/adapters/", "services/gateway/", "services/api/")


@pytest.mark.parametrize("bug", _BUGS, ids=lambda bug: f"{bug.room}: {bug.law}")
def test_a_planted_bug_has_its_place_and_its_tests(bug: PlantedBug) -> None:
    """The place of the bug stands once in its file, the file can be read with the bug in it, and the tests of the law exist."""
    source = (ROOT / bug.file).read_text("utf-8")
    planted = bug.planted(source)
    assert planted != source
    if bug.file.endswith(".py"):
        ast.parse(planted)
    assert [each for each in bug.tests if not (ROOT / "tests" / each).exists()] == []


def test_there_are_enough_of_them_and_each_breaks_another_law() -> None:
    """At least sixty bugs, forty of them in the parts that stand between the rules and the world, and no law twice."""
    assert len(_BUGS) >= 60
    assert sum(bug.file.startswith(_GLUE) for bug in _BUGS) >= 40
    laws = [bug.law for bug in _BUGS]
    assert sorted(set(laws)) == sorted(laws)
