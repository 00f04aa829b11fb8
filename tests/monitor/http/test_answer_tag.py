"""The entity tag of figures: an unchanged answer is not computed again, and a changed one is never taken for unchanged."""

from dataclasses import replace

import pytest

from services.monitor.http.answer_tag import answer_tag
from services.monitor.query import NATION, Period, Query, Scope
from tests.monitor.http.conftest import NOW, Monitor

YEAR = "/v1/monitor/figures?figure=occupancy&year=2023"
_QUERY = Query(figures=("occupancy",), at=NOW - 7_200_000, as_known_at=NOW - 3_600_000)


async def _tag(monitor: Monitor, path: str = YEAR, role: str = "analyst") -> str:
    found = await monitor.get(path, monitor.callers.of(role))
    assert found.status_code == 200
    return found.headers["etag"]


async def test_an_unchanged_answer_is_not_computed_and_not_recorded(monitor: Monitor) -> None:
    """Asked again with its tag the answer is 304 without a body: nothing is computed, nothing new is shown, nothing is written."""
    tag = await _tag(monitor)
    written = len(monitor.audited.entries)
    for named in (tag, f'"other", {tag}'):
        again = await monitor.get(YEAR, monitor.callers.of("analyst"), **{"If-None-Match": named})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (len(monitor.queries), len(monitor.audited.entries)) == (1, written)


@pytest.mark.parametrize("tag", ["", "*", '"other"', "W/x"])
async def test_another_tag_gets_the_answer(monitor: Monitor, tag: str) -> None:
    """What is not the tag of this very answer is no reason to leave it out; it is computed and recorded."""
    found = await monitor.get(YEAR, monitor.callers.of("analyst"), **{"If-None-Match": tag})
    assert (found.status_code, len(monitor.queries), len(monitor.audited.entries)) == (200, 1, 1)


async def test_the_tag_of_another_caller_opens_nothing(monitor: Monitor) -> None:
    """An operator's tag is none of an analyst, who sees other digits; other roles and no token are refused with it."""
    tag = await _tag(monitor, role="operator")
    assert (await monitor.get(YEAR, monitor.callers.of("analyst"), **{"If-None-Match": tag})).status_code == 200
    assert (await monitor.get(YEAR, monitor.callers.worker(), **{"If-None-Match": tag})).status_code == 403
    assert (await monitor.get(YEAR, {}, **{"If-None-Match": tag})).status_code == 401


async def test_an_operators_answer_changes_with_each_record(monitor: Monitor) -> None:
    """What is not by a clock of the past has another tag as soon as the tables go further; an analyst's stays for the hour."""
    before = [await _tag(monitor, role=role) for role in ("operator", "analyst")]
    monitor.built_until[0] = NOW + 1
    after = [await _tag(monitor, role=role) for role in ("operator", "analyst")]
    assert (before[0] == after[0], before[1] == after[1]) == (False, True)


def test_an_answer_is_final_only_once_the_tables_go_so_far() -> None:
    """While records up to the clock of the question may be missing, each change of the tables is another answer."""
    bound = _QUERY.as_known_at or 0
    assert answer_tag(_QUERY, "json", bound - 2) != answer_tag(_QUERY, "json", bound - 1) != answer_tag(_QUERY, "json", bound)
    assert answer_tag(_QUERY, "json", bound) == answer_tag(_QUERY, "json", bound + 1)
    assert answer_tag(_QUERY, "json", None) != answer_tag(_QUERY, "json", bound)


@pytest.mark.parametrize(
    "other",
    [
        {"figures": ("capacity",)},
        {"at": None},
        {"at": None, "period": Period(0, 1)},
        {"as_known_at": NOW - 3_600_001},
        {"scope": Scope(region="R07")},
        {"by": ("region",)},
        {"protected": True},
    ],
)
def test_each_other_question_has_another_tag(other: dict[str, object]) -> None:
    """Whatever is asked for, the tag is that of this question and this form."""
    assert _QUERY.scope == NATION
    assert answer_tag(replace(_QUERY, **other), "json", NOW) != answer_tag(_QUERY, "json", NOW)  # type: ignore[arg-type]
    assert answer_tag(_QUERY, "text/csv", NOW) != answer_tag(_QUERY, "json", NOW)
