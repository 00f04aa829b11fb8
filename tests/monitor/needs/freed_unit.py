"""A shelter whose one unit becomes free an hour after a hotel was logged, of which the evidence has nothing that fitted."""

from typing import Final

from tests.reference.given import admitted, declared, left, registered
from tests.reference.log import Record

HOUR: Final = 60
DAY: Final = 24 * HOUR
_BERK: Final = registered("R04", t=-20 * DAY)
_FOR_WOMEN: Final = (_BERK.value or b"").replace(b'"audience": []', b'"audience": ["women"]')
FREED: Final[list[Record]] = [_BERK._replace(value=_FOR_WOMEN), declared(t=-20 * DAY), admitted(t=-19 * DAY), left(t=HOUR)]
SEEN: Final = {"status": "complete", "free_nationally": 1, "view": {"0": 1}}
"""Of the evidence of that hotel."""
