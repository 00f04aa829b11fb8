"""The desk: what it says of the country its figures are of."""

from functools import partial
from pathlib import Path

from services.adapters.regions import read_regions
from services.adapters.worlds import COUNTRY, is_made_up
from services.domain.freshness import Limits
from services.monitor.desk import Desk
from services.monitor.question import Question


def test_a_country_that_came_to_live_at_the_front_door_is_simulated(tmp_path: Path) -> None:
    """The name is that of a real one; from the first tables on in which any of it can be, every answer says what it is."""
    desk = Desk(tmp_path / "monitor", read_regions(), simulated=partial(is_made_up, "plek", tmp_path), limits=Limits())
    asked = Question(figures=("capacity",), at=0)
    told = [desk.ask(asked).simulated]
    (tmp_path / COUNTRY).touch()
    desk.refresh()
    told.append(desk.ask(asked).simulated)
    desk.close()
    assert told == [False, True]
