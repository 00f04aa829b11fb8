"""The sentences of the contract that are easiest to get wrong: rows any fold can be run over, each with its rule.

CASES are seen at `now` (None: the clock); of TRUE_AT and KNOWN_BY `now` is the T and the K of R14. Records are (key, value,
milliseconds, partition); what a row expects is the part of the result that it decides (`tests.reference.expect.differences`).
"""

from __future__ import annotations

from typing import Final

from tests.reference.case import Case
from tests.reference.case_demand import DEMAND
from tests.reference.case_facts import FACTS
from tests.reference.case_heard import FORGETTING, HEARD
from tests.reference.case_holds import HOLDS
from tests.reference.case_past import KNOWN_BY, TRUE_AT
from tests.reference.case_records import RECORDS, STOPS, Stopping

__all__ = ["CASES", "DEMAND", "KNOWN_BY", "STOPS", "TRUE_AT", "Case", "Stopping"]

CASES: Final = [*FACTS, *HEARD, *HOLDS, *FORGETTING, *RECORDS]
