"""Pseudonyms: the same caller under the same key, and not computable without it."""

import re

from services.adapters.auth.pseudonyms import Pseudonyms
from services.domain.events.value_types import UUID


def test_two_services_with_one_key_mean_the_same_person() -> None:
    """Two services with one key give a caller the same pseudonym, of the contract's form, and each caller another."""
    one, other = Pseudonyms("key"), Pseudonyms("key")
    assert one.asked_by("w1") == other.asked_by("w1") != one.asked_by("w2")
    assert re.fullmatch("[0-9a-f]{16,64}", one.asked_by("w1"))


def test_without_a_key_pseudonyms_are_of_one_process() -> None:
    """Without a key each process derives from a random one."""
    assert Pseudonyms(None).asked_by("w1") != Pseudonyms(None).asked_by("w1")


def test_a_request_sent_again_makes_the_same_ids() -> None:
    """A request that is sent again gives the same ids, of the contract's form; another caller, route, key, noun or secret gives others."""
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
    """Without an idempotency key two requests are two attempts."""
    pseudonyms = Pseudonyms("key")
    assert pseudonyms.attempt("w1", "POST /v1/holds", None).id("hold") != pseudonyms.attempt("w1", "POST /v1/holds", None).id("hold")


def test_a_sealing_key_is_for_one_purpose() -> None:
    """A sealing key has 32 bytes, is the same in each service with the secret, and differs for each purpose."""
    assert len(Pseudonyms("key").sealing_key("offers")) == 32
    assert Pseudonyms("key").sealing_key("offers") == Pseudonyms("key").sealing_key("offers") != Pseudonyms("key").sealing_key("others")
