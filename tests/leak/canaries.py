"""Canaries: what must never be in Plek, made up anew for each run, and every form in which it could hide.

None of them is of the form of an id of the contract: one that is can't be told from an id, by us or by anybody.
"""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from urllib.parse import quote, quote_plus

# No form of a canary is longer.
_REACH = 320


@dataclass(frozen=True)
class Canary:
    """One thing that betrays somebody. Its mark, four digits, stands in every form of it, in some code or other."""

    kind: str
    text: str
    mark: str

    @cached_property
    def forms(self) -> frozenset[bytes]:
        """Every form it is looked for in."""
        return frozenset(form for text in _spelled(self.text) for form in _coded(text))


def new_canaries() -> list[Canary]:
    """Make one of each kind, all with one mark. Their random parts make sure that nothing else is found."""
    mark, more, most = (str(secrets.randbelow(9_000) + 1_000) for _ in range(3))
    letters = "".join(secrets.choice("GHJKLMNPQRTVWXZ") for _ in range(2))  # no hexadecimal digit
    return [
        Canary("street", f"Vuurvlinderstraat {mark} bis", mark),
        Canary("postcode", f"{mark} {letters}", mark),
        Canary("phone", f"06 {mark} {more}", mark),
        Canary("name", f"Noor d'Oultremont-Ké{mark}", mark),
        Canary("coordinates", f"52.{mark}{more}, 5.{most}{mark}", mark),
    ]


def marks(mark: str) -> frozenset[bytes]:
    """Write a mark in every code, forwards and backwards; one that stands in another is enough."""
    found = {form for text in (mark, mark[::-1]) for form in _coded(text)}
    return frozenset(form for form in found if not any(other in form for other in found if other != form))


def around(data: bytes, signs: frozenset[bytes]) -> Iterator[bytes]:
    """Cut out what stands around each mark: to look for every form in all of it would take longer than what is tested."""
    for sign in signs:
        at = data.find(sign)
        while at >= 0:
            yield data[max(0, at - _REACH) : at + _REACH]
            at = data.find(sign, at + 1)


def _spelled(text: str) -> set[str]:
    """Spell it as people and programs do; what is too short to be told from chance is left out."""
    bare = "".join(letter for letter in text if letter.isalnum())
    return {text, text.lower(), text.upper(), text[::-1], bare, bare.lower(), bare.upper(), bare[::-1]}


def _coded(text: str) -> Iterator[bytes]:
    raw = text.encode()
    yield raw
    yield text.encode("utf-16-le")
    yield quote(text, safe="").encode()
    yield quote_plus(text).encode()
    yield quote(quote(text, safe=""), safe="").encode()
    yield json.dumps(text)[1:-1].encode()
    yield "".join(f"\\u{ord(letter):04x}" for letter in text).encode()
    yield escape(text).encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield from _in_base64(raw)


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """Encode it as it looks wherever it stands in what was encoded: the letters at either end depend on its neighbours."""
    for shift in range(3):
        padded = bytes(shift) + raw
        first = -(-shift * 8 // 6)
        whole = len(padded) * 8 // 6
        yield base64.b64encode(padded)[first:whole]
        yield base64.urlsafe_b64encode(padded)[first:whole]
