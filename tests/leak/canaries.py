"""Canaries: what must never be in Plek, made up anew for each run, and every form in which it could hide.

None of them is of the form of an id of the contract: one that is can't be told from an id, by us or by anybody.
"""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, quote_plus


@dataclass(frozen=True, slots=True)
class Canary:
    """One thing that betrays somebody."""

    kind: str
    text: str

    @property
    def forms(self) -> frozenset[bytes]:
        """Every form it is looked for in."""
        return frozenset(form for text in _spelled(self.text) for form in _coded(text))


def new_canaries() -> list[Canary]:
    """Make one of each kind. Their random parts make sure that nothing else is found."""
    a, b, c = (secrets.randbelow(9_000) + 1_000 for _ in range(3))
    letters = "".join(secrets.choice("GHJKLMNPQRTVWXZ") for _ in range(2))  # no hexadecimal digit
    return [
        Canary("street", f"Vuurvlinderstraat {a} bis"),
        Canary("postcode", f"{b} {letters}"),
        Canary("phone", f"06 {c} {a}"),
        Canary("name", f"Noor d'Oultremont-Ké{b}"),
        Canary("coordinates", f"52.{a}{b}, 5.{c}{a}"),
    ]


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
