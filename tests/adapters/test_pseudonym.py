"""Pseudonyms: the same person under the same key, and nobody without it."""

import re

from services.adapters.pseudonym import Pseudonyms


def test_two_services_with_one_key_mean_the_same_person() -> None:
    """Of the contract's form, different for each person."""
    one, other = Pseudonyms("key"), Pseudonyms("key")
    assert one.asked_by("w1") == other.asked_by("w1") != one.asked_by("w2")
    assert re.fullmatch("[0-9a-f]{16,64}", one.asked_by("w1"))


def test_without_a_key_nobody_can_work_it_out() -> None:
    """A key is made up at start, and differs from every other."""
    assert Pseudonyms(None).asked_by("w1") != Pseudonyms(None).asked_by("w1")
