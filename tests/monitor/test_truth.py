"""The monitor against the ground truth of a simulated country: the two agree only if the events mean the same to both."""

from pathlib import Path

from services.domain.durations import DAY_MS
from services.monitor.query import Period, Query
from services.simulator.ground_truth.truth_document import national_states
from services.simulator.model.calendar import count_nights
from services.simulator.simulation import Simulation
from tests.monitor.comparison import archive_and_build
from tests.monitor.logged_countries import START, LoggedEvent, to_records

_DAYS = 45


def test_the_live_view_is_the_ground_truth(tmp_path: Path) -> None:
    """Every other day for six weeks, the units by state as shown at that clock are those of the ground truth."""
    simulation, events, truth = Simulation(3, START), list[LoggedEvent](), dict[int, dict[str, int]]()
    for day in range(2, _DAYS, 2):
        events += [(each.at, each.event) for each in simulation.until(START + day * DAY_MS)]
        now = max(START + day * DAY_MS, simulation.context.now)
        truth[now] = dict(national_states(simulation.truth, now))
    events.append((max(truth) + 1, events[-1][1]))  # the last event again, later: the archive goes on after the last comparison
    country = archive_and_build(tmp_path, *to_records(events))
    for now, expected in truth.items():
        figure = country.ask(Query(figures=("units-by-state",), as_known_at=now))["units-by-state"]
        counts = {row.part["state"]: row.value for row in figure.rows if row.part}
        assert {state: count for state, count in counts.items() if count} == {state: count for state, count in expected.items() if count}


def test_hotel_nights_are_those_of_the_ground_truth(tmp_path: Path) -> None:
    """In winter, when the simulation's clock is Amsterdam's, hotel nights are the nights of the simulated hotel stays."""
    simulation = Simulation(7, START)
    events = [(each.at, each.event) for each in simulation.until(START + _DAYS * DAY_MS)]
    country = archive_and_build(tmp_path, *to_records(events))
    period = Period(START, START + 40 * DAY_MS)
    stays = [
        (began.times[0], min(ended or period.end, period.end))
        for _, began, ended in simulation.truth.demand.started("fallback")
        if began.shown["accommodation"] in {"hotel", "holiday_park"}
    ]
    result = country.ask(Query(figures=("hotel-nights", "hotel-nights-unended"), period=period))
    expected = sum(max(0, count_nights(start, end)) for start, end in stays if start < period.end)
    assert expected > 0
    assert sum(int(figure.value or 0) for figure in result.figures) == expected
