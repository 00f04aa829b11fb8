"""Words that stand for codes of the contract in spreadsheets, Dutch and English. What is in no list is no code: it is never guessed."""

import re
from collections.abc import Mapping
from typing import Final

from services.adapters.spreadsheets.cells import Value
from services.adapters.spreadsheets.column_names import fold


def _words(table: Mapping[str, str]) -> Mapping[str, str]:
    return {word: code for code, words in table.items() for word in (fold(code), *words.split())}


KINDS: Final = _words(
    {
        "emergency": "noodopvang nood noodbed noodplek noodplaats acuut acuteopvang",
        "crisis": "crisisopvang crisisplek crisisplaats crisisbed",
        "follow_up": "vervolgopvang vervolg vervolgplek followup vervolgverblijf doorstroom langdurig",
        "assisted": "begeleidwonen begeleid bw assistedliving beschermdwonen zelfstandigwonenmetbegeleiding trainingswoning",
    }
)
SECURITY: Final = _words(
    {
        "open": "normaal geen regulier standaard laag",
        "secure": "beveiligd gesloten midden semi beschermd",
        "high_secure": "hoogbeveiligd zwaarbeveiligd hoog zwaar geheim geheimelocatie extrabeveiligd",
    }
)
AUDIENCE: Final = _words({"women": "vrouwen vrouw women", "men": "mannen man men"})
_BOTH: Final = frozenset({"gemengd", "iedereen", "allen", "mixed", "beide", "vm"})
SERVICES: Final = _words(
    {
        "addiction": "verslaving verslavingszorg verslaafd",
        "psychiatric": "psychiatrie psychiatrisch ggz psychisch",
        "trafficking": "mensenhandel",
        "no_residence_permit": "zonderverblijfsvergunning geenverblijfsvergunning ongedocumenteerd zonderpapieren",
        "intellectual_disability": "lvb verstandelijkebeperking lichtverstandelijkbeperkt verstandelijkbeperkt",
    }
)
FEATURES: Final = _words(
    {
        "wheelchair": "rolstoel rolstoeltoegankelijk rolstoelvriendelijk",
        "pets": "huisdieren huisdier dieren",
        "own_kitchen": "keuken eigenkeuken",
        "own_bathroom": "badkamer eigenbadkamer eigensanitair sanitair douche eigendouche",
        "cot": "kinderbed babybed ledikant wieg babybedje",
    }
)
DESTINATIONS: Final = _words(
    {
        "home": "terugnaarhuis naarhuis thuis huis partner terugnaarpartner",
        "own_home": "eigenwoning zelfstandig zelfstandigewoning woning eigenhuis huurwoning urgentiewoning",
        "family": "familie netwerk vrienden ouders familievrienden",
        "other_shelter": "andereopvang opvang anderelocatie overplaatsing vervolgopvang crisisopvang noodopvang maatschappelijkeopvang",
        "assisted_living": "begeleidwonen beschermdwonen bw",
        "abroad": "buitenland landvanherkomst",
        "unknown": "onbekend nietbekend anders overig metonbekendebestemming mob",
    }
)
CLOSED: Final = _words(
    {
        "cleaning": "schoonmaak schoonmaken poetsen inschoonmaak wordtschoongemaakt",
        "maintenance": "onderhoud verbouwing renovatie reparatie kapot inonderhoud inreparatie inverbouwing",
        "staffing": "personeel personeelstekort geenpersoneel",
        "isolation": "isolatie quarantaine ziek",
        "other": "gesloten dicht buitengebruik closed geblokkeerd nietbeschikbaar",
    }
)
_FREE: Final = frozenset({"vrij", "leeg", "free", "empty", "beschikbaar", "nee", "n", "no", "0", "onbezet", "available"})
_OCCUPIED: Final = frozenset({"bezet", "vol", "ja", "j", "yes", "y", "x", "1", "occupied", "full", "bewoond"})
_YES, _NO = frozenset({"ja", "j", "yes", "y", "x", "1", "true", "waar", "v"}), frozenset({"nee", "n", "no", "0", "false", "onwaar"})
_BETWEEN: Final = re.compile(r"[,;/|+\n]|\ben\b|\band\b|&", re.IGNORECASE)
_NONE: Final = frozenset({"geen", "none", "nvt", ""})


def code_of(text: str, words: Mapping[str, str]) -> str | None:
    """Return the code that a text stands for."""
    return words.get(fold(text))


def codes_of(text: str, words: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the codes of a list, in their order and each once; None where a part of it is no code."""
    parts = [fold(part) for part in _BETWEEN.split(text)]
    codes = [words.get(part) for part in parts if part not in _NONE]
    return None if None in codes else tuple(dict.fromkeys(code for code in codes if code))


def audience_of(text: str) -> tuple[str, ...] | None:
    """Return for whom a shelter is; None where the text does not say it."""
    return ("women", "men") if fold(text) in _BOTH else codes_of(text, AUDIENCE) or None


def yes_or_no(value: Value) -> bool | None:
    """Return what a cell of yes or no says; None for an empty one. Raises ValueError."""
    match value:
        case None | bool():
            return value
        case float():
            return bool(value)
        case str() if fold(value) in _YES:
            return True
        case str() if fold(value) in _NO or value == "-":
            return False
    raise ValueError("neither yes nor no")


def state_of(value: Value) -> str | None:
    """Return `free`, `occupied`, or the reason why a unit is closed; None for what says none of these."""
    match value:
        case None:
            return None
        case bool() | float():
            return "occupied" if value else "free"
        case str():
            word = fold(value)
            return "free" if word in _FREE or value == "-" else "occupied" if word in _OCCUPIED else CLOSED.get(word)
    return None
