"""The alarm curve: what counts, what begins anew, and which point is chosen."""

from tests.attack.alarms import Point, chosen, found_out, reached
from tests.attack.insider import Asked
from tests.attack.watch import watch
from tests.attack.workers import Act


def test_a_hold_begins_the_count_of_searches_anew() -> None:
    """Three searches, a hold that is given back, and two searches count as three searches at most and one hold given back."""
    assert reached("ssshgss") == {"unheld": 3, "given-back": 1, "desk": 5}


def test_a_flight_is_found_out_when_one_alarm_is_raised() -> None:
    """An insider who reaches a threshold before or after the hour is named, one who stays below both is not."""
    asked = [Asked("ssss", ""), Asked("s", "ssss"), Asked("sss", "hgs")]
    assert found_out(asked, {"unheld": 4, "given-back": 2}) == 2 / 3


def test_the_point_chosen_is_followed_up_by_one_coordinator() -> None:
    """Of points with no more than one false alarm a week the one that names most is chosen, and of equals the lowest thresholds."""
    loud, quiet, higher = Point(4, 1, 9.0, 1.0), Point(8, 3, 0.9, 0.8), Point(9, 3, 0.2, 0.8)
    assert chosen([loud, quiet, higher]) == quiet


async def test_the_limits_of_the_api_refuse_the_twenty_first_search_at_once() -> None:
    """Twenty-one searches of one person within a second: one breaks the glass, and the count since the last hold goes to twenty-one."""
    found = await watch(Act(number, "w1", "oost", "search", str(number)) for number in range(21))
    assert (found.acts, found.refused, found.hard) == (21, 1, 0)
    assert (found.alarms("unheld", 21), found.alarms("unheld", 22), found.alarms("desk", 21)) == (1, 0, 1)
