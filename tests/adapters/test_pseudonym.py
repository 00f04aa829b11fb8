"""Pseudonyms: the same person under the same key, and nobody without it."""

import re

from services.adapters.pseudonym import Pseudonyms
from services.domain.values import UUID


def test_two_services_with_one_key_mean_the_same_person() -> None:
    """Of the contract's form, different for each person."""
    one, other = Pseudonyms("key"), Pseudonyms("key")
    assert one.asked_by("w1") == other.asked_by("w1") != one.asked_by("w2")
    assert re.fullmatch("[0-9a-f]{16,64}", one.asked_by("w1"))


def test_without_a_key_nobody_can_work_it_out() -> None:
    """A key is made up at start, and differs from every other."""
    assert Pseudonyms(None).asked_by("w1") != Pseudonyms(None).asked_by("w1")


def test_a_request_sent_again_makes_the_same_ids() -> None:
    """Of the contract's form; another person, route, key, noun or secret makes another."""
    first = Pseudonyms("key").attempt("w1", "POST /v1/holds", "k1").id("hold")
    assert re.fullmatch(UUID.pattern, first)
    assert Pseudonyms("key").attempt("w1", "POST /v1/holds", "k1").id("hold") == first
    others = [
        Pseudonyms("key").attempt("w2", "POST /v1/holds", "k1").id("hold"),
        Pseudonyms("key").attempt("w1", "POST /v1/searches", "k1").id("hold"),
        Pseudonyms("key").attempt("w1", "POST /v1/holds", "k2").id("hold"),
        Pseudonyms("key").attempt("w1", "POST /v1/holds", "k1").id("search"),
        Pseudonyms("yek").attempt("w1", "POST /v1/holds", "k1").id("hold"),
    ]
    assert len({first, *others}) == 6


def test_without_an_idempotency_key_no_two_requests_are_the_same() -> None:
    """A key is made up for each."""
    pseudonyms = Pseudonyms("key")
    assert pseudonyms.attempt("w1", "POST /v1/holds", None).id("hold") != pseudonyms.attempt("w1", "POST /v1/holds", None).id("hold")


def test_a_sealing_key_is_for_one_purpose() -> None:
    """32 bytes, the same for each service with the secret, others for another purpose."""
    assert len(Pseudonyms("key").sealing_key("offers")) == 32
    assert Pseudonyms("key").sealing_key("offers") == Pseudonyms("key").sealing_key("offers") != Pseudonyms("key").sealing_key("others")
