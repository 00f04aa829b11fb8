"""Two minutes of the programme of faults: everything of it that fits in, and not one violation."""

from pathlib import Path

import pytest

from tests.faults.programme.run import Plan, run

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.timeout(900),
    # aiokafka leaves a connection open where a broker dies while it connects
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


async def test_two_minutes_of_faults_break_no_promise(tmp_path: Path) -> None:
    """Whatever is killed, frozen, cut or emptied: nothing acknowledged is lost, and no answer was ever wrong or older than it said."""
    report = await run(Plan(seed=20, minutes=2), tmp_path)
    print(report.text())  # noqa: T201
    assert report.injected
    assert report.acknowledged > 500
    assert report.verdict.violations == []
