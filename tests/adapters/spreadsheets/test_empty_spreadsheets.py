"""Templates: every column is known, and the example is never sent."""

import pytest

from services.adapters.spreadsheets.column_names import KINDS, Kind
from services.adapters.spreadsheets.empty_spreadsheets import csv_template, xlsx_template
from tests.spreadsheets import brought, facts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [csv_template, xlsx_template])
def test_a_template_that_was_not_filled_in_sends_nothing(make: type, kind: Kind) -> None:
    """It is recognised as what it is, each of its columns means something, and its example is said to be one."""
    plan = brought(make(kind))
    [table] = plan.tables
    assert (table.kind, table.not_read, table.personal, table.twice, table.examples) == (kind, (), (), (), (2,))
    assert (plan.facts, plan.declarations, plan.left_out) == ([], [], [])


def test_a_template_that_was_filled_in_is_brought_in() -> None:
    """Rows below the example, as Excel saves them."""
    filled = csv_template("stays") + b"De Linde;k1;;13-3-2024;;1;2;\r\n"
    assert facts(brought(filled)) == ["3 admission linde/k1 1+2 2024-03-13 12:00"]
