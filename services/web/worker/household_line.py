"""One line of text as a need: `1+2 !breda rolstoel zoon 12`. Every word is read or listed as not understood; none is guessed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from services.adapters.regions import RegionRow

_PEOPLE: Final = re.compile(r"([0-9]{1,2})\+([0-9]{1,2})", re.ASCII)
_AGE: Final = re.compile(r"[0-9]{1,2}", re.ASCII)
_FEATURES: Final = {
    "rolstoel": "wheelchair",
    "wheelchair": "wheelchair",
    "huisdier": "pets",
    "hond": "pets",
    "kat": "pets",
    "dog": "pets",
    "cat": "pets",
    "pets": "pets",
    "keuken": "own_kitchen",
    "kitchen": "own_kitchen",
    "badkamer": "own_bathroom",
    "bathroom": "own_bathroom",
    "kinderbed": "cot",
    "wieg": "cot",
    "cot": "cot",
}
_SERVICES: Final = {
    "verslaving": "addiction",
    "addiction": "addiction",
    "psychisch": "psychiatric",
    "psychiatric": "psychiatric",
    "mensenhandel": "trafficking",
    "trafficking": "trafficking",
    "ongedocumenteerd": "no_residence_permit",
    "lvb": "intellectual_disability",
}
_KINDS: Final = {
    "nood": "emergency",
    "noodopvang": "emergency",
    "emergency": "emergency",
    "crisis": "crisis",
    "crisisopvang": "crisis",
    "vervolg": "follow_up",
    "vervolgopvang": "follow_up",
    "begeleid": "assisted",
    "assisted": "assisted",
}
_SECURITY: Final = {"beveiligd": "secure", "secure": "secure", "zwaarbeveiligd": "high_secure"}
_SON: Final = frozenset({"zoon", "jongen", "son", "boy"})
_MAN: Final = frozenset({"man", "men"})


@dataclass(slots=True, kw_only=True)
class Line:
    """What a line of text says; `unread` are the words that say nothing to us."""

    adults: int | None = None
    children: int | None = None
    men: int | None = None
    oldest_son_age: int | None = None
    security: str | None = None
    kinds: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_line(text: str, regions: Mapping[str, RegionRow]) -> Line:
    """Read a line; `regions` are those of the region file, by code."""
    line, names = Line(), {_plain(row.centre): code for code, row in regions.items()}
    tokens = iter(text.split())
    for word in tokens:
        plain = _plain(word)
        if match := _PEOPLE.fullmatch(plain):
            line.adults, line.children = int(match[1]), int(match[2])
        elif plain in _SON:
            line.oldest_son_age = _number(tokens, line, word)
        elif plain in _MAN:
            line.men = (line.men or 0) + 1
        elif plain.startswith("!"):
            _exclude(plain[1:], names, regions, line, word)
        elif plain.startswith(("taal:", "lang:")):
            line.languages.append(plain[5:])
        elif not _code(plain, line):
            line.unread.append(word)
    return line


def _code(plain: str, line: Line) -> bool:
    """Read a word that stands for a code; return whether it does."""
    for table, found in ((_FEATURES, line.features), (_SERVICES, line.services), (_KINDS, line.kinds)):
        if plain in table:
            found.append(table[plain])
            return True
    if plain in _SECURITY:
        line.security = _SECURITY[plain]
        return True
    return False


def _number(tokens: Iterable[str], line: Line, word: str) -> int | None:
    age = next(iter(tokens), "")
    if _AGE.fullmatch(age):
        return int(age)
    line.unread += [word, *([age] if age else [])]
    return None


def _exclude(plain: str, names: Mapping[str, str], regions: Mapping[str, RegionRow], line: Line, word: str) -> None:
    """Exclude the one region whose name begins so, or that has this code."""
    if plain.upper() in regions:
        line.exclude.append(plain.upper())
        return
    found = [code for name, code in names.items() if plain and name.startswith(plain)]
    exact = [names[plain]] if plain in names else found
    if len(exact) == 1:
        line.exclude += exact
    else:
        line.unread.append(word)


def _plain(text: str) -> str:
    """Return a word without accents, dashes and capitals, as people type it."""
    bare = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in bare if char.isalnum() or char in "!+:")
