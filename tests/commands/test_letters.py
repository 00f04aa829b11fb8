"""Dead letters: safe to print, and good to send again."""

import json
from dataclasses import dataclass

from services.commands.letters import latest, letter
from services.commands.tape import read_line

HEADERS = (("reason", b"bad_format"), ("topic", b"plek.bed-events"), ("partition", b"3"), ("offset", b"17"))


@dataclass
class Sent:
    """A record of the dead letters."""

    key: bytes | None = b"berk"
    value: bytes | None = b'{"x":1}'
    headers: tuple[tuple[str, bytes | None], ...] = HEADERS
    timestamp: int = 1_772_409_600_250


def test_a_line_says_when_why_and_where() -> None:
    """And not what: its bytes may hold anything."""
    told = letter(Sent()).line(with_bytes=False)
    assert told == "2026-03-02T00:00:00.250Z  bad_format             plek.bed-events/3@17"
    assert "key" not in letter(Sent()).document(with_bytes=False)


def test_a_terminal_obeys_nothing_in_it() -> None:
    """Escape sequences, in bytes or in headers that somebody else wrote, are shown and not carried out."""
    sent = Sent(key=b"\x1b[2J", value=b"\xff\r\n\x00", headers=(("reason", b"\x1b]0;x\x07"), ("offset", None)))
    told = letter(sent).line(with_bytes=True)
    assert told.isprintable()
    assert "unknown/unknown@unknown" in told or "unknown" in told


def test_with_its_bytes_it_is_a_line_of_a_tape() -> None:
    """What was mended elsewhere, say an old program, can be sent again as it was."""
    for key, value in ((b"berk", b'{"x":1}'), (None, None), (b"\xff", b"\xfe\x00"), ("é".encode(), b"")):
        line = read_line(1, json.dumps(letter(Sent(key, value)).document(with_bytes=True)))
        assert (line.key, line.value, line.keyed, line.whole) == (key, value, True, False)


def test_the_latest_are_shown_in_their_order() -> None:
    """Over all partitions, by the clock of the broker."""
    letters = [letter(Sent(timestamp=time)) for time in (5, 1, 9, 3)]
    assert [each.time for each in latest(letters, 3)] == [3, 5, 9]
    assert latest(letters, 0) == []
