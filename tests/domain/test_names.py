"""Names that were used: known for 400 days, handed over once to whoever keeps them."""

from __future__ import annotations

from services.domain.names import KEPT_MS, Names, digest


def test_a_name_is_known_for_400_days() -> None:
    """Section 5: 400 days after it was logged, that instant included, a name may come back."""
    names = Names()
    names.add(b"a", 7)
    assert [names.known(b"a", 7 + later) for later in (0, KEPT_MS - 1, KEPT_MS)] == [True, True, False]
    assert not names.known(b"b", 7)


def test_what_no_longer_stands_is_dropped() -> None:
    """Forgetting drops what no longer stands and nothing else, also from what was not saved yet."""
    names = Names()
    for name, at in ((b"a", 0), (b"b", 1), (b"a", 2)):
        names.add(name, at)
    names.forget(KEPT_MS + 1)
    assert names.logged_at == names.added == {b"a": 2}


def test_what_was_added_is_handed_over_once() -> None:
    """Whoever saves names gets each of them one time."""
    names = Names()
    names.add(b"a", 1)
    assert names.take_added() == {b"a": 1}
    assert names.take_added() == {}
    assert names.known(b"a", 1)


def test_a_digest_tells_shelter_source_and_id_apart() -> None:
    """No two names share a digest because their parts run together."""
    parts = [("a", "b", "cd"), ("a", "bc", "d"), ("ab", "c", "d"), ("a", "b", "c")]
    assert len({digest(*part) for part in parts}) == len(parts)
    assert {len(digest(*part)) for part in parts} == {16}
