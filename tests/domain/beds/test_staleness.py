"""Age of a shelter (R9), a row a limit."""

from __future__ import annotations

import pytest

from services.domain.beds.staleness import Freshness, StalenessLimits, freshness, speaks_for
from services.domain.durations import HOUR_MS


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
def test_a_shelter_ages(heard_at: int | None, now: int, found: Freshness) -> None:
    """R9: a shelter heard of less than 8 h ago is fresh, less than 24 h ago ageing, else or never unknown."""
    assert freshness(heard_at, now, StalenessLimits()) == found


def test_both_limits_are_settings() -> None:
    """R9: both limits can be set to other values."""
    assert freshness(0, 5, StalenessLimits(ageing_ms=5, unknown_ms=6)) == "ageing"


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
    """R9: a source counts as hearing of a shelter when it begins with the shelter's own prefix, colon included."""
    assert speaks_for(source, "berk") is speaks
