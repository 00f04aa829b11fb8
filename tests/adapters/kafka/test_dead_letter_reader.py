"""Dead letters are safe to print, and can be sent again."""

import json
from dataclasses import dataclass

from services.adapters.kafka.dead_letter_reader import latest, read_letter
from services.cli.events.recording_reader import parse_line

HEADERS = (("reason", b"bad_format"), ("topic", b"plek.bed-events"), ("partition", b"3"), ("offset", b"17"))


@dataclass
class Sent:
    """A record of the dead letters."""

    key: bytes | None = b"berk"
    value: bytes | None = b'{"x":1}'
    headers: tuple[tuple[str, bytes | None], ...] = HEADERS
    timestamp: int = 1_772_409_600_250


def test_a_line_says_when_why_and_where() -> None:
    """A line has time, reason and place of a dead letter, and not its bytes, which may hold anything."""
    text = read_letter(Sent()).line(with_bytes=False)
    assert text == "2026-03-02T00:00:00.250Z  bad_format             plek.bed-events/3@17"
    assert "key" not in read_letter(Sent()).document(with_bytes=False)


def test_a_terminal_obeys_nothing_in_it() -> None:
    """Escape sequences, in bytes or in headers of another program, are printed as text and not carried out."""
    sent = Sent(key=b"\x1b[2J", value=b"\xff\r\n\x00", headers=(("reason", b"\x1b]0;x\x07"), ("offset", None)))
    text = read_letter(sent).line(with_bytes=True)
    assert text.isprintable()
    assert "unknown/unknown@unknown" in text or "unknown" in text


def test_with_its_bytes_it_is_a_line_of_a_tape() -> None:
    """A dead letter with its bytes is read back as the line of a tape that it was."""
    for key, value in ((b"berk", b'{"x":1}'), (None, None), (b"\xff", b"\xfe\x00"), ("é".encode(), b"")):
        line = parse_line(1, json.dumps(read_letter(Sent(key, value)).document(with_bytes=True)))
        assert (line.key, line.value, line.keyed, line.whole) == (key, value, True, False)


def test_the_latest_are_shown_in_their_order() -> None:
    """The latest letters of all partitions are shown in the order of the broker's clock."""
    letters = [read_letter(Sent(timestamp=time)) for time in (5, 1, 9, 3)]
    assert [letter.time for letter in latest(letters, 3)] == [3, 5, 9]
    assert latest(letters, 0) == []
