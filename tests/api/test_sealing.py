"""Sealed values: nobody but who sealed them reads them, makes them, or takes one kind for another."""

import pytest

from services.adapters.pseudonym import Pseudonyms
from services.api.sealing import Seals

SEALS = Seals(Pseudonyms("key").sealing_key("offers"))


def test_what_is_sealed_is_opened_by_who_has_the_key() -> None:
    """By another service with the same secret too; twice the same value are two texts."""
    one, other = SEALS.seal("offer", ["berk", 1]), SEALS.seal("offer", ["berk", 1])
    assert Seals(Pseudonyms("key").sealing_key("offers")).open("offer", one) == ["berk", 1]
    assert one != other
    assert "berk" not in one


def test_a_kind_is_no_other_kind() -> None:
    """A search is no offer, and what another secret sealed is neither."""
    sealed = SEALS.seal("offer", 1)
    assert SEALS.open("search", sealed) is None
    assert Seals(Pseudonyms("yek").sealing_key("offers")).open("offer", sealed) is None


def test_a_changed_letter_opens_nothing() -> None:
    """Wherever it stands."""
    sealed = SEALS.seal("offer", ["berk", 1])
    for at in range(0, len(sealed) - 2, 3):
        changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        assert SEALS.open("offer", changed) is None


@pytest.mark.parametrize("text", ["", "A", "AAAA", "!", "é", "A" * 15, "A" * 16, "A" * 39])
def test_what_is_no_seal_opens_nothing(text: str) -> None:
    """Too short, or not of its letters."""
    assert SEALS.open("offer", text) is None
