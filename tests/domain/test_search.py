"""Search: what is offered the log would grant, what is refused fails what it is said to fail, and nobody is always first."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.events import HoldRequested, Need, ShelterRegistered
from services.domain.freshness import HOUR_MS, Limits
from services.domain.holds import decide
from services.domain.picture import Closing, Held, Paused, ShelterPicture, StayShown, UnitPicture, count
from services.domain.search import Ask, Condition, Fit, Miss, look, misses, nearly, offered
from services.domain.values import SECURITY
from tests.strategies import maybe

NOW: Final = 100 * HOUR_MS
LIMITS: Final = Limits()
REGIONS: Final = ("R01", "R02", "R03", "R04")
AWAY: Final = {"R01": 0, "R02": 2, "R03": 3, "R04": 9}
KINDS: Final = ("emergency", "crisis")
FEATURES: Final = ("wheelchair", "pets")
SERVICES: Final = ("addiction", "psychiatric")
LANGUAGES: Final = ("nl", "tr")


def _some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sampled_from([values, values, *((value,) for value in values), ()])


units = st.builds(
    UnitPicture,
    unit=st.sampled_from(("u1", "u2", "u3")),
    kind=st.sampled_from((*KINDS, *KINDS, None)),
    overflow=st.sampled_from((False, False, False, True)),
    max_adults=st.integers(1, 3),
    max_children=st.integers(0, 4),
    features=_some(FEATURES),
    stays=st.sampled_from(((), (), (), (StayShown("s", 1, 0, 0, None),))),
    closed=st.sampled_from((None, None, None, Closing("cleaning", None))),
    held=st.sampled_from((None, None, Held("h", NOW + 1), Held("h", NOW))),
)
registrations = st.builds(
    ShelterRegistered,
    shelter=st.just("x"),
    name=st.just("Locatie"),
    organisation=st.just("org"),
    region=st.sampled_from(REGIONS),
    security=st.sampled_from(SECURITY),
    audience=st.sampled_from((("women",), ("women",), ("women", "men"), ("men",))),
    max_son_age=st.sampled_from((None, None, 12, 18)),
    languages=_some(LANGUAGES),
    services=_some(SERVICES),
    intake_phone=st.just("0800-000001"),
)


@st.composite
def shelters(draw: st.DrawFn, name: str) -> ShelterPicture:
    """Draw a shelter that may fail in any way."""
    drawn = draw(st.lists(units, max_size=3, unique_by=lambda unit: unit.unit))
    return ShelterPicture(
        name,
        registration=draw(maybe(registrations)),
        heard_at=draw(st.sampled_from((NOW, NOW, NOW - 8 * HOUR_MS, NOW - 24 * HOUR_MS + 1, NOW - 24 * HOUR_MS, None))),
        paused=draw(st.sampled_from((None, None, None, Paused("staffing", None)))),
        units={unit.unit: unit for unit in drawn},
    )


countries = st.tuples(*(shelters(f"s{number}") for number in range(5)))
asks = st.builds(
    Ask,
    adults=st.integers(0, 3),
    children=st.integers(1, 4),
    need=st.builds(
        Need,
        kinds=st.sampled_from(((), (), KINDS, ("crisis",))),
        features=st.sampled_from(((), (), ("pets",), FEATURES)),
        men=st.sampled_from((0, 0, 0, 1)),
        oldest_son_age=st.sampled_from((None, None, 11, 14)),
        security=st.sampled_from(("open", "open", "secure", "high_secure")),
        services=st.sampled_from(((), (), ("addiction",))),
        languages=st.sampled_from(((), (), ("tr",))),
    ),
    exclude_regions=st.sampled_from(((), ("R01",), ("R02", "R04"))),
)


def _seen(country: tuple[ShelterPicture, ...]) -> list[tuple[ShelterPicture, int]]:
    return [(shelter, NOW) for shelter in country]


def _grants(shelter: ShelterPicture, ask: Ask) -> str | None:
    """Have the log decide (R10): the unit it would grant."""
    request = HoldRequested(
        shelter=shelter.shelter,
        hold="h2",
        adults=ask.adults,
        children=ask.children,
        kinds=ask.need.kinds,
        features=ask.need.features,
        ttl_seconds=60,
        desk="d",
        asked_by="f" * 16,
    )
    return decide(request, shelter, offset=1, clock=NOW).unit


def _may_go(shelter: ShelterPicture, ask: Ask) -> bool:
    """Say whether a shelter is for this household, and safe."""
    there, need = shelter.registration, ask.need
    return (
        there is not None
        and there.region not in ask.exclude_regions
        and (not need.men or "men" in there.audience)
        and (ask.adults <= need.men or "women" in there.audience)
        and (need.oldest_son_age or 0) <= (18 if there.max_son_age is None else there.max_son_age)
        and SECURITY.index(there.security) >= SECURITY.index(need.security)
        and set(need.services) <= set(there.services)
        and set(need.languages) <= set(there.languages)
    )


@given(countries, asks)
def test_what_is_offered_the_log_would_grant(country: tuple[ShelterPicture, ...], ask: Ask) -> None:
    """And all that it would grant, if the shelter is for them, safe and not unknown; unknown ones are to be called first."""
    found = look(_seen(country), ask, LIMITS)
    granted = {each.shelter: _grants(each, ask) for each in country if _may_go(each, ask)}
    unknown = {each.shelter for each in country if each.unknown(NOW, LIMITS)}
    right = {shelter: unit for shelter, unit in granted.items() if unit}
    assert {fit.shelter.shelter: fit.unit.unit for fit in found.fits} == {name: unit for name, unit in right.items() if name not in unknown}
    assert {fit.shelter.shelter: fit.unit.unit for fit in found.call_first} == {
        name: unit for name, unit in right.items() if name in unknown
    }


@given(countries, asks)
def test_the_counts_are_those_of_the_country(country: tuple[ShelterPicture, ...], ask: Ask) -> None:
    """Free and unknown units as everybody counts them, and what fits is at least what is offered."""
    found = look(_seen(country), ask, LIMITS)
    counts = [count(shelter, NOW, LIMITS)[0] for shelter in country if shelter.registration]
    assert (found.free, found.unknown) == (sum(each.free for each in counts), sum(each.unknown for each in counts))
    assert len(found.fits) <= found.fitting <= found.free - found.excluded


@given(countries, asks)
def test_what_is_excluded_fits_but_for_the_region(country: tuple[ShelterPicture, ...], ask: Ask) -> None:
    """So many would fit if no region were unsafe."""
    found, anywhere = (look(_seen(country), each, LIMITS) for each in (ask, replace(ask, exclude_regions=())))
    assert anywhere.fitting == found.fitting + found.excluded


def _lifted(miss: Miss, ask: Ask) -> tuple[ShelterPicture, Ask]:
    """Lift the one condition of a miss, in the shelter or in what is asked for, and nothing else."""
    shelter, unit, need, there = miss.shelter, miss.unit, ask.need, miss.shelter.registration
    assert there
    in_shelter: dict[Condition, ShelterPicture] = {
        "closed": _with(shelter, replace(unit, closed=None)),
        "paused": replace(shelter, paused=None),
        "children": _with(shelter, replace(unit, max_children=ask.children)),
        "adults": _with(shelter, replace(unit, max_adults=ask.adults)),
        "sons": replace(shelter, registration=replace(there, max_son_age=None)),
        "audience": replace(shelter, registration=replace(there, audience=("women", "men"))),
    }
    in_need: dict[Condition, Need] = {
        "kind": replace(need, kinds=()),
        "features": replace(need, features=()),
        "languages": replace(need, languages=()),
        "services": replace(need, services=()),
        "security": replace(need, security="open"),
    }
    if miss.condition == "region":
        return shelter, replace(ask, exclude_regions=())
    return in_shelter.get(miss.condition, shelter), replace(ask, need=in_need.get(miss.condition, need))


def _with(shelter: ShelterPicture, unit: UnitPicture) -> ShelterPicture:
    return replace(shelter, units={unit.unit: unit})


@given(countries, asks)
def test_what_nearly_fits_fails_one_condition_and_fits_without_it(country: tuple[ShelterPicture, ...], ask: Ask) -> None:
    """Each condition once, at most three of them; two units fail by their size alone, and are large enough together."""
    told = misses(nearly(_seen(country), ask, LIMITS), lambda _: 0, Random(1))
    assert len(told) == len({miss.condition for miss in told}) <= 3
    for miss in told:
        alone = _with(miss.shelter, miss.unit)
        assert look([(alone, NOW)], ask, LIMITS).fits == []
        if miss.condition == "two_units":
            free = [unit for unit in miss.shelter.units.values() if unit.could_be_free]
            assert sum(unit.max_adults for unit in free) >= ask.adults
            assert sum(unit.max_children for unit in free) >= ask.children
            large = replace(miss.unit, max_adults=ask.adults, max_children=ask.children)
            assert len(look([(_with(miss.shelter, large), NOW)], ask, LIMITS).fits) == 1
        else:
            shelter, lifted = _lifted(replace(miss, shelter=alone), ask)
            assert len(look([(shelter, NOW)], lifted, LIMITS).fits) == 1


MOTHER: Final = Ask(
    adults=1,
    children=2,
    need=Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=()),
)


def _shelter(name: str, *units: UnitPicture, region: str = "R01", heard_at: int = NOW) -> ShelterPicture:
    registered = ShelterRegistered(
        shelter=name,
        name="Locatie",
        organisation="org",
        region=region,
        security="open",
        audience=("women",),
        max_son_age=None,
        languages=(),
        services=(),
        intake_phone="0800-000001",
    )
    return ShelterPicture(name, registration=registered, heard_at=heard_at, units={unit.unit: unit for unit in units})


def _unit(name: str = "u1", children: int = 2, **facts: object) -> UnitPicture:
    return replace(UnitPicture(name, kind="crisis", max_adults=1, max_children=children), **facts)  # type: ignore[arg-type]


def _order(*country: ShelterPicture, seed: int = 1) -> list[str]:
    fits = look(_seen(country), MOTHER, LIMITS).fits
    return [fit.shelter.shelter for fit in offered(fits, AWAY.__getitem__, Random(seed))]


def test_the_tightest_is_offered_first() -> None:
    """A large family must find the large units free; a bed more or less is as good."""
    country = (_shelter("large", _unit(children=6)), _shelter("tight", _unit()), _shelter("wide", _unit(children=4)))
    assert all(_order(*country, seed=seed) == ["tight", "wide", "large"] for seed in range(20))


def test_of_the_tight_the_fresh_is_offered_first() -> None:
    """What was heard of today may be gone tonight; what was heard of this hour less so."""
    country = (_shelter("ageing", _unit(), heard_at=NOW - 8 * HOUR_MS), _shelter("fresh", _unit(), region="R04"))
    assert all(_order(*country, seed=seed) == ["fresh", "ageing"] for seed in range(20))


def test_of_the_fresh_the_near_is_offered_first() -> None:
    """By tiles of the map from where the household would rather be."""
    country = (_shelter("far", _unit(), region="R04"), _shelter("on", _unit(), region="R03"), _shelter("near", _unit(), region="R02"))
    assert all(_order(*country, seed=seed) == ["near", "on", "far"] for seed in range(20))


def test_at_most_three_are_offered() -> None:
    """More would be a list of shelters."""
    assert len(_order(*(_shelter(f"s{number}", _unit()) for number in range(9)))) == 3


def test_nobody_is_always_first_among_the_nearly_equal() -> None:
    """Twelve shelters that fit alike, with a bed more here and a region further there: each is first about as often as the others."""
    country = [_shelter(f"s{number}", _unit(children=2 + number % 2), region=REGIONS[number % 2]) for number in range(12)]
    firsts = Counter(_order(*country, seed=seed)[0] for seed in range(2_400))
    # 200 are expected of each; six standard deviations of a fair die are 81
    assert len(firsts) == 12
    assert all(abs(times - 200) < 82 for times in firsts.values())


def _told(*country: ShelterPicture, ask: Ask = MOTHER, seed: int = 1) -> list[Miss]:
    return misses(nearly(_seen(country), ask, LIMITS), AWAY.__getitem__, Random(seed))


def test_two_units_that_are_too_small_each_are_told_together() -> None:
    """Whether a family of six can have both, the shelter must say."""
    six = replace(MOTHER, children=5)
    [miss] = _told(_shelter("both", _unit("u1", 2), _unit("u2", 3)), ask=six)[:1]
    assert (miss.condition, miss.shelter.shelter) == ("two_units", "both")
    alone = _told(_shelter("one", _unit("u1", 2)), ask=six)
    assert [miss.condition for miss in alone] == ["children"]


@pytest.mark.parametrize("stays", [(StayShown("s", 1, 0, 0, None),)])
def test_who_lives_somewhere_is_no_near_miss(stays: tuple[StayShown, ...]) -> None:
    """Nor is a unit for overflow, nor one of a shelter that nobody has heard of."""
    country = (
        _shelter("lived-in", _unit(stays=stays)),
        _shelter("overflow", _unit(overflow=True)),
        _shelter("unknown", _unit(closed=Closing("other", None)), heard_at=NOW - 24 * HOUR_MS),
    )
    assert _told(*country) == []


def test_the_nearest_of_a_condition_is_told() -> None:
    """One of each condition, the nearest."""
    country = [_shelter(f"s{region}", _unit(closed=Closing("other", None)), region=region) for region in ("R04", "R02", "R03")]
    [miss] = _told(*country)
    assert miss.region == "R02"


def test_of_the_equally_near_each_is_told_as_often() -> None:
    """Else a miss would name the same shelter whoever asks."""
    country = [_shelter(f"s{number}", _unit(closed=Closing("other", None)), region="R02") for number in range(4)]
    told = Counter(miss.shelter.shelter for seed in range(800) for miss in _told(*country, seed=seed))
    # 200 are expected of each; six standard deviations are 74
    assert len(told) == 4
    assert all(abs(times - 200) < 75 for times in told.values())


def test_a_fit_says_how_many_beds_are_to_spare() -> None:
    """Of the unit that the log would grant: the tightest of the shelter."""
    [fit] = look(_seen((_shelter("s", _unit("u1", 6), _unit("u2", 3)),)), MOTHER, LIMITS).fits
    assert isinstance(fit, Fit)
    assert (fit.unit.unit, fit.spare) == ("u2", 1)
