"""Whatever is told of a place, so many shelters could be the one: of any country, for any question."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.crowd import Crowd, Least, Place, emptied, fitting, joined, missing
from services.domain.events import Need, ShelterRegistered
from services.domain.picture import Closing, Held, Paused, ShelterPicture, StayShown, UnitPicture
from services.domain.search import Ask

LEAST: Final = 3
BOTH: Final = Least(LEAST, LEAST)
NEED: Final = Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=())
MOTHER: Final = Ask(adults=1, children=2, need=NEED)
AREAS: Final = {"R01": "north", "R02": "south"}

places = st.builds(
    Place,
    kind=st.sampled_from(("crisis", "emergency")),
    fit=st.sampled_from(("exact", "close", "roomy")),
    area=st.sampled_from(("north", "south", "east")),
)


def _shelter(name: str, region: str = "R01", *units: UnitPicture) -> ShelterPicture:
    registered = ShelterRegistered(
        shelter=name,
        name="Locatie",
        organisation="org-1",
        region=region,
        security="open",
        audience=("women",),
        max_son_age=None,
        languages=("nl",),
        services=(),
        intake_phone="0800-000001",
    )
    return ShelterPicture(name, registered, units={unit.unit: unit for unit in units})


def _unit(name: str = "u1", kind: str = "crisis", children: int = 2, *, overflow: bool = False) -> UnitPicture:
    return UnitPicture(name, kind, max_adults=1, max_children=children, overflow=overflow)


@given(st.dictionaries(places, st.sets(st.sampled_from("abcdefgh"), min_size=1)))
def test_whatever_is_told_so_many_could_be_meant(cells: dict[Place, set[str]]) -> None:
    """Of all places that are told of alike; or nothing may be told at all."""
    crowd = Crowd(cells, BOTH)
    if crowd.narrow:
        assert len(crowd.shelters) < LEAST
        return
    told = {place: crowd.told(place) for place in cells}
    for place, how in told.items():
        assert len(set().union(*(cells[other] for other, its in told.items() if its == how))) >= LEAST
        assert how.kind in (place.kind, None)
        assert how.fit in (place.fit, None)
        assert place.area in how.areas


@pytest.mark.parametrize(
    ("cells", "groups"),
    [
        ({"a": "123"}, [("a",)]),
        ({"a": "123", "b": "456"}, [("a",), ("b",)]),
        ({"a": "123", "b": "4", "c": "56"}, [("b", "c"), ("a",)]),
        ({"a": "123", "b": "1234", "c": "5"}, [("c", "a"), ("b",)]),
        ({"a": "12", "b": "12"}, [("a", "b")]),
        ({}, []),
    ],
)
def test_what_is_too_small_is_joined(cells: dict[str, str], groups: list[tuple[str, ...]]) -> None:
    """With all else that is too small, and if that is not enough with the smallest of the others."""
    assert joined({name: set(members) for name, members in cells.items()}, LEAST) == groups


def test_who_lives_there_plays_no_part() -> None:
    """A country that is full, closed, held or paused is the same crowd as an empty one."""
    full = [
        _shelter("a", "R01", UnitPicture("u1", "crisis", max_adults=1, max_children=2, stays=(StayShown("s", 1, 0, 0, None),))),
        _shelter("b", "R02", UnitPicture("u1", "crisis", max_adults=1, max_children=2, closed=Closing("cleaning", None))),
        _shelter("c", "R02", UnitPicture("u1", "crisis", max_adults=1, max_children=2, held=Held("h", 10))),
    ]
    full[0].paused, full[1].heard_at = Paused("staffing", None), 5
    empty = [_shelter(name, region, _unit()) for name, region in (("a", "R01"), ("b", "R02"), ("c", "R02"))]
    assert [emptied(shelter) for shelter in full] == empty
    assert fitting(map(emptied, full), MOTHER, AREAS, BOTH) == fitting(empty, MOTHER, AREAS, BOTH)


def test_only_those_that_could_be_offered_are_meant() -> None:
    """Not what is too small, overflow, not declared, or in a region that is shut out."""
    shelters = [
        _shelter("fits", "R01", _unit()),
        _shelter("small", "R01", _unit(children=1)),
        _shelter("overflow", "R01", _unit(overflow=True)),
        _shelter("unsafe", "R02", _unit()),
        ShelterPicture("unregistered", units={"u1": _unit()}),
    ]
    ask = Ask(adults=1, children=2, need=NEED, exclude_regions=("R02",))
    assert fitting(map(emptied, shelters), ask, AREAS, BOTH).shelters == {"fits"}


def test_of_what_nearly_fits_as_many_must_fail_the_same() -> None:
    """Counted by the one condition that fails; what is closed or paused would fit."""
    shelters = [_shelter(name, "R01", _unit(children=1)) for name in "abc"] + [_shelter("d", "R02", _unit())]
    might = missing(shelters, MOTHER, AREAS, fitting(shelters, MOTHER, AREAS, BOTH))
    assert (might["children"].shelters, might["closed"].shelters) == (set("abc"), {"d"})
    assert (might["children"].narrow, might["closed"].narrow) == (False, True)
    assert might["children"].told(Place("crisis", "", "north")) == ("crisis", "", ("north",))
