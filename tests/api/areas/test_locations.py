"""Where an answer says a place is: regions without the excluded ones, and a range of kilometres that depends on the area alone."""

from dataclasses import replace

import pytest

from services.adapters.regions import read_regions
from services.api.areas.grouping import Area
from services.api.areas.locations import DistanceRange, Location, Locations
from services.api.read_model.answer_models import NamedRegion

_ROWS = read_regions()
_AREA = Area(("R07", "R29"))


def _said(region: str = "R07", origin: str = "R28", excluded: tuple[str, ...] = ()) -> Locations:
    assert region in _AREA.regions
    return Locations(_ROWS, dict.fromkeys(_AREA.regions, _AREA), origin, frozenset(excluded))


@pytest.mark.parametrize("region", _AREA.regions)
def test_a_place_is_said_to_be_in_its_area(region: str) -> None:
    """By code and name, from the nearest centre to the farthest, rounded outward to five kilometres: the same wherever in it it is."""
    regions = (NamedRegion(code="R07", name="Breda"), NamedRegion(code="R29", name="Tilburg"))
    assert _said().of(region) == Location("R07+R29", regions, DistanceRange(start=40, end=60))
    assert _said().away(region) == _said().away("R07")


def test_excluded_regions_are_removed() -> None:
    """From the regions and from the distance."""
    said = _said(excluded=("R29", "R01")).of("R07")
    assert ([region.code for region in said.regions], said.distance_km) == (["R07"], DistanceRange(start=40, end=45))


def test_a_near_miss_in_an_excluded_region_names_the_excluded_ones() -> None:
    """It is in none of the others, and the caller excluded it."""
    assert [region.code for region in _said(excluded=("R29",)).of("R29").regions] == ["R29"]


def test_from_within_it_begins_at_nothing() -> None:
    """A desk that searches near its own region."""
    assert _said(origin="R07").of("R29").distance_km == DistanceRange(start=0, end=25)


def test_without_coordinates_there_is_no_distance() -> None:
    """And what is near is ranked by the map of tiles."""
    rows = {code: replace(row, latitude=None) for code, row in _ROWS.items()}
    said = Locations(rows, dict.fromkeys(_AREA.regions, _AREA), "R28", frozenset())
    assert said.of("R07").distance_km is None
    assert said.away("R07") == 36
