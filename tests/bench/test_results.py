"""A row measured again takes its own place, and the page says what the file says."""

from pathlib import Path

from tests.bench.menu import ROWS
from tests.bench.report import Result
from tests.bench.results import Results

NOW = 1_795_000_000_000


def result(row: str, value: float) -> Result:
    """Make one line."""
    return Result(row=row, what="events folded", unit="/s", value=value, aim=20_000.0)


def test_a_row_measured_again_leaves_the_others(tmp_path: Path) -> None:
    """A row that is measured alone replaces its own results in the file and leaves the others."""
    file = tmp_path / "results.json"
    for row, value in (("a", 1.0), ("b", 2.0), ("a", 30_000.0)):
        Results.read(file).put(row, NOW, [result(row, value)]).write(file)
    rows = Results.read(file).rows
    assert {name: row["lines"][0]["value"] for name, row in rows.items()} == {"a": 30_000.0, "b": 2.0}


def test_the_page_says_value_aim_and_when() -> None:
    """The page shows value, aim, and when a row was measured, in a table."""
    page = Results().put("a", NOW, [result("a", 12_345.6)], "alone").page()
    (line,) = (line for line in page.splitlines() if line.startswith("| a "))
    assert line.startswith("| a | events folded | 12,346 /s | ≥ 20,000 /s | no |  | 2026-11-18T")
    assert line.endswith(": alone |")


def test_a_row_is_a_module_of_its_name() -> None:
    """Each row of the menu is a module with its name."""
    folder = Path(__file__).parent / "rows"
    assert set(ROWS) == {file.stem for file in folder.glob("*.py")}
