"""Dead letters: the original bytes, and never too large to be written."""

from dataclasses import dataclass

import pytest

from services.adapters.kafka.dead_letters import LARGEST_BYTES, dead_letter


@dataclass
class Read:
    """A record as a Kafka client returns it."""

    key: bytes | None
    value: bytes | None
    topic: str = "plek.intake.org-1"
    partition: int = 3
    offset: int = 7


@pytest.mark.parametrize("read", [Read(None, None), Read(b"", b""), Read(b"\xff" * 400_000, b"\x00" * 648_588)])
def test_a_record_of_our_topics_is_kept_whole(read: Read) -> None:
    """A dead letter of the largest record that our topics take has its original bytes, reason and position."""
    letter = dead_letter("plek.dead-letters", read, "unreadable")
    assert (letter.key, letter.value) == (read.key, read.value)
    assert [name for name, _ in letter.headers] == ["reason", "topic", "partition", "offset"]


@pytest.mark.parametrize("read", [Read(b"k" * 9_000_000, None), Read(None, b"v" * 9_000_000), Read(b"k" * 4_500_000, b"v" * 4_500_000)])
def test_what_is_too_large_is_cut_and_says_so(read: Read) -> None:
    """A record that is too large is cut, and its dead letter has the position and size of the whole."""
    letter = dead_letter("plek.dead-letters", read, "unreadable")
    assert len(letter.key or b"") + len(letter.value or b"") < LARGEST_BYTES - 10_000
    assert ((letter.key is None), (letter.value is None)) == (read.key is None, read.value is None)
    assert dict(letter.headers)["cut_from"] == b"9000000"


@pytest.mark.parametrize(("size", "cut"), [(2_000_000, False), (2_000_001, True)])
def test_the_first_byte_too_many_is_cut(size: int, cut: bool) -> None:  # noqa: FBT001 - a row
    """Two million bytes are written whole, headers of the original and key included; of one byte more the dead letter is cut."""
    original = (("name", b"text"),)
    letter = dead_letter("plek.dead-letters", Read(b"k" * 100, b"v" * (size - 108)), "unreadable", original)
    assert ("cut_from" in dict(letter.headers), original[0] in letter.headers) == (cut, not cut)
    assert len(letter.value or b"") == (1_999_000 if cut else size - 108)
