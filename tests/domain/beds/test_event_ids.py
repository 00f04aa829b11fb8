"""Names that were seen: known for 400 days, returned once for saving."""

from __future__ import annotations

from services.domain.beds.event_ids import RETENTION_MS, SeenIds, digest


def test_a_name_is_known_for_400_days() -> None:
    """Section 5: 400 days after it was logged, that instant included, a name may come back."""
    names = SeenIds()
    names.add(b"a", 7)
    assert [names.contains(b"a", 7 + later) for later in (0, RETENTION_MS - 1, RETENTION_MS)] == [True, True, False]
    assert not names.contains(b"b", 7)


def test_what_no_longer_stands_is_dropped() -> None:
    """Expiring removes names that no longer count and nothing else, also from those that were not saved yet."""
    names = SeenIds()
    for name, at in ((b"a", 0), (b"b", 1), (b"a", 2)):
        names.add(name, at)
    names.expire(RETENTION_MS + 1)
    assert names.logged_at == names.added == {b"a": 2}


def test_what_was_added_is_returned_once() -> None:
    """A caller that saves names gets each of them once."""
    names = SeenIds()
    names.add(b"a", 1)
    assert names.drain_added() == {b"a": 1}
    assert names.drain_added() == {}
    assert names.contains(b"a", 1)


def test_a_digest_tells_shelter_source_and_id_apart() -> None:
    """No two names share a digest because their parts run together."""
    parts = [("a", "b", "cd"), ("a", "bc", "d"), ("ab", "c", "d"), ("a", "b", "c")]
    assert len({digest(*part) for part in parts}) == len(parts)
    assert {len(digest(*part)) for part in parts} == {16}
