"""Documents of the view are read back as they were written, with every instant of the contract."""

import pytest

from services.adapters.rfc3339 import parse
from services.adapters.view.shelter_documents import read_shelter, read_unit, shelter_document, unit_document
from services.domain.beds.shelter_snapshot import Closing, Discrepancy, Held, Paused, ShelterSnapshot, StaySnapshot, UnitSnapshot

FIRST, LAST = parse("1970-01-01T00:00:00+14:00"), parse("9999-12-31T23:59:59.999999999-14:00")


@pytest.mark.parametrize("instant", [FIRST, 0, 1, 2**63, LAST])
def test_a_unit_comes_back_with_any_instant_of_the_contract(instant: int) -> None:
    """A unit closed until the year 9999, and a stay since then, are written and read without loss."""
    unit = UnitSnapshot(
        unit="unit-3",
        kind="crisis",
        features=("cot",),
        stays=(StaySnapshot("0b7ad7c2-6c1f-4f0e-9a4e-3d2c1b0a9f81", 1, 2, since=instant, expected_at=instant),),
        closed=Closing("other", instant),
        held=Held("5f0c1d7e-8f4b-4c55-9d3a-2f1f6f7b8c90", 1_772_409_600_000),
    )
    assert read_unit(unit_document(unit)) == unit


@pytest.mark.parametrize("instant", [None, FIRST, 2**63, LAST])
def test_a_shelter_comes_back_with_any_instant_of_the_contract(instant: int | None) -> None:
    """An intake paused until the year 9999, or for an unknown time, is written and read without loss."""
    shelter = ShelterSnapshot("berk", heard_at=1, paused=Paused("safety", instant), discrepancy=Discrepancy(3, 4))
    assert read_shelter("berk", shelter_document(shelter)) == shelter
