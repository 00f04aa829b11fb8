"""Documents of the view: equal state gives equal bytes, and every snapshot and hold is read back whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hypothesis import given

from services.adapters.schemas.examples import example
from services.adapters.view import shelter_documents
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import Closing, Discrepancy, Held, Paused, ShelterSnapshot, StaySnapshot, UnitSnapshot
from services.domain.events.catalog import ShelterRegistered
from tests import played
from tests.reference.log import Record
from tests.strategies import logs

REGISTRATION: Final = example(ShelterRegistered).data
SHELTER: Final = ShelterSnapshot(
    shelter="berk",
    registration=REGISTRATION if isinstance(REGISTRATION, ShelterRegistered) else None,
    heard_at=1_772_409_600_000,
    paused=Paused("safety", 9_007_199_254_740_993),
    discrepancy=Discrepancy(1, 2),
)
UNIT: Final = UnitSnapshot(
    unit="u1",
    kind="crisis",
    overflow=True,
    max_adults=1,
    max_children=2,
    beds=3,
    features=("cot", "pets"),
    stays=(StaySnapshot("a", 1, 2, 1_772_409_600_123_456_789, None), StaySnapshot("b", 1, 0, -1, 5)),
    closed=Closing("other", -50_400_000_000_000),
    held=Held("h", 7),
)
HOLD: Final = HoldFacts(
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
    """A shelter, full and bare, is read as it was written, without its units."""
    for shelter in (SHELTER, ShelterSnapshot("berk"), replace(SHELTER, paused=None), replace(SHELTER, heard_at=0)):
        assert shelter_documents.read_shelter("berk", shelter_documents.shelter_document(shelter)) == shelter


def test_a_unit_comes_back() -> None:
    """A unit, full and bare, is read as it was written, to the nanosecond."""
    for unit in (UNIT, UnitSnapshot("u1"), replace(UNIT, closed=None, held=None, stays=())):
        assert shelter_documents.read_unit(shelter_documents.unit_document(unit)) == unit


def test_a_hold_comes_back() -> None:
    """A hold is read as it was written, whatever its status."""
    for hold in (HOLD, replace(HOLD, status="refused", unit=None, reason="no_free_unit", declined_because=None)):
        assert shelter_documents.read_hold(shelter_documents.hold_document(hold)) == hold


def test_equal_state_is_equal_bytes() -> None:
    """What was read is written again as the same bytes, so that `plek verify` may compare them."""
    shelter, unit, hold = (
        shelter_documents.shelter_document(SHELTER),
        shelter_documents.unit_document(UNIT),
        shelter_documents.hold_document(HOLD),
    )
    assert shelter_documents.shelter_document(shelter_documents.read_shelter("berk", shelter)) == shelter
    assert shelter_documents.unit_document(shelter_documents.read_unit(unit)) == unit
    assert shelter_documents.hold_document(shelter_documents.read_hold(hold)) == hold


@given(logs())
def test_a_partition_comes_back(log: list[Record]) -> None:
    """The hashes of a partition give back every shelter with its units in byte order, and every hold by its name."""
    for entries in played.read(log).values():
        shelters = played.fold(entries.records).shelters
        written = {name: shelter_documents.shelter_document(shelter.snapshot) for name, shelter in shelters.items()}
        units = {
            f"{at}/{unit}": shelter_documents.unit_document(drawn)
            for at, of in shelters.items()
            for unit, drawn in of.snapshot.units.items()
        }
        kept = {(at, name): hold for at, of in shelters.items() for name, hold in of.holds.items()}
        read = shelter_documents.read_shelters(written, units)
        assert read == {name: shelter.snapshot for name, shelter in shelters.items()}
        assert all(list(picture.units) == sorted(picture.units) for picture in read.values())
        assert shelter_documents.read_holds({"/".join(at): shelter_documents.hold_document(hold) for at, hold in kept.items()}) == kept
