"""One line of text as a need."""

from dataclasses import asdict
from typing import Any

import pytest

from services.adapters.regions import read_regions
from services.web.worker.household_line import Line, read_line


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("1+2", {"adults": 1, "children": 2}),
        ("1+2 !breda rolstoel", {"adults": 1, "children": 2, "exclude": ["R07"], "features": ["wheelchair"]}),
        ("!R07 !BREDA", {"exclude": ["R07", "R07"]}),
        ("!den-helder", {"exclude": ["R11"]}),
        ("zoon 12 crisis", {"oldest_son_age": 12, "kinds": ["crisis"]}),
        ("man psychisch beveiligd taal:ti", {"men": 1, "services": ["psychiatric"], "security": "secure", "languages": ["ti"]}),
        ("!a", {"unread": ["!a"]}),
        ("zoon twaalf", {"unread": ["zoon", "twaalf"]}),
        ("zoon", {"unread": ["zoon"]}),
        ("1 + 2", {"unread": ["1", "+", "2"]}),
        ("rolstoel en kat", {"features": ["wheelchair", "pets"], "unread": ["en"]}),
    ],
)
def test_each_word_is_read_or_listed(text: str, found: dict[str, Any]) -> None:
    """A line gives what it says, and lists each word that says nothing; none is guessed."""
    regions = read_regions()
    helder = next(code for code, row in regions.items() if row.centre == "Den Helder")
    expected = {
        name: [helder if each == "R11" else each for each in value] if name == "exclude" else value for name, value in found.items()
    }
    assert asdict(read_line(text, regions)) == asdict(Line()) | expected
