"""The chain: a log that nobody touched holds together, and whatever is done to it behind our back shows, and where."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.audit.chain import Break, Checker, Head, Kept
from services.adapters.audit.records import Entry, Link, link_of, written

MINUTE_MS = 60_000


def log_of(writers: list[int]) -> list[Kept]:
    """Make a log: each number is a writer that writes next, a negative one a writer that has lost its chain and begins another."""
    values: list[bytes] = []
    ends: dict[int, Link] = {}
    for number, writer in enumerate(writers):
        who, entry = abs(writer), Entry(at=number, happening="shelters-shown", objects=(("shelter", f"s{number}"),))
        end = ends.get(who)
        if end is None or writer < 0:
            value = written(entry, f"chain-{number}", 0, end or (link_of(values[-1]) if values else None), "plek.test")
        else:
            value = written(entry, end.chain, end.number + 1, end, "plek.test")
        values.append(value)
        ends[who] = link_of(value)
    return [Kept(offset, 0, value) for offset, value in enumerate(values)]


LOGS = st.lists(st.integers(-3, 3).filter(bool), min_size=3, max_size=30).map(log_of)


def check(log: list[Kept], *heads: Head) -> Break | None:
    """Check a log to its first break."""
    checker = Checker({head.offset: head.hash for head in heads})
    return next((found for kept in log if (found := checker.take(kept))), None) or checker.finish()


def moved(log: list[Kept], begin: int = 0) -> list[Kept]:
    """Give records dense offsets again, as somebody who writes the topic anew would."""
    return [replace(kept, offset=offset) for offset, kept in enumerate(log, begin)]


@given(LOGS)
def test_a_log_that_nobody_touched_holds_together(log: list[Kept]) -> None:
    """However many programs wrote to it, and however often each began anew."""
    assert check(log) is None


@given(LOGS, st.data())
def test_what_is_taken_out_shows(log: list[Kept], data: st.DataObject) -> None:
    """By the hole in the offsets, at the record after it."""
    gone = data.draw(st.integers(0, len(log) - 2))
    found = check(log[:gone] + log[gone + 1 :])
    assert found
    assert found.offset == gone + 1


@given(LOGS, st.data())
def test_what_is_taken_out_shows_in_a_log_that_was_written_anew(log: list[Kept], data: st.DataObject) -> None:
    """Where another record goes on from it, in its own chain or as the beginning of the next."""
    gone = data.draw(st.integers(0, len(log) - 2))
    leaned_on = any(b'"hash":"' + link_of(log[gone].value).hash.encode() in kept.value for kept in log)
    found = check(moved(log[:gone] + log[gone + 1 :]))
    assert bool(found) == leaned_on


@given(LOGS, st.data())
def test_what_is_changed_shows(log: list[Kept], data: st.DataObject) -> None:
    """One word of one record, unless it is the last of its chain and nobody began after it: then in the head that was noted."""
    where = data.draw(st.integers(0, len(log) - 1))
    before = log[where]
    forged = replace(before, value=before.value.replace(b'"outcome":"success"', b'"outcome":"refused"'))
    head = Head(before.offset, link_of(before.value).hash)
    assert check([*log[:where], forged, *log[where + 1 :]], head)
    leaned_on = any(b'"hash":"' + head.hash.encode() in kept.value for kept in log)
    assert bool(check([*log[:where], forged, *log[where + 1 :]])) == leaned_on


@given(LOGS, st.data())
def test_two_records_of_a_chain_that_change_places_show(log: list[Kept], data: st.DataObject) -> None:
    """Also when each gets the offset of the other."""
    chains = [kept for kept in log if sum(link_of(other.value).chain == link_of(kept.value).chain for other in log) > 1]
    if chains:
        one = data.draw(st.sampled_from(chains))
        other = next(kept for kept in log if kept is not one and link_of(kept.value).chain == link_of(one.value).chain)
        swapped = {one.offset: other.value, other.offset: one.value}
        assert check([replace(kept, value=swapped.get(kept.offset, kept.value)) for kept in log])


@given(LOGS, st.data())
def test_what_is_put_in_shows(log: list[Kept], data: st.DataObject) -> None:
    """A copy of a record, or one that somebody made up and that goes on from nothing long after the log began."""
    where = data.draw(st.integers(1, len(log)))
    copy = data.draw(st.sampled_from(log[:where]))
    assert check(moved([*log[:where], copy, *log[where:]]))
    invented = written(Entry(at=0, happening="shelters-shown"), "another", 0, None, "plek.test")
    assert check(moved([*log[:where], Kept(where, 2 * MINUTE_MS, invented), *log[where:]]))


@given(LOGS, st.data())
def test_a_beginning_that_is_gone_shows(log: list[Kept], data: st.DataObject) -> None:
    """At the first record that is left."""
    begin = data.draw(st.integers(1, len(log) - 1))
    assert check(log[begin:]) == Break(begin, "the beginning is missing")


@given(LOGS, st.data())
def test_an_end_that_is_gone_shows_by_a_head_that_was_noted(log: list[Kept], data: st.DataObject) -> None:
    """Nothing in the log itself could tell: an auditor keeps the head elsewhere."""
    checker = Checker()
    assert [checker.take(kept) for kept in log] == [None] * len(log)
    assert checker.head
    end = data.draw(st.integers(0, len(log) - 1))
    assert check(log[:end], checker.head) == Break(len(log) - 1, "the log ends before a head that was noted")
    assert check(log, checker.head) is None


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"7", b'{"chain": "a", "number": 0}', b'{"chain": 1, "number": 0, "before": null}'])
def test_what_is_no_record_shows(value: bytes) -> None:
    """Whatever somebody wrote into the topic."""
    assert check([Kept(0, 0, value)]) == Break(0, "not a record of the audit log")


def test_programs_that_start_together_may_both_go_on_from_nothing() -> None:
    """Within a minute of the first record; whoever comes later has something to go on from."""
    entry = Entry(at=0, happening="chain-begun")
    for late, broken in ((MINUTE_MS, False), (MINUTE_MS + 1, True)):
        log = [Kept(0, 0, written(entry, "a", 0, None, "plek.api")), Kept(1, late, written(entry, "b", 0, None, "plek.gateway"))]
        assert bool(check(log)) == broken
