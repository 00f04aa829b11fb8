"""Sealing a need: what opens it, what does not, and what its ciphertext tells; the example of the contract opens."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from services.adapters.codec.event_codec import encode, plain
from services.adapters.needs.ciphertext import decrypt
from services.adapters.needs.need_keys import NeedKey, destroyed_at, new_key, unwrapped, wrapped
from services.adapters.needs.sealed_needs import StatedNeed, open_need, seal, sealed_start
from services.adapters.schemas.examples import example
from services.domain.durations import DAY_MS
from services.domain.events import catalog as e
from services.domain.events import value_types as v

CONTRACT: Final = (Path(__file__).parents[3] / "docs" / "contract.md").read_text("utf-8")
KEY: Final = NeedKey("2026-03-02.5f0c1d7e", bytes(range(32)))
CASE, OTHER = "c3a1b2d4-1e2f-4a3b-8c4d-5e6f7a8b9c0d", "7e57d004-2b97-4e7a-b45f-5387367791cd"
NOON: Final = 1_772_452_800_000
LITTLE: Final = StatedNeed(need=e.Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=()))
MOST: Final = StatedNeed(
    need=e.Need(
        kinds=v.KINDS,
        features=v.FEATURES,
        men=20,
        oldest_son_age=18,
        security="high_secure",
        services=v.SERVICES,
        languages=tuple(f"{first}{second}" for first in "abcd" for second in "efghijklmn"),
    ),
    exclude_regions=tuple(f"R{number:02}" for number in range(1, 11)),
)


@pytest.mark.parametrize("stated", [LITTLE, MOST])
def test_a_sealed_need_opens_with_its_key(stated: StatedNeed) -> None:
    """What was sealed opens to the same need and the same regions, and no two times look alike."""
    first, second = seal("search", CASE, stated, KEY), seal("search", CASE, stated, KEY)
    assert open_need("search", CASE, first.text, KEY) == stated == open_need("search", CASE, second.text, KEY)
    assert first.text != second.text


def test_the_length_of_a_ciphertext_tells_nothing() -> None:
    """The least and the most that the form of a search takes are sealed to one length."""
    assert len(seal("search", CASE, LITTLE, KEY).text) == len(seal("search", CASE, MOST, KEY).text)


@pytest.mark.parametrize("name", ["moved", "of another kind", "of another key", "one character changed", "cut off", "empty"])
def test_a_ciphertext_that_is_not_its_own_opens_for_nobody(name: str) -> None:
    """A ciphertext that was moved or changed is refused when it is opened."""
    text = seal("search", CASE, MOST, KEY).text
    opened = {
        "moved": open_need("search", OTHER, text, KEY),
        "of another kind": open_need("fallback", CASE, text, KEY),
        "of another key": open_need("search", CASE, text, replace(KEY, secret=bytes(32))),
        "one character changed": open_need("search", CASE, ("B" if text[40] == "A" else "A").join((text[:40], text[41:])), KEY),
        "cut off": open_need("search", CASE, text[:-8], KEY),
        "empty": open_need("search", CASE, "", KEY),
    }
    assert opened[name] is None


@pytest.mark.parametrize(
    ("start", "version_2"), [(e.SearchMade, e.SearchMadeSealed), (e.FallbackStarted, e.FallbackStartedSealed)], ids=["search", "fallback"]
)
def test_version_2_says_all_that_version_1_does_but_the_need(start: type, version_2: type) -> None:
    """A start is sealed to the same members without the need and the regions, of which nothing is left in its bytes."""
    event = example(start)
    data: Any = event.data
    sealed = sealed_start(data, KEY)
    assert isinstance(sealed, version_2)
    before, after = plain(data), plain(sealed)
    assert {name: value for name, value in after.items() if name != "sealed"} == {
        name: value for name, value in before.items() if name not in ("need", "exclude_regions")
    }
    raw = encode(e.Event(id=event.id, source=event.source, time=event.time, subject=event.subject, data=sealed_start(data, KEY)))
    assert [word for word in (b"need", b"psychiatric", b"oldest_son_age", b"exclude_regions", b'"ti"') if word in raw] == []


def test_the_example_of_the_contract_opens() -> None:
    """Section 7 of the contract is true: the golden example opens with that key and those associated data to that object."""
    section = CONTRACT.split("## 7. A sealed need")[1]
    about = re.findall(r"`(search/[^`]+)`", section)[0]
    data: Any = example(e.SearchMadeSealed).data
    plain_text = decrypt(bytes(range(32)), data.sealed.text, about) or b""
    shown = re.findall(r"```\n(.+?)\n```", section, re.DOTALL)[0]
    blanks = int(re.findall(r"and (\d+) blanks", section)[0])
    assert (json.loads(shown), blanks) == (json.loads(plain_text), len(plain_text) - len(plain_text.rstrip()))
    v1: Any = example(e.SearchMade).data
    assert open_need("search", CASE, data.sealed.text, KEY) == StatedNeed(need=v1.need, exclude_regions=v1.exclude_regions)
    fallback: Any = example(e.FallbackStartedSealed).data
    assert open_need("fallback", CASE, fallback.sealed.text, KEY) == StatedNeed(need=v1.need)


def test_a_key_is_of_its_day_and_for_thirty_days_after_it() -> None:
    """The id of a key has the day in UTC; it is used until 30 days after the end of that day, and an id that names no day never."""
    key = new_key(NOON)
    assert re.fullmatch(v.NEED_KEY.pattern, key.id)
    assert key.id.startswith("2026-03-02.")
    assert destroyed_at(key.id) == NOON + DAY_MS // 2 + 30 * DAY_MS
    assert destroyed_at("2026-02-30.5f0c1d7e") == destroyed_at("9999-12-31.5f0c1d7e") * 0
    assert new_key(NOON).id != key.id


def test_a_wrapped_key_opens_with_the_secret_of_the_instance_alone() -> None:
    """A record of a key is unwrapped with the same secret and under its own id; nothing else gives a key."""
    secret, record = bytes(range(1, 33)), wrapped(KEY, bytes(range(1, 33)))
    assert KEY.secret.hex().encode() not in record
    assert unwrapped(KEY.id, record, secret) == KEY
    assert [unwrapped(KEY.id, record, bytes(32)), unwrapped("2026-03-02.00000000", record, secret)] == [None, None]
    assert [unwrapped(KEY.id, broken, secret) for broken in (b"", b"{}", b"[]", b'{"wrapped":7}', b'{"wrapped":"xx"}')] == [None] * 5
