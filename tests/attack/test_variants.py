"""What each variant says of the same place."""

from tests.api.desks import REGIONS
from tests.attack.variants import COARSER, DESIGNED, FINER, Place

PLACE = Place("R07", ("R07", "R29"), "crisis", 3, "close")


def test_an_area_is_shown_without_its_excluded_regions() -> None:
    """An offer as designed names the regions of its area that are not excluded, and a size class."""
    assert DESIGNED.label(PLACE, (), REGIONS) == ("R07+R29", "crisis", "3-4", "close")
    assert DESIGNED.label(PLACE, ("R29",), REGIONS) == ("R07", "crisis", "3-4", "close")


def test_a_finer_variant_names_the_region_and_a_coarser_one_the_province() -> None:
    """The finer variant names the region itself, the coarser one its province and no size."""
    assert FINER.label(PLACE, (), REGIONS)[0] == "R07"
    assert COARSER.label(PLACE, (), REGIONS) == (REGIONS["R07"].province, "crisis", "", "close")
