"""Sealed values: nobody but who sealed them reads them, makes them, or takes one kind for another."""

import string

import pytest

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.sealed_tokens import _STEP, SealedTokens

SEALS = SealedTokens(Pseudonyms("key").sealing_key("offers"))


def test_what_is_sealed_is_opened_by_who_has_the_key() -> None:
    """By another service with the same secret too; twice the same value are two texts."""
    one, other = SEALS.seal("offer", ["berk", 1]), SEALS.seal("offer", ["berk", 1])
    assert SealedTokens(Pseudonyms("key").sealing_key("offers")).open("offer", one) == ["berk", 1]
    assert one != other
    assert "berk" not in one


def test_a_kind_is_no_other_kind() -> None:
    """A search is no offer, and what another secret sealed is neither."""
    sealed = SEALS.seal("offer", 1)
    assert SEALS.open("search", sealed) is None
    assert SealedTokens(Pseudonyms("yek").sealing_key("offers")).open("offer", sealed) is None


def test_a_changed_letter_opens_nothing() -> None:
    """Wherever it stands, also where only bits change that stand for nothing: the last letter of a seal of any length."""
    letters = string.ascii_letters + string.digits + "-_"
    for value in ("berk", "b" * _STEP, ["berk"] * 20):
        sealed = SEALS.seal("offer", value)
        changed = [sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :] for at in range(0, len(sealed), 3)]
        changed += [sealed[:-1] + letter for letter in letters if letter != sealed[-1]]
        assert [SEALS.open("offer", each) for each in changed] == [None] * len(changed)


@pytest.mark.parametrize("text", ["", "A", "AAAA", "!", "é", "A" * 15, "A" * 16, "A" * 39])
def test_what_is_no_seal_opens_nothing(text: str) -> None:
    """Too short, or not of its letters."""
    assert SEALS.open("offer", text) is None
