"""What a monitor answers to the pages of an analyst: definitions, snapshots, and numbers that follow from what was asked."""

from collections.abc import Mapping
from typing import Any, Final

from services.adapters.regions import read_regions

INSTANTS: Final = [f"2026-11-{day:02}T03:00:00Z" for day in range(20, 30)]
"""Until a day and some hours before the clock of the tests, and one that is later."""
OFFSETS: Final = {"beds": {"0": 12}, "demand": {"0": 7}}
_WORDING: Final = {"nl": {"name": "Bezetting", "definition": "Deel dat bezet is."}, "en": {"name": "Occupancy", "definition": "Share."}}


def definition(figure: str, when: str = "either", unit: str = "share") -> dict[str, Any]:
    """Return a definition."""
    return {"figure": figure, "version": 1, "unit": unit, "when": when, "by_kind": True, "parts": [], "needs_household": False, **_WORDING}


def figures(asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer to a question: nothing is known of Zwolle and Overijssel, Vlissingen and Zeeland have too few, Flevoland forgot."""
    start, end = asked.get("at") or asked["start"], asked.get("at") or asked["end"]
    when = {"start": start, "end": end}
    rows: list[dict[str, Any]] = [{**when, "value": 0.9, "shelters": 200}]
    if asked.get("by") == "region":
        rows += [{**when, "region": code, **_number(code, end)} for code in read_regions()]
    if asked.get("by") == "province":
        rows += [{**when, "province": code, **_number(code, end)} for code in sorted({each.province for each in read_regions().values()})]
    if asked.get("by") == "month":
        months = [f"2026-{month:02}-01T00:00:00Z" for month in range(1, 12)]
        rows += [{"start": at, "end": at, "value": None if at[5:7] == "04" else int(at[5:7]) / 20, "shelters": 200} for at in months]
    return {
        "simulated": True,
        "heard_of": 0.968,
        "known_at": "2026-11-28T10:10:07.123Z",
        "fold_version": 3,
        "offsets": OFFSETS,
        "figures": [{"figure": asked["figure"], "version": 1, "unit": "share", "rows": rows}],
    }


def _number(code: str, at: str) -> dict[str, Any]:
    if code in {"R35", "PV23"}:
        return {"value": None, "shelters": 9}
    if code in {"R33", "PV29"}:
        return {"value": None, "too_few": True}
    if code == "PV24":
        return {"value": None, "forgotten": True}
    return {"value": round(0.5 + int(code.lstrip("PRV")) / 100 + int(at[8:10]) / 1_000, 3), "shelters": 9}
