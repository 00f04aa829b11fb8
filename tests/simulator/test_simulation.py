"""A simulated country: its ground truth and the fold of its log agree, and the same seed is the same country."""

from collections import Counter, deque
from typing import Any

import pytest

from services.domain.durations import NS_PER_MS
from services.domain.events import catalog as e
from services.simulator.model.calendar import DAY, HOUR, YEAR
from services.simulator.model.parameters import Parameters
from services.simulator.simulation import Simulation
from tests.invariants import broken, broken_inside
from tests.simulator.countries import START, Watched, through_the_wire, written

# Ten moments in between, at every hour of the day, and the end of the year
_MOMENTS = [START + YEAR * number // 11 + number * 5 * HOUR // 2 for number in range(1, 11)] + [START + YEAR]

_OF_BEDS = (e.Admission, e.Discharge, e.Correction, e.Transfer, e.UnitClosed, e.HoldRequested, e.IntakePaused)
_OF_DEMAND = tuple(e.DEMAND_EVENTS)
# A simulated country writes the needs of its households as they are
_SEALED = (e.SearchMadeSealed, e.FallbackStartedSealed)


def _all(watched: Watched, instant: int) -> None:
    deque(watched.until(instant), maxlen=0)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 7, 2023])
def test_the_fold_and_the_truth_agree_all_year(seed: int) -> None:
    """At ten moments of 2023 and at its end every unit, hold, anomaly and count of the fold is that of the ground truth."""
    watched = Watched(Simulation(seed, START))
    for moment in _MOMENTS:
        _all(watched, moment)
        shown = watched.shown()
        assert shown == watched.true()
        assert broken(shown) == []
    assert broken_inside(watched.registry, watched.now) == []


@pytest.mark.parametrize("seed", range(20, 32))
def test_many_countries_agree_hour_by_hour(seed: int) -> None:
    """The fold and the ground truth agree every seven hours of three weeks in a country where much more goes wrong."""
    rough = Parameters(
        late=0.5,
        wrong_unit=0.15,
        wrong_household=0.15,
        sent_twice=0.05,
        silences_a_year=20,
        withdrawals_a_year=15,
        logged_late=0.5,
        wrong_people=0.2,
        wrong_case=0.15,
        logged_twice=0.15,
        waits_again=0.5,
    )
    watched = Watched(Simulation(seed, START, parameters=rough))
    for moment in range(START, START + 21 * DAY, 7 * HOUR):
        _all(watched, moment)
        assert watched.shown() == watched.true()


@pytest.mark.parametrize("speed", [10, 60, 3_600])
def test_the_fold_and_the_truth_agree_when_the_log_runs_more_slowly(speed: int) -> None:
    """In a country that lives faster than the log's clock, holds last as long as that clock allows."""
    watched = Watched(Simulation(5, START, speed=speed))
    for part in range(1, 11):
        _all(watched, START + 60 * DAY * part // 10 // speed)
        assert watched.shown() == watched.true()


@pytest.mark.parametrize("lost", [*_OF_BEDS, *(each for each in _OF_DEMAND if each not in _SEALED)])
def test_one_lost_event_shows(lost: type) -> None:
    """A fold that misses one event of a kind disagrees with the ground truth sooner or later.

    Corrections that change nothing are passed over: those of an admission in the wrong unit and of a wrong number of children are followed
    by an event that counts without them.
    """
    watched = Watched(Simulation(4, START))
    _all(watched, START + 3 * DAY)
    missing = False
    differs = False
    for moment in range(START + 3 * DAY, START + 20 * DAY, 2 * HOUR if lost in _OF_BEDS else DAY):
        for logged in watched.country.until(moment):
            data = logged.event.data
            if not missing and isinstance(data, lost) and not _changes_nothing(data):
                missing = True
                continue
            watched.fold(logged)
            watched.now = logged.at
        watched.now = max(watched.now, moment)
        differs = differs or watched.shown() != watched.true()
    assert missing
    assert differs


def _changes_nothing(data: e.Data) -> bool:
    if isinstance(data, e.DemandCorrection):
        return data.reason == "mistake" and data.search is None
    return isinstance(data, e.Correction) and data.reason == "wrong_unit"


@pytest.mark.long
def test_all_kinds_of_events_happen() -> None:
    """A year has each event of the contract but the sealed needs, and the codec reads each as it was written."""
    seen = set()
    for logged in Simulation(4, START).until(START + YEAR):
        if logged.event.id[-1] == "0" or type(logged.event.data) not in seen:
            assert through_the_wire(logged) == logged.event
        seen.add(type(logged.event.data))
    assert seen == {*e.BED_EVENTS, *e.DEMAND_EVENTS} - set(_SEALED)


def test_the_codec_accepts_every_event_of_a_month() -> None:
    """No event of a month is refused, and none is logged before it is recorded or recorded before it occurred."""
    for logged in Simulation(6, START).until(START + 30 * DAY):
        event = through_the_wire(logged)
        assert event == logged.event
        assert event.occurred_at <= event.time <= logged.at * 1_000_000


def test_the_same_seed_is_the_same_country() -> None:
    """Two countries with one seed have the same log and ground truth, one with another seed has not."""
    first, second, other = (Watched(Simulation(seed, START)) for seed in (8, 8, 9))
    end = START + 10 * DAY
    assert written(first.until(end)) == written(second.until(end))
    assert first.true() == second.true()
    assert written(other.until(end)) != written(Simulation(8, START).until(end))


def test_the_log_never_goes_back_and_no_two_are_logged_at_once() -> None:
    """The events of ten days have increasing times, so their order is certain across partitions."""
    instants = [logged.at for logged in Simulation(10, START).until(START + 10 * DAY)]
    assert instants == sorted(set(instants))


def test_the_first_events_register_the_country() -> None:
    """The first events register 110 shelters in all regions with 1,000 units, and telephone numbers that cannot exist."""
    country = Simulation(11, START)
    opening = [logged.event.data for logged in country.until(START + 1)]
    registered = [data for data in opening if isinstance(data, e.ShelterRegistered)]
    declared = [data for data in opening if isinstance(data, e.UnitDeclared)]
    assert len(registered) == 110
    assert len({data.region for data in registered}) == 35
    assert sum(not data.overflow for data in declared) == 1_000
    assert all(data.intake_phone.startswith("0800-0") for data in registered)
    assert isinstance(opening[0], e.ShelterRegistered)


def test_silent_shelters_are_unknown_and_never_free() -> None:
    """A shelter that was not heard of for 24 hours is shown without free units, and its vacant units are unknown."""
    many = Parameters(silences_a_year=25, silent_at_first=0.3)
    watched, heard, unknown = Watched(Simulation(12, START, parameters=many)), dict[str, int](), 0
    for moment in range(START + 2 * DAY, START + 40 * DAY, 31 * HOUR):
        for logged in watched.until(moment):
            if logged.event.source.startswith("urn:plek:shelter:") and not isinstance(logged.event.data, e.HOLD_EVENTS):
                heard[logged.event.subject] = logged.at
        for name, shelter in watched.shown()["shelters"].items():
            silent = watched.now - heard.get(name, 0) >= 25 * HOUR
            unknown += _unknown(shelter) if silent else 0
            assert not (silent and _free(shelter))
    assert unknown > 20


def _free(shelter: dict[str, Any]) -> int:
    return int(shelter["counts"]["free"] + shelter["overflow"]["free"])


def _unknown(shelter: dict[str, Any]) -> int:
    return int(shelter["counts"]["unknown"])


@pytest.mark.long
def test_workers_log_late_and_wrong_and_correct_it() -> None:
    """In a year hotels are logged hours late, with the wrong number, twice, and ended for another household; all is corrected."""
    numbers = Counter[str]()
    logged_before = dict[tuple[str, str], e.Data]()
    for logged in Simulation(13, START).until(START + YEAR):
        data = logged.event.data
        logged_before.setdefault(logged.event.name, data)
        if isinstance(data, e.DemandCorrection):
            wrong = logged_before[data.corrects.source, data.corrects.id]
            numbers[f"{e.SHORT_NAMES[type(wrong)]} {data.reason}"] += 1
        elif isinstance(data, e.FallbackStarted) and logged.event.time - logged.event.occurred_at > HOUR * NS_PER_MS:
            numbers["hotel logged late"] += 1
    assert {
        f"{name} mistake" for name in ("search-ended", "fallback-started", "fallback-ended", "waiting-list-joined", "waiting-list-left")
    } < {*numbers}
    assert numbers["fallback-started duplicate"]
    assert numbers["hotel logged late"] > 10
