"""Offers, holds and open cases on a terminal: in words, nothing cut off at eighty columns, and whole ids to type over."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from services.adapters.regions import read_regions
from services.cli.options.region_names import RegionNames
from services.cli.output import hold_cards, offer_cards
from services.cli.output.clock_text import clock, clock_after, countdown
from services.cli.output.wrapped_lines import wrap_for
from services.cli.worker import case_tables

ID = "66506084-1e18-45f9-b357-57fe640f84d3"
UNTIL = "2026-03-14T03:30:00Z"
NAMES = RegionNames(read_regions())
OFFER: dict[str, Any] = {
    "offer": "sealed",
    "area": "R07+R29",
    "regions": [{"code": "R07", "name": "Breda"}, {"code": "R29", "name": "Tilburg"}],
    "distance_km": {"from": 20, "to": 45},
    "kind": "crisis",
    "size": "3-4",
    "fit": "exact",
    "has": {"features": ["wheelchair"], "services": [], "languages": ["ti"]},
    "lacks": {"features": ["cot"], "services": [], "languages": []},
    "freshness": "fresh",
    "age_hours": 0,
    "same": 1,
}
FOUND: dict[str, Any] = {
    "as_of": UNTIL,
    "degraded": False,
    "can_hold": True,
    "search": "sealed",
    "offers": [OFFER, OFFER | {"same": 2, "distance_km": None, "has": {}, "lacks": {}}],
    "offers_until": UNTIL,
    "offers_left": 7,
    "more": "3+",
    "misses": [],
    "call_first": {"shelters": "none"},
}


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the terminal eighty columns."""
    monkeypatch.setenv("COLUMNS", "80")


def drawn(lines: Iterable[str]) -> str:
    """Return lines as they are printed where no colour is; none is wider than the terminal."""
    shown = list(_plain(lines))
    assert max(map(len, shown), default=0) <= 80
    assert not any("…" in line for line in shown)
    return "\n".join(shown)


def _plain(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        for part in line.split("\n"):
            text = part
            while "\x1b[" in text:
                before, _, after = text.partition("\x1b[")
                text = before + after.partition("m")[2]
            yield text


def test_a_card_describes_an_offer() -> None:
    """A card has regions by name, a distance, kind, size and fit in words, an age, and which needs are met or lacking."""
    shown = drawn(offer_cards.offer_lines(FOUND, NAMES))
    for words in (
        " 1  Breda, Tilburg · 20 to 45 km",
        "crisisopvang (crisis) · for 3 or 4 persons, fits exactly",
        "heard of within 8 h · has wheelchair, Tigrinya · lacks cot",
        "2 such places",
        "3+ more that fit: plek find --more (7 of nine offers left for this household)",
        "plek hold 1",
    ):
        assert words in shown
    assert "R07" not in shown


def test_the_order_of_offers_is_explained() -> None:
    """One line explains the order of several offers, because the nearest is not always first; a single offer has none."""
    order = "First what fits most closely, then what was heard of last, then what is nearest."
    assert order in drawn(offer_cards.offer_lines(FOUND, NAMES))
    assert order not in drawn(offer_cards.offer_lines(FOUND | {"offers": [OFFER]}, NAMES))


def test_without_offers_the_next_steps_are_named() -> None:
    """Without offers one line has the verbs to phone, to log a hotel and to join a waiting list."""
    shown = drawn(offer_cards.offer_lines(FOUND | {"offers": [], "more": "none"}, NAMES))
    assert "Next: `plek duty` to phone, `plek fallback` for a hotel, or `plek waiting-list`." in shown


def test_nine_offers_are_the_last_of_a_household() -> None:
    """After nine offers it says that more fits but none is shown, and what to type."""
    shown = drawn(offer_cards.offer_lines(FOUND | {"offers": [], "why_none": "chain_used_up"}, NAMES))
    assert "Nothing that fits" not in shown
    assert "plek end-search unknown" in shown.replace("\n  ", " ")


def test_earlier_offers_can_still_be_held() -> None:
    """A refinement without offers says how many earlier ones can still be held, and until when."""
    assert offer_cards.kept_offers(3, UNTIL).startswith("Nothing new fits; the 3 offers of before can still be held until ")


def test_the_next_offers_are_numbered_on() -> None:
    """`--more` shows offers 4 and 5, and says to hold 4."""
    shown = drawn(offer_cards.offer_lines(FOUND, NAMES, 4))
    assert " 4  Breda" in shown
    assert " 5  Breda" in shown
    assert "plek hold 4" in shown


def test_a_near_miss_is_in_words() -> None:
    """Where nothing fits, a near miss names in words the one condition that fails and what is lacking."""
    miss = {
        "condition": "features",
        "area": "R07",
        "regions": [{"code": "R07", "name": "Breda"}],
        "kind": "crisis",
        "lacks": {"features": ["cot"]},
    }
    shown = drawn(offer_cards.offer_lines(FOUND | {"offers": [], "more": "none", "misses": [miss]}, NAMES))
    assert "Nothing that fits is free." in shown
    assert "Nearly fits: Breda · crisisopvang (crisis); but lacks cot" in shown


def test_offers_that_can_not_be_held_name_the_duty_list() -> None:
    """While the log is away an answer says that nothing can be held, and which verb has the numbers."""
    shown = drawn(offer_cards.offer_lines(FOUND | {"can_hold": False, "degraded": True}, NAMES))
    assert "Nothing can be held now: phone, `plek duty` has the numbers" in shown
    assert "DEGRADED" in shown
    assert "plek hold" not in shown


def test_call_first_numbers_those_that_can_be_held() -> None:
    """A shelter that can be held by number has the next number, one that can only be called has none."""
    call = {"offer": "sealed", "region": "R07", "intake_phone": "0800-000001", "kind": "crisis", "age_hours": None}
    listed = {"shelters": "1-2", "listed": [call, call | {"offer": None}]}
    shown = drawn(offer_cards.offer_lines(FOUND | {"call_first": listed}, NAMES))
    assert " 3  call first 0800-000001 · Breda (R07)" in shown
    assert "    call first 0800-000001" in shown


HOLD: dict[str, Any] = {
    "hold": ID,
    "status": "granted",
    "accepted": True,
    "intake_phone": "0800-000069",
    "region": "R22",
    "kind": "follow_up",
    "until": UNTIL,
    "adults": 1,
    "children": 2,
    "mine": True,
}


def test_a_live_hold_is_listed_with_whom_to_call() -> None:
    """A hold has the beginning of its id, household, region by name, kind in words and the number."""
    shown = drawn(hold_cards.hold_lines([HOLD], NAMES))
    assert shown.startswith("66506084  accepted by the shelter, held until ")
    for words in ("household 1+2", "Hilversum (R22)", "vervolgopvang (follow-up)", "call 0800-000069"):
        assert words in shown


@pytest.mark.parametrize(
    ("hold", "words"),
    [
        ({"status": "expired"}, "the time ran out"),
        ({"status": "declined", "declined_because": "no_staff"}, "declined by the shelter: no staff"),
        ({"status": "overtaken"}, "a household was admitted there: phone the shelter"),
        ({"status": "overtaken", "why_en": "a household of this size was admitted there: phone"}, "of this size was admitted there: phone"),
        ({"status": "granted", "accepted": False}, "waits for the shelter, held until"),
    ],
)
def test_the_status_of_a_hold_is_in_words(hold: dict[str, Any], words: str) -> None:
    """Why a hold ended is a sentence, in the API's words where it has any, and its household stays."""
    shown = drawn(hold_cards.hold_lines([HOLD | {"intake_phone": None} | hold], NAMES))
    assert words in shown
    assert "household 1+2" in shown


def test_a_hold_of_a_colleague_names_the_verb() -> None:
    """A live hold of a colleague is listed with the command that takes it over; one that is over is not."""
    assert "of a colleague: plek take-over 66506084" in drawn(hold_cards.hold_lines([HOLD | {"mine": False}], NAMES))
    over = drawn(hold_cards.hold_lines([HOLD | {"mine": False, "status": "fulfilled"}], NAMES))
    assert "a colleague took it over" in over
    assert "plek take-over" not in over


def test_the_number_of_a_granted_hold_is_large() -> None:
    """A granted hold has the number to call in three rows of large digits, and once more in one line."""
    shown = drawn(hold_cards.granted_lines(HOLD | {"features": ["cot"]}, NAMES))
    assert hold_cards.large_digits("0800-000069").splitlines()[1].rstrip() in shown
    assert "call 0800-000069, Hilversum (R22), vervolgopvang (follow-up)" in shown
    assert "has cot" in shown


def test_a_waiting_hold_has_its_whole_id() -> None:
    """A hold that waits for a shelter is listed with its whole id, which `plek accept` takes."""
    asked = {"hold": ID, "unit": "u" * 40, "adults": 1, "children": 2, "desk": "d" * 20, "until": UNTIL}
    assert ID in drawn(hold_cards.waiting_lines([{"shelter": "s" * 30, "holds_waiting": [asked]}]))


def test_a_coordinator_reads_how_long_a_hold_waits() -> None:
    """A hold that waits in a coordinator's region is listed with its shelter, minutes, household, region by name and the desk to phone."""
    hold = {"hold": ID, "shelter": "berk", "region": "R07", "unit": "u1", "desk": "crisis-oost", "adults": 1, "children": 2}
    shown = drawn(hold_cards.unanswered_lines([hold | {"until": UNTIL, "minutes_waiting": 16}], NAMES))
    assert "berk, unit u1: waits for 16 min" in shown
    assert "household 1+2 · Breda (R07) · desk crisis-oost · held until " in shown
    assert drawn(hold_cards.unanswered_lines([], NAMES)).strip() == "No hold waits for the answer of a shelter"


def test_a_time_of_another_day_has_its_day() -> None:
    """A time of another day has its day beside it: an accepted hold is kept for twelve hours."""
    until = datetime.fromisoformat(UNTIL).astimezone()
    for hours, text in ((0, f"{until:%H:%M}"), (25, f"{until:%a %d %b %H:%M}")):
        assert clock(UNTIL, round((until - timedelta(hours=hours)).timestamp() * 1_000)) == text


def test_a_wait_is_a_clock_time() -> None:
    """85 seconds after 03:10:50 is 03:13, rounded up: a time from which something works is never too early."""
    now = round(datetime(2026, 3, 14, 3, 10, 50).astimezone().timestamp() * 1_000)
    assert clock_after(85, now) == "03:13"


def test_a_countdown_ends_at_zero() -> None:
    """What is left of a hold is in minutes and seconds, and never negative."""
    until = round(datetime.fromisoformat(UNTIL).timestamp() * 1_000)
    assert [countdown(UNTIL, until - ms) for ms in (1_800_000, 61_000, 0, -5_000)] == ["30:00", "1:01", "0:00", "0:00"]
    assert countdown(UNTIL, until - 3_661_000) == "1:01:01"


def test_an_open_case_has_its_whole_id() -> None:
    """An open case is listed with its whole id, which `plek fallback end` takes, and its region by name."""
    case = {"fallback": ID, "accommodation": "holiday_park", "region": "R01", "reason": "nothing_fitting", "adults": 1, "children": 2}
    found = {"as_of": UNTIL, "degraded": False, "fallbacks": [case | {"occurred_at": UNTIL}]}
    shown = drawn(case_tables.case_lines(found, "fallbacks", ("fallback", "accommodation", "region", "reason"), NAMES))
    assert ID in shown
    assert "1+2 · holiday park · Alkmaar (R01) · nothing fitting · " in shown


class _Terminal(StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def test_a_long_line_is_not_torn_at_a_terminal() -> None:
    """A long line is wrapped between words for a terminal, and stays one line for a program."""
    line = "plek: A rate limit is reached; again from 23:50; or at once with --urgent REASON, which is recorded: many_households, other"
    lines = wrap_for(_Terminal(), line).split("\n")
    assert max(map(len, lines)) <= 80
    assert " ".join(part.strip() for part in lines) == line
    assert wrap_for(StringIO(), line) == line
