"""How old a number is (R9), a row a limit."""

from __future__ import annotations

import pytest

from services.domain.freshness import HOUR_MS, Freshness, Limits, freshness, speaks_for


@pytest.mark.parametrize(
    ("heard_at", "now", "found"),
    [
        (0, 0, "fresh"),
        (0, 8 * HOUR_MS - 1, "fresh"),
        (0, 8 * HOUR_MS, "ageing"),
        (0, 24 * HOUR_MS - 1, "ageing"),
        (0, 24 * HOUR_MS, "unknown"),
        (9, 0, "fresh"),
        (None, 0, "unknown"),
    ],
)
def test_a_number_ages(heard_at: int | None, now: int, found: Freshness) -> None:
    """R9: less than 8 h is fresh, less than 24 h ageing, else or never unknown."""
    assert freshness(heard_at, now, Limits()) == found


def test_both_limits_are_settings() -> None:
    """R9: who wants to hear of shelters more often may say so."""
    assert freshness(0, 5, Limits(ageing_ms=5, unknown_ms=6)) == "ageing"


@pytest.mark.parametrize(
    ("source", "speaks"),
    [
        ("urn:plek:shelter:berk:desk-1", True),
        ("urn:plek:shelter:berk:", True),
        ("urn:plek:shelter:berk", False),
        ("urn:plek:shelter:berk2:desk-1", False),
        ("urn:plek:shelter:ber:k:desk-1", False),
        ("urn:plek:coordinator", False),
    ],
)
def test_only_its_own_sources_speak_for_a_shelter(source: str, speaks: bool) -> None:  # noqa: FBT001 - a column of the row
    """R9: the source begins with the shelter's own prefix, colon included."""
    assert speaks_for(source, "berk") is speaks
