"""A release from the figures: rounded, hidden, numbered, and told once."""

import orjson
import pytest

from services.monitor import release
from services.monitor.days import month, year
from services.monitor.drafting import drafted
from services.monitor.grid import AREAS
from tests.monitor.answers import answer

END = year(2023).end


@pytest.fixture(scope="module")
def first() -> bytes:
    """Draft the first release of 2023."""
    return drafted(answer, 2023, END, []) or b""


def test_it_says_what_it_is_and_by_which_rules(first: bytes) -> None:
    """With what it was worked out from."""
    told = orjson.loads(first)
    assert (told["release"], told["version"], told["simulated"], told["heard_of"]) == ("2023", 1, True, 0.968)
    assert told["offsets"]["beds"]["0"] == 17_175
    assert {cell["figure"] for cell in told["cells"]} == set(release.FIGURES)
    assert {cell["area"] for cell in told["cells"]} == set(AREAS)
    assert len(told["cells"]) == len(release.FIGURES) * len(AREAS) * 13
    assert all(cell["value"] is None or cell["value"] % 5 == 0 for cell in told["cells"])


def test_the_same_figures_are_not_released_twice(first: bytes) -> None:
    """A version that would tell what the last one told is none."""
    assert drafted(answer, 2023, END, [first]) is None


def test_what_was_corrected_is_the_next_version(first: bytes) -> None:
    """Beside the one that is out, and hiding at least what that one hid."""
    old = orjson.loads(first)
    changed = next(cell for cell in old["cells"] if cell["value"] and "-" in cell["period"] and cell["area"].startswith("PV"))
    changed["value"] += 5
    second = orjson.loads(drafted(answer, 2023, END, [orjson.dumps(old)]) or b"")
    assert second["version"] == 2
    hidden = [{(cell["figure"], cell["area"], cell["period"]) for cell in told["cells"] if cell["value"] is None} for told in (old, second)]
    assert hidden[0] <= hidden[1]


def test_a_month_that_is_not_over_is_not_told() -> None:
    """Nor the year while one of its months is missing; and before the first is over there is nothing."""
    told = orjson.loads(drafted(answer, 2023, month("2023-04").end - 1, []) or b"")
    assert {cell["period"] for cell in told["cells"]} == {"2023-01", "2023-02", "2023-03"}
    assert drafted(answer, 2023, month("2023-01").end - 1, []) is None
