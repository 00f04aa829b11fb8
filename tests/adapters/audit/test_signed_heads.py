"""Signed heads: each attack on a log that was signed is found, by one clear reason, also where the hash chains are whole."""

from dataclasses import replace

import orjson
import pytest

from services.adapters.audit.hash_chain import BEGUN_ANEW, CUT, ERASED_EARLY, REWRITTEN, Break, ChainLink, Checker, Extent, extend
from services.adapters.audit.records import Entry, Link, encode_record, link_of
from services.adapters.audit.signed_heads import HeadChecker, SignedHead, public_key, read_head, sign
from services.domain.durations import DAY_MS, MINUTE_MS

SECRET, OTHER = "1f" * 32, "2e" * 32
TOPIC = "plek.audit"
# Two programs write in turn; a record of one user is in the chain of neither's last record alone
USERS = ("ann", "ben", "ann", "carl", "ben", "ann", "carl", "ben")
NOW = 1_000 * MINUTE_MS


def log_by(users: tuple[str, ...], began: int = 0) -> list[ChainLink]:
    """Make a log in which two programs write in turn, a minute a record: what each user did, in chains that are whole."""
    ends: dict[str, Link] = {}
    links: list[ChainLink] = []
    for number, user in enumerate(users):
        chain = f"chain-{number % 2}"
        before = ends.get(chain)
        entry = Entry(at=began + number * MINUTE_MS, happening="shelters-shown", user=user)
        value = encode_record(entry, chain, before.number + 1 if before else 0, before, "plek.test", f"{number}")
        ends[chain] = link_of(value)
        links.append(ChainLink(number, began + number * MINUTE_MS, value))
    return links


def extent_of(log: list[ChainLink]) -> Extent:
    """Return the extent of a log."""
    extent = None
    for link in log:
        extent = extend(extent, link)
    assert extent
    return extent


def heads_of(log: list[ChainLink], *counts: int, secret: str = SECRET) -> list[SignedHead]:
    """Sign a head after so many records, each."""
    heads: list[SignedHead] = []
    for count in counts:
        heads.append(sign(secret, TOPIC, extent_of(log[:count]), NOW, heads[-1] if heads else None))
    return heads


def check(log: list[ChainLink], *heads: SignedHead, kept_since: int | None = None) -> Break | None:
    """Check a log against signed heads, to its first break."""
    checker = Checker(signed={head.extent.offset: head.extent for head in heads}, kept_since=kept_since)
    return next((found for link in log if (found := checker.take(link))), None) or checker.finish()


LOG = log_by(USERS)
HEADS = heads_of(LOG, 3, 6)
HEAD = HEADS[-1]


@pytest.mark.parametrize("more", [(), ("ann",), ("ben", "ann", "ann")])
def test_a_log_that_went_on_is_like_its_heads(more: tuple[str, ...]) -> None:
    """A log holds what its heads hold, however far it went on since."""
    assert check(log_by(USERS + more), *HEADS) is None


def test_erased_records_are_found_though_all_hashes_are_right() -> None:
    """All records of one user are erased and all hashes computed anew: the chains are whole, and the head is unlike them."""
    erased = log_by((*(user for user in USERS if user != "ben"), "dora", "dora", "dora"))
    assert check(erased) is None
    assert check(erased, HEAD) == Break(HEAD.extent.offset, REWRITTEN)
    assert check(erased, *HEADS) == Break(2, REWRITTEN), "more heads say where it begins"


def test_a_forged_record_is_found_though_all_hashes_are_right() -> None:
    """A record is replaced by an invented one and all hashes are computed anew: the chains are whole, and the head is unlike them."""
    forged = log_by(("ann", "ben", "ann", "eve", *USERS[4:]))
    assert check(forged) is None
    assert check(forged, HEAD) == Break(HEAD.extent.offset, REWRITTEN)


def test_a_forged_record_of_another_chain_is_found() -> None:
    """A record that the head's own record does not lead back to is forged: the digest holds every record, not one chain."""
    forged = log_by(("ann", "ben", "ann", "ben", "eve", *USERS[5:]))
    whole = log_by(("ann", "ben", "ann", "ben", "carl", *USERS[5:]))
    head = heads_of(whole, 6)[0]
    assert forged[5] == whole[5], "the head's record is the same"
    assert check(forged, head) == Break(5, REWRITTEN)


@pytest.mark.parametrize("left", [5, 4, 1, 0])
def test_a_cut_end_is_found(left: int) -> None:
    """A log that ends before the record of its head was cut, also where nothing is left."""
    assert check(LOG[:left], HEAD) == Break(HEAD.extent.offset, CUT)


@pytest.mark.parametrize("users", [USERS, ("dora",), USERS * 3])
def test_a_log_that_was_emptied_and_begun_anew_is_found(users: tuple[str, ...]) -> None:
    """A log that begins with another record was begun anew, whether it is shorter than the head or longer."""
    assert check(log_by(users, began=NOW), HEAD) == Break(0, BEGUN_ANEW)


def test_records_that_were_kept_long_enough_may_be_gone() -> None:
    """Where the log keeps records for a time, older ones are gone and the rest is compared, from the first head that it still reaches."""
    assert check(LOG[2:], *HEADS, kept_since=2 * MINUTE_MS) is None
    assert check(LOG[2:], *HEADS) == Break(2, "the beginning is missing")
    assert check(LOG[2:], kept_since=-70 * DAY_MS) == Break(2, "the beginning is missing")
    forged = [*LOG[2:4], *log_by(("ann", "ben", "ann", "carl", "eve", *USERS[5:]))[4:]]
    assert check(forged, *HEADS, kept_since=2 * MINUTE_MS) == Break(5, REWRITTEN)


def test_a_head_of_an_expired_record_is_no_alarm_and_is_counted() -> None:
    """A head whose record was kept long enough and is gone proves nothing any more; one that is gone too early was erased."""
    checker = Checker(signed={head.extent.offset: head.extent for head in HEADS}, kept_since=6 * MINUTE_MS)
    assert [checker.take(link) for link in LOG[6:]] == [None, None]
    assert (checker.finish(), checker.expired, checker.proven) == (None, 2, None)
    assert check(LOG[6:], HEAD, kept_since=5 * MINUTE_MS) == Break(6, ERASED_EARLY)
    assert check([], HEAD, kept_since=6 * MINUTE_MS) is None
    assert check([], HEAD, kept_since=5 * MINUTE_MS) == Break(5, CUT)


def heads_wrong(values: list[bytes], *kept: SignedHead, secret: str = SECRET) -> str | None:
    """Check the heads of a topic, and return the first that is wrong with them."""
    checker = HeadChecker(topic=TOPIC, keys=frozenset({public_key(secret)}), kept=kept)
    found = checker.begin() or next((wrong for value in values if (wrong := checker.take(value))), None)
    return found or checker.finish()


def test_a_head_is_read_as_it_was_written() -> None:
    """The bytes of a head are read back to the same head, whose signature is genuine."""
    assert read_head(HEAD.value) == HEAD
    assert HEAD.is_genuine()
    assert heads_wrong([head.value for head in HEADS], *HEADS) is None


@pytest.mark.parametrize(("member", "value"), [("offset", 4), ("digest", "0" * 64), ("at", "2026-01-01T00:00:00Z"), ("number", 7)])
def test_a_changed_head_is_forged(member: str, value: object) -> None:
    """A head with one member changed has no genuine signature."""
    changed = orjson.dumps(orjson.loads(HEADS[0].value) | {member: value}, option=orjson.OPT_SORT_KEYS)
    assert heads_wrong([changed]) == "a signed head is forged: its signature is false"


@pytest.mark.parametrize(
    "value",
    [
        *(b"", b"{", b"[]", b"7", b"{}", HEAD.value + b" ", HEAD.value.replace(b":", b": "), HEAD.value.replace(b'"topic"', b'"place"')),
        HEAD.value.replace(b'"number":1', b'"number":true'),
        orjson.dumps(orjson.loads(HEAD.value) | {"before": []}),
    ],
)
def test_other_bytes_are_no_head(value: bytes) -> None:
    """Bytes that are no head, or one in another form than the signed one, are not read as a head."""
    with pytest.raises(ValueError, match="not a signed head"):
        read_head(value)
    assert heads_wrong([value]) == "a record among the signed heads is none"


def test_heads_form_a_chain() -> None:
    """A head that was taken out from among the others is missed, and a kept one that was cut off too."""
    values = [head.value for head in heads_of(LOG, 2, 4, 6, 8)]
    assert heads_wrong([values[0], *values[2:]]) == "signed heads are missing"
    assert heads_wrong(values[:2]) is None
    assert (
        heads_wrong(values[:2], read_head(values[3]))
        == "a head that was kept elsewhere is not among the signed heads: they were cut or begun anew"
    )


def test_two_processes_may_sign_at_once() -> None:
    """Two heads that continue the same one are both sound."""
    both = [sign(SECRET, TOPIC, extent_of(LOG[:count]), NOW, HEAD) for count in (7, 8)]
    assert heads_wrong([head.value for head in (*HEADS, *both)]) is None


def test_a_head_of_another_key_or_log_proves_nothing() -> None:
    """Heads of another key are counted and not believed; a kept head of one, or of another log, is refused."""
    checker = HeadChecker(topic=TOPIC, keys=frozenset({public_key(OTHER)}))
    assert [checker.take(head.value) for head in HEADS] == [None, None]
    assert (checker.others, checker.heads, checker.proven) == (2, 0, {})
    assert heads_wrong([], HEAD, secret=OTHER) == "a signed head is of a key that is not trusted"
    assert heads_wrong([], sign(SECRET, "sim-1.audit", HEAD.extent, NOW, None)) == "a signed head is of another log"


def test_one_offset_has_one_extent() -> None:
    """Two heads with genuine signatures that hold different records up to one offset are a contradiction."""
    other = sign(SECRET, TOPIC, replace(HEAD.extent, digest="0" * 64), NOW, HEAD)
    assert heads_wrong([head.value for head in (*HEADS, other)]) == "two signed heads hold different records of the log"
