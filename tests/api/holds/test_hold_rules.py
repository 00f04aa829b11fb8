"""What is decided of a worker's holds, with values: who sees one, whether it can be extended, which is one too many, what is answered."""

from dataclasses import replace

import pytest

from services.adapters.auth.authentication import Caller
from services.adapters.regions import read_regions
from services.api.holds.hold_documents import VisibleHold, hold_answer, is_recent
from services.api.holds.manage_holds import is_over_limit, why_not_extended
from services.api.holds.models import DeclineForm
from services.api.holds.owner_store import Owner
from services.api.holds.shelter_response import decline_events
from services.api.holds.visibility import visible
from services.domain.beds.holds import HoldFacts
from services.domain.durations import DAY_MS, MINUTE_MS
from services.domain.events.catalog import HoldDeclined, UnitClosed

NOW = 1_000_000_000
HOLD = HoldFacts(
    hold="h1",
    offset=1,
    status="granted",
    unit="u1",
    reason=None,
    requested_at=NOW,
    until=NOW + 30 * MINUTE_MS,
    adults=1,
    children=2,
    desk="crisis-oost",
    asked_by="first",
)
OWNER = Owner(person="first", regions=("R07",))


def _caller(desk: str | None = "crisis-oost", *regions: str) -> Caller:
    return Caller("w1", "worker", desk=desk, regions=frozenset(regions or ("R07",)))


@pytest.mark.parametrize(
    ("caller", "person", "owner", "now", "mine"),
    [
        (_caller(), "first", None, NOW, True),
        (_caller(), "first", OWNER, NOW, True),
        (_caller(), "second", OWNER, NOW, False),
        (_caller(), "second", OWNER, HOLD.until, None),
        (_caller(), "second", None, NOW, None),
        (_caller("crisis-west"), "second", OWNER, NOW, None),
        (_caller("crisis-oost", "R01"), "second", OWNER, NOW, None),
        (_caller(), "first", replace(OWNER, person="second"), HOLD.until, False),
    ],
)
def test_a_hold_is_seen_by_its_owner_its_requester_and_colleagues_while_it_lives(
    caller: Caller, person: str, owner: Owner | None, now: int, mine: object
) -> None:
    """A colleague is of the same desk and region; the worker who requested a hold sees it also when it was taken over and is over."""
    seen = visible(caller, person, ("berk", HOLD), owner, now)
    assert (seen.mine if seen else None) == mine


@pytest.mark.parametrize(
    ("hold", "later_ms", "kind"),
    [
        (HOLD, 0, "extend-early"),
        (HOLD, 20 * MINUTE_MS - 1, "extend-early"),
        (HOLD, 20 * MINUTE_MS, None),
        (HOLD, 30 * MINUTE_MS - 1, None),
        (HOLD, 30 * MINUTE_MS, "hold-over"),
        (replace(HOLD, extended=True), 20 * MINUTE_MS, "extended-already"),
        (replace(HOLD, status="declined"), 20 * MINUTE_MS, "hold-over"),
    ],
)
def test_a_hold_is_extended_once_in_its_last_ten_minutes(hold: HoldFacts, later_ms: int, kind: str | None) -> None:
    """R11, D5: an extension is refused when it is early, a second one, or of a hold that is over."""
    refusal = why_not_extended(hold, NOW + later_ms)
    assert (refusal.kind if refusal else None) == kind


def test_the_third_hold_that_waits_is_one_too_many() -> None:
    """Of three unanswered holds the one requested last is too many; accepted ones and those that are over do not count."""
    holds = [replace(HOLD, hold=f"h{number}", requested_at=NOW + number) for number in range(3)]
    assert [is_over_limit(hold, holds, NOW) for hold in holds] == [False, False, True]
    for first in (replace(holds[0], accepted=True), replace(holds[0], status="released")):
        assert not is_over_limit(holds[2], [first, *holds[1:]], NOW)


def test_a_granted_hold_is_listed_for_a_day_after_its_end() -> None:
    """A hold that ended is recent for a day; one that was refused is not."""
    assert is_recent(HOLD, HOLD.until + DAY_MS - 1)
    assert not is_recent(HOLD, HOLD.until + DAY_MS)
    assert not is_recent(replace(HOLD, status="refused", unit=None, reason="no_free_unit"), NOW)


def test_without_its_shelter_a_hold_shows_no_place() -> None:
    """While its partition is rebuilt a live hold has null for region, kind and phone."""
    answer = hold_answer(VisibleHold("berk", HOLD, mine=True), None, None, read_regions(), NOW)
    assert (answer.status, answer.region, answer.kind, answer.intake_phone) == ("granted", None, None, None)


def test_a_refused_hold_sets_no_member_of_a_place() -> None:
    """What a refused hold is answered with names no region, kind or phone."""
    refused = replace(HOLD, status="refused", unit=None, reason="intake_paused")
    answer = hold_answer(VisibleHold("berk", refused, mine=True), None, "intake_paused", read_regions(), NOW)
    assert {"region", "kind", "size", "intake_phone", "until"}.isdisjoint(answer.model_fields_set)


def test_a_unit_is_closed_after_its_hold_was_declined() -> None:
    """The decline comes before the closing: else the hold would be overtaken by that (R11)."""
    closing = decline_events(DeclineForm(reason="unit_unfit", close_unit="maintenance"), "berk", HOLD)
    assert [type(event) for event in closing] == [HoldDeclined, UnitClosed]
    assert [type(event) for event in decline_events(DeclineForm(reason="full"), "berk", HOLD)] == [HoldDeclined]
