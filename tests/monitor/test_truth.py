"""The monitor against what a simulated country knows of itself: the two can only agree if the events mean what people mean."""

from pathlib import Path

from services.monitor.question import Period, Question
from services.simulator.country import Country
from services.simulator.document import national
from services.simulator.hours import nights
from tests.monitor.asked import asked
from tests.monitor.countries_logged import START, Said, logged
from tests.monitor.records import HOUR

DAY = 24 * HOUR
_DAYS = 45


def test_the_live_view_is_what_the_country_knows(tmp_path: Path) -> None:
    """Every other day for six weeks, units by state as they were shown at that clock are those the country knows of."""
    country, said, known = Country(3, START), list[Said](), dict[int, dict[str, int]]()
    for day in range(2, _DAYS, 2):
        said += [(each.at, each.event) for each in country.until(START + day * DAY)]
        now = max(START + day * DAY, country.world.now)
        known[now] = dict(national(country.truth, now))
    said.append((max(known) + 1, said[-1][1]))  # the same again, later: the archive goes on behind the last look
    beds, demand = logged(said)
    six_weeks = asked(tmp_path, beds, demand)
    for now, expected in known.items():
        told = six_weeks.ask(Question(figures=("units-by-state",), known_at=now))["units-by-state"]
        found = {row.of["state"]: row.value for row in told.rows if row.of}
        assert {state: value for state, value in found.items() if value} == {state: number for state, number in expected.items() if number}


def test_hotel_nights_are_those_of_the_country(tmp_path: Path) -> None:
    """In winter, when the country's clock is Amsterdam's, hotel nights are those between what it put up and what it checked out."""
    country = Country(7, START)
    said = [(each.at, each.event) for each in country.until(START + _DAYS * DAY)]
    months = asked(tmp_path, *logged(said))
    period = Period(START, START + 40 * DAY)
    put_up = [
        (began.said[0], min(ended or period.end, period.end))
        for _, began, ended in country.truth.demand.of("fallback")
        if began.shown["accommodation"] in {"hotel", "holiday_park"}
    ]
    told = months.ask(Question(figures=("hotel-nights", "hotel-nights-unended"), period=period))
    expected = sum(max(0, nights(start, end)) for start, end in put_up if start < period.end)
    assert expected > 0
    assert sum(int(figure.value or 0) for figure in told.figures) == expected
