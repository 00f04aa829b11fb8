"""Hash chains: an untouched log is intact, and every change of it is found, with its offset."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.audit.hash_chain import Break, ChainLink, Checker, Head
from services.adapters.audit.records import Entry, Link, encode_record, link_of
from services.domain.durations import MINUTE_MS


def log_of(writers: list[int]) -> list[ChainLink]:
    """Make a log: each number is a writer that writes next, a negative one a writer that has lost its chain and begins another."""
    values: list[bytes] = []
    ends: dict[int, Link] = {}
    for number, writer in enumerate(writers):
        who, entry = abs(writer), Entry(at=number, happening="shelters-shown", objects=(("shelter", f"s{number}"),))
        end = ends.get(who)
        if end is None or writer < 0:
            value = encode_record(entry, f"chain-{number}", 0, end or (link_of(values[-1]) if values else None), "plek.test")
        else:
            value = encode_record(entry, end.chain, end.number + 1, end, "plek.test")
        values.append(value)
        ends[who] = link_of(value)
    return [ChainLink(offset, 0, value) for offset, value in enumerate(values)]


LOGS = st.lists(st.integers(-3, 3).filter(bool), min_size=3, max_size=30).map(log_of)


def check(log: list[ChainLink], *heads: Head) -> Break | None:
    """Check a log to its first break."""
    checker = Checker({head.offset: head.hash for head in heads})
    return next((found for kept in log if (found := checker.take(kept))), None) or checker.finish()


def renumbered(log: list[ChainLink], begin: int = 0) -> list[ChainLink]:
    """Give records dense offsets again, as a program that rewrites the topic would."""
    return [replace(kept, offset=offset) for offset, kept in enumerate(log, begin)]


@given(LOGS)
def test_an_untouched_log_is_intact(log: list[ChainLink]) -> None:
    """A log is intact however many programs wrote to it, and however often each began a new chain."""
    assert check(log) is None


@given(LOGS, st.data())
def test_a_removed_record_is_found(log: list[ChainLink], data: st.DataObject) -> None:
    """A record that was removed is found by the gap in the offsets, at the record after it."""
    gone = data.draw(st.integers(0, len(log) - 2))
    found = check(log[:gone] + log[gone + 1 :])
    assert found
    assert found.offset == gone + 1


@given(LOGS, st.data())
def test_a_removed_record_is_found_in_a_rewritten_log(log: list[ChainLink], data: st.DataObject) -> None:
    """A record removed from a rewritten log is found if another record continues it, in its chain or as the beginning of the next."""
    gone = data.draw(st.integers(0, len(log) - 2))
    leaned_on = any(b'"hash":"' + link_of(log[gone].value).hash.encode() in kept.value for kept in log)
    found = check(renumbered(log[:gone] + log[gone + 1 :]))
    assert bool(found) == leaned_on


@given(LOGS, st.data())
def test_a_changed_record_is_found(log: list[ChainLink], data: st.DataObject) -> None:
    """One changed word is found at the next record of the chain, or without one by a recorded head."""
    where = data.draw(st.integers(0, len(log) - 1))
    before = log[where]
    forged = replace(before, value=before.value.replace(b'"outcome":"success"', b'"outcome":"refused"'))
    head = Head(before.offset, link_of(before.value).hash)
    assert check([*log[:where], forged, *log[where + 1 :]], head)
    leaned_on = any(b'"hash":"' + head.hash.encode() in kept.value for kept in log)
    assert bool(check([*log[:where], forged, *log[where + 1 :]])) == leaned_on


@given(LOGS, st.data())
def test_swapped_records_are_found(log: list[ChainLink], data: st.DataObject) -> None:
    """Two records of a chain that were swapped are found, also when each has the offset of the other."""
    chains = [kept for kept in log if sum(link_of(other.value).chain == link_of(kept.value).chain for other in log) > 1]
    if chains:
        one = data.draw(st.sampled_from(chains))
        other = next(kept for kept in log if kept is not one and link_of(kept.value).chain == link_of(one.value).chain)
        swapped = {one.offset: other.value, other.offset: one.value}
        assert check([replace(kept, value=swapped.get(kept.offset, kept.value)) for kept in log])


@given(LOGS, st.data())
def test_an_inserted_record_is_found(log: list[ChainLink], data: st.DataObject) -> None:
    """A copy of a record is found, and so is an invented one that continues no record long after the log began."""
    where = data.draw(st.integers(1, len(log)))
    copy = data.draw(st.sampled_from(log[:where]))
    assert check(renumbered([*log[:where], copy, *log[where:]]))
    invented = encode_record(Entry(at=0, happening="shelters-shown"), "another", 0, None, "plek.test")
    assert check(renumbered([*log[:where], ChainLink(where, 2 * MINUTE_MS, invented), *log[where:]]))


@given(LOGS, st.data())
def test_a_missing_beginning_is_found(log: list[ChainLink], data: st.DataObject) -> None:
    """A log without its first records is broken at the first one that is left."""
    begin = data.draw(st.integers(1, len(log) - 1))
    assert check(log[begin:]) == Break(begin, "the beginning is missing")


@given(LOGS, st.data())
def test_a_missing_end_is_found_by_a_recorded_head(log: list[ChainLink], data: st.DataObject) -> None:
    """A log without its end is broken if a recorded head is in the missing part; the log alone does not show it."""
    checker = Checker()
    assert [checker.take(kept) for kept in log] == [None] * len(log)
    assert checker.head
    end = data.draw(st.integers(0, len(log) - 1))
    assert check(log[:end], checker.head) == Break(len(log) - 1, "the log ends before a recorded head")
    assert check(log, checker.head) is None


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"7", b'{"chain": "a", "number": 0}', b'{"chain": 1, "number": 0, "before": null}'])
def test_other_bytes_are_found(value: bytes) -> None:
    """Bytes in the topic that are no audit record break the log."""
    assert check([ChainLink(0, 0, value)]) == Break(0, "not a record of the audit log")


def test_programs_that_start_together_may_both_continue_no_record() -> None:
    """A chain may continue no record within a minute of the first record, and not later."""
    entry = Entry(at=0, happening="chain-begun")
    for late, broken in ((MINUTE_MS, False), (MINUTE_MS + 1, True)):
        log = [
            ChainLink(0, 0, encode_record(entry, "a", 0, None, "plek.api")),
            ChainLink(1, late, encode_record(entry, "b", 0, None, "plek.gateway")),
        ]
        assert bool(check(log)) == broken
