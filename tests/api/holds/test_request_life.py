"""The life of a request for a hold, with values: its states, the steps from each, and what is charged."""

from dataclasses import replace
from typing import get_args

import pytest

from services.api.holds.request_life import LIFE, NEAR_MS, SHOWN_MS, WAITS_MS, PendingHold, State, Step, is_charged, requested

NOW = 1_000_000
REQUEST = requested("h1", "berk", "f" * 16, NOW)
GIVEN_UP = replace(REQUEST, given_up=True)


def test_every_state_is_in_the_table_and_leads_to_states() -> None:
    """The table has each state once, and names no step and no state that does not exist."""
    assert set(LIFE) == set(get_args(State))
    assert {step for steps in LIFE.values() for step in steps} == set(get_args(Step))
    assert {state for steps in LIFE.values() for state in steps.values()} <= set(get_args(State))


@pytest.mark.parametrize(
    ("request_", "later_ms", "state"),
    [
        (REQUEST, 0, "pending"),
        (REQUEST, WAITS_MS - NEAR_MS, "pending"),
        (REQUEST, WAITS_MS - NEAR_MS + 1, "closing"),
        (REQUEST, WAITS_MS, "due"),
        (GIVEN_UP, 0, "abandoned"),
        (GIVEN_UP, WAITS_MS, "outdated"),
        (replace(REQUEST, waits=False), WAITS_MS, "settled"),
    ],
)
def test_the_state_follows_from_the_clock(request_: PendingHold, later_ms: int, state: State) -> None:
    """A request is pending for 58 seconds, closing for two, and then due; one that was given up is outdated after its time."""
    assert request_.state(NOW + later_ms) == state


def test_a_request_that_is_read_waits_a_minute_longer() -> None:
    """Reading an undecided request prolongs it, and does not when it is about to be given up."""
    later = NOW + WAITS_MS - NEAR_MS
    assert REQUEST.after("read", later).due == later + WAITS_MS
    assert not REQUEST.can("read", later + 1)


def test_a_request_is_never_both_confirmed_and_given_up() -> None:
    """There is no instant at which both steps can be taken."""
    steps = [(REQUEST.can("confirm", NOW + ms), REQUEST.can("abandon", NOW + ms)) for ms in range(0, 2 * WAITS_MS, 500)]
    assert set(steps) == {(True, False), (False, False), (False, True)}


def test_an_abandoned_request_is_remembered_for_a_day() -> None:
    """A request that is given up is shown as such for a day, and then forgotten."""
    abandoned = REQUEST.after("abandon", NOW + WAITS_MS)
    assert (abandoned.given_up, abandoned.due) == (True, NOW + WAITS_MS + SHOWN_MS)
    assert not abandoned.can("forget", abandoned.due - 1)
    assert abandoned.can("forget", abandoned.due)
    assert not abandoned.after("forget", abandoned.due).waits


def test_a_step_that_cannot_be_taken_is_an_error() -> None:
    """A request that was given up is not confirmed."""
    with pytest.raises(KeyError):
        GIVEN_UP.after("confirm", NOW)


@pytest.mark.parametrize(
    ("stored", "charged"),
    [(None, False), (REQUEST, True), (replace(REQUEST, waits=False), True), (replace(REQUEST, paid=False), False), (GIVEN_UP, False)],
)
def test_the_same_request_is_charged_once(stored: PendingHold | None, charged: bool) -> None:  # noqa: FBT001  a column of the table
    """A request that was made is not charged again, unless it was refunded or given up."""
    assert is_charged(stored) is charged
