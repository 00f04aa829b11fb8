"""Documents of the view: equal state gives equal bytes, and every picture and hold comes back whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hypothesis import given

from services.adapters.schemas.examples import example
from services.adapters.view import documents
from services.domain.events import ShelterRegistered
from services.domain.holds import Hold
from services.domain.picture import Closing, Discrepancy, Held, Paused, ShelterPicture, StayShown, UnitPicture
from tests import played
from tests.reference.log import Record
from tests.strategies import logs

REGISTRATION: Final = example(ShelterRegistered).data
SHELTER: Final = ShelterPicture(
    shelter="berk",
    registration=REGISTRATION if isinstance(REGISTRATION, ShelterRegistered) else None,
    heard_at=1_772_409_600_000,
    paused=Paused("safety", 9_007_199_254_740_993),
    discrepancy=Discrepancy(1, 2),
)
UNIT: Final = UnitPicture(
    unit="u1",
    kind="crisis",
    overflow=True,
    max_adults=1,
    max_children=2,
    beds=3,
    features=("cot", "pets"),
    stays=(StayShown("a", 1, 2, 1_772_409_600_123_456_789, None), StayShown("b", 1, 0, -1, 5)),
    closed=Closing("other", -50_400_000_000_000),
    held=Held("h", 7),
)
HOLD: Final = Hold(
    hold="h",
    offset=7,
    status="granted",
    unit="u1",
    reason=None,
    requested_at=5,
    until=9,
    accepted=True,
    extended=True,
    declined_because="full",
    adults=1,
    children=2,
    desk="d",
    asked_by="0" * 16,
)


def test_a_shelter_comes_back() -> None:
    """A shelter, full and bare, is read as it was written; its units are kept apart."""
    for shelter in (SHELTER, ShelterPicture("berk"), replace(SHELTER, paused=None), replace(SHELTER, heard_at=0)):
        assert documents.read_shelter("berk", documents.shelter_document(shelter)) == shelter


def test_a_unit_comes_back() -> None:
    """A unit, full and bare, is read as it was written, to the nanosecond."""
    for unit in (UNIT, UnitPicture("u1"), replace(UNIT, closed=None, held=None, stays=())):
        assert documents.read_unit(documents.unit_document(unit)) == unit


def test_a_hold_comes_back() -> None:
    """A hold is read as it was written, whatever became of it."""
    for hold in (HOLD, replace(HOLD, status="refused", unit=None, reason="no_free_unit", declined_because=None)):
        assert documents.read_hold(documents.hold_document(hold)) == hold


def test_equal_state_is_equal_bytes() -> None:
    """What was read is written again as the same bytes, so that `plek verify` may compare them."""
    shelter, unit, hold = documents.shelter_document(SHELTER), documents.unit_document(UNIT), documents.hold_document(HOLD)
    assert documents.shelter_document(documents.read_shelter("berk", shelter)) == shelter
    assert documents.unit_document(documents.read_unit(unit)) == unit
    assert documents.hold_document(documents.read_hold(hold)) == hold


@given(logs())
def test_a_partition_comes_back(log: list[Record]) -> None:
    """The hashes of a partition give back every shelter with its units in byte order, and every hold under its names."""
    for entries in played.read(log).values():
        shelters = played.fold(entries.records).shelters
        written = {name: documents.shelter_document(shelter.picture) for name, shelter in shelters.items()}
        units = {f"{at}/{unit}": documents.unit_document(drawn) for at, of in shelters.items() for unit, drawn in of.picture.units.items()}
        kept = {(at, name): hold for at, of in shelters.items() for name, hold in of.holds.items()}
        read = documents.read_shelters(written, units)
        assert read == {name: shelter.picture for name, shelter in shelters.items()}
        assert all(list(picture.units) == sorted(picture.units) for picture in read.values())
        assert documents.read_holds({"/".join(at): documents.hold_document(hold) for at, hold in kept.items()}) == kept
