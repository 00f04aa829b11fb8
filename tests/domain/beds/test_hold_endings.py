"""Why a hold ended, from the hold and the state of its unit."""

from dataclasses import replace

import pytest

from services.domain.beds.hold_endings import Ending, why_ended
from services.domain.beds.holds import HoldFacts, Refusal
from services.domain.beds.shelter_snapshot import Closing, ShelterSnapshot, StaySnapshot, UnitSnapshot

NOW = 1_700_000_000_000
MINUTE = 60_000
HOLD = HoldFacts(
    hold="h1",
    offset=1,
    status="granted",
    unit="u1",
    reason=None,
    requested_at=NOW,
    until=NOW + 30 * MINUTE,
    adults=1,
    children=2,
    desk="crisis-oost",
    asked_by="a" * 16,
)
OVERTAKEN = replace(HOLD, status="overtaken")


def _shelter(*stays: tuple[int, int, int], declared: bool = True, closed: bool = False) -> ShelterSnapshot:
    """Make a shelter with the unit of the hold; a stay is adults, children, and when it began after the hold's request (ms)."""
    there = tuple(
        StaySnapshot(f"s{each}", adults, children, (NOW + at) * 1_000_000, None) for each, (adults, children, at) in enumerate(stays)
    )
    unit = UnitSnapshot("u1", kind="crisis" if declared else None, stays=there, closed=Closing("cleaning", None) if closed else None)
    return ShelterSnapshot("berk", units={"u1": unit})


@pytest.mark.parametrize(
    ("shelter", "why"),
    [
        (_shelter((1, 2, 0)), "admitted_same_size"),
        (_shelter((1, 2, -NOW % MINUTE - MINUTE)), "admitted_same_size"),
        (_shelter((1, 2, 30 * MINUTE - 1)), "admitted_same_size"),
        (_shelter((1, 2, 30 * MINUTE)), "admitted_other"),
        (_shelter((1, 2, -2 * MINUTE)), "admitted_other"),
        (_shelter((1, 1, 0)), "admitted_other"),
        (_shelter((2, 1, 0)), "admitted_other"),
        (_shelter((1, 1, -MINUTE), (1, 2, 0)), "admitted_same_size"),
        (_shelter((1, 1, 0), declared=False), "admitted_other"),
        (_shelter(closed=True), "unit_closed"),
        (_shelter(declared=False), "unit_withdrawn"),
        (_shelter(), "unit_unavailable"),
        (ShelterSnapshot("berk"), "unit_withdrawn"),
        (None, "unit_unavailable"),
    ],
)
def test_why_a_hold_was_overtaken(shelter: ShelterSnapshot | None, why: Ending) -> None:
    """An overtaken hold ended by an admission of its size while it was live, another admission, a closing, a withdrawal, or unknown."""
    assert why_ended(OVERTAKEN, shelter, NOW) == why


def test_a_live_hold_has_not_ended() -> None:
    """A granted hold has ended when its time is over, that instant included."""
    assert why_ended(HOLD, None, HOLD.until - 1) is None
    assert why_ended(HOLD, None, HOLD.until) == "expired"


@pytest.mark.parametrize("reason", ["unknown_shelter", "intake_paused", "no_free_unit"])
def test_a_refused_request_ended_with_its_reason(reason: Refusal) -> None:
    """A refused request ended with the reason of the log."""
    assert why_ended(replace(HOLD, status="refused", unit=None, reason=reason), None, NOW) == reason


@pytest.mark.parametrize(("because", "why"), [("safety", "declined_safety"), ("full", "declined_full"), (None, "declined_other")])
def test_a_declined_hold_ended_with_the_shelters_reason(because: str | None, why: Ending) -> None:
    """A declined hold ended with the shelter's reason; one without a known reason with `declined_other`."""
    assert why_ended(replace(HOLD, status="declined", declined_because=because), None, NOW) == why
