"""Which position follows on which, and what a write says in the feed: the rules that every view and every reader has alike."""

from dataclasses import replace
from typing import Any

import pytest

from services.adapters.view.ports import Position, Write

_AT = Position(offset=9, fingerprint="7:1000:ab", rebuild_until=10)


@pytest.mark.parametrize(("until", "rebuilding"), [(9, False), (10, False), (11, True)])
def test_a_view_is_rebuilt_up_to_the_end_at_assignment(until: int, *, rebuilding: bool) -> None:
    """A view that has folded the last record that was there at assignment is not on its way any more."""
    assert replace(_AT, rebuild_until=until).rebuilding is rebuilding


@pytest.mark.parametrize(
    ("changes", "follows"),
    [
        ({}, True),
        ({"offset": 12}, True),
        ({"swept_at": 5, "alive_at": 6, "clock": 7}, True),
        ({"offset": 8, "rebuild_until": 9}, False),
        ({"fold_version": 99}, False),
        ({"fingerprint": "7:1000:cd"}, False),
        ({"rebuild_until": 8}, False),
        ({"offset": 12, "rebuild_until": 99}, False),
    ],
)
def test_what_follows_stands_in_the_feed(changes: dict[str, Any], *, follows: bool) -> None:
    """A position follows on another of the same log, fold and owner that is not ahead of it; of any other the view is read whole."""
    assert replace(_AT, **changes).follows(_AT) is follows


def test_nothing_follows_on_what_is_not_whole() -> None:
    """On no position, and on one that is still on its way, nothing follows: its changes are in no feed."""
    half = replace(_AT, rebuild_until=11)
    assert not _AT.follows(None)
    assert not replace(_AT, offset=12, rebuild_until=11).follows(half)
    assert not replace(_AT, offset=8, rebuild_until=9).follows(_AT)
    assert replace(_AT, offset=9).follows(replace(_AT, offset=9))


def test_a_position_that_went_back_follows_on_none() -> None:
    """A view of the same log and owner that stands further back was emptied: what it had is in no feed."""
    later = replace(_AT, offset=12)
    assert (_AT.follows(later), later.follows(_AT)) == (False, True)


def test_the_first_record_of_a_log_makes_no_other_log() -> None:
    """A position without a fingerprint, of a log that was empty, is followed by one with it, and not the other way round."""
    empty = replace(_AT, fingerprint="")
    assert (_AT.follows(empty), empty.follows(_AT)) == (True, False)


def test_the_last_change_of_a_shelter_names_its_holds() -> None:
    """Of two changes of a shelter in one write the later one has its holds, in order; changes keep their order."""
    changes = [(1, "berk"), (1, "els"), (2, "berk"), (2, "den")]
    write = Write(after=0, position=_AT, holds={"berk/h2": b"", "berk/h1": b"", "els/h3": b""}, changes=changes)
    assert write.feed() == [(1, "berk", ()), (1, "els", ("h3",)), (2, "berk", ("h1", "h2")), (2, "den", ())]
