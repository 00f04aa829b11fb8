"""Short words for the members of a result that a case is about; whatever they leave out may be anything."""

from __future__ import annotations

from typing import Any

from tests.reference.given import HOLD

Json = dict[str, Any]


def counts(shelter: str = "s", **states: int) -> Json:
    """Expect these counts of a shelter."""
    return {"shelters": {shelter: {"counts": states}}}


def overflow(**states: int) -> Json:
    """Expect these counts of the overflow units."""
    return {"shelters": {"s": {"overflow": states}}}


def anomaly(**anomalies: Any) -> Json:
    """Expect these anomalies."""
    return {"shelters": {"s": {"anomalies": anomalies}}}


def hold(status: str, unit: str | None = None, reason: str | None = None, of: str = HOLD) -> Json:
    """Expect a hold in exactly that form."""
    return {"holds": {f"s/{of}": {"status": status, "unit": unit, "reason": reason}}}


def dead(letters: int) -> Json:
    """Expect so many dead letters."""
    return {"dead_letters": letters}


def both(*parts: Json) -> Json:
    """Expect all of these."""
    merged: Json = {}
    for part in parts:
        for member, value in part.items():
            merged[member] = both(merged[member], value) if isinstance(value, dict) and member in merged else value
    return merged


def differences(found: Any, expected: Any, path: str = "") -> list[str]:
    """List where a result is not as expected; members that are not expected are not looked at, an empty object must be empty."""
    if isinstance(expected, dict) and expected and isinstance(found, dict):
        return [line for member in expected for line in differences(found.get(member, "nothing"), expected[member], f"{path}/{member}")]
    return [] if found == expected else [f"{path}: {found!r}, not {expected!r}"]
