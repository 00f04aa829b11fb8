"""Codes of the contract in words; the kinds of places by their Dutch names, with the English ones beside them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.adapters.labels.code_labels import code_lists
from services.cli.options.language_names import language_name

KINDS: Final = {code: f"{label.nl} ({label.en})" for code, label in code_lists()["kinds"].items()}
FITS: Final = {"exact": "fits exactly", "close": "a little large", "roomy": "larger than needed"}
SIZES: Final = {"1-2": "1 or 2 persons", "3-4": "3 or 4 persons", "5+": "5 persons or more"}
CONDITIONS: Final = {
    "two_units": "two units of one shelter would do together: call (--call-first)",
    "closed": "closed for now",
    "kind": "of another kind",
    "features": "lacks a feature",
    "children": "too few children's places",
    "adults": "too few adults' places",
    "languages": "does not speak a language",
    "services": "lacks a service",
    "security": "less secure",
    "sons": "does not take sons of that age",
    "audience": "takes women only, or men only",
    "paused": "takes no households at the moment",
    "region": "in a region you excluded",
}
_LACKING: Final = {"features": "lacks", "services": "lacks", "languages": "does not speak"}
REFUSAL_REASONS: Final = {
    "no_free_unit": "The place went to another household, or is no longer free",
    "intake_paused": "The shelter takes no households at the moment",
    "unknown_shelter": "The shelter is no longer registered",
}
DECLINE_REASONS: Final = {code: label.en for code, label in code_lists()["decline_reasons"].items()}
HOLD_STATUSES: Final = {
    "expired": "the time ran out",
    "released": "given back",
    "declined": "declined by the shelter",
    "fulfilled": "the household is in",
    "overtaken": "a household was admitted there: phone the shelter",
    "refused": "not granted",
    "granted": "held",
    "pending": "not decided yet",
}
SEARCH_OUTCOMES: Final = {code: label.en for code, label in code_lists()["search_outcomes"].items()}


def in_words(words: Mapping[str, str], code: str | None) -> str:
    """Return the words for a code; the code itself where it has none, and nothing for None."""
    return "" if code is None else words.get(code, code.replace("_", " "))


def miss_reason(condition: str, lacks: str) -> str:
    """Return why a near miss does not fit: what it lacks where that is known, else the condition."""
    if lacks and condition in _LACKING:
        return f"{_LACKING[condition]} {lacks}"
    return in_words(CONDITIONS, condition) + (f" ({lacks})" if lacks else "")


def list_needs(needs: Mapping[str, Any] | None) -> str:
    """Return features, services and languages in words, with commas."""
    needs = needs or {}
    codes = [code.replace("_", " ") for member in ("features", "services") for code in needs.get(member) or ()]
    return ", ".join([*codes, *(language_name(code) for code in needs.get("languages") or ())])


def list_regions(regions: Iterable[Mapping[str, str]]) -> str:
    """Return the names of regions with commas; the code of one without a name."""
    return ", ".join(region.get("name") or region["code"] for region in regions)


def format_distance(distance_km: Mapping[str, int] | None) -> str:
    """Return a range of distances; nothing where none is known."""
    if distance_km is None:
        return ""
    low, high = distance_km["from"], distance_km["to"]
    return f"{high} km" if low == high else f"{low} to {high} km"
