"""Short words for the rows of these tests: what was said at the shelter `s`, in minutes after one midnight, and what is then seen of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count as counting
from typing import TYPE_CHECKING, Any, Final

from services.domain import events as e
from services.domain.freshness import Limits
from services.domain.picture import state_of
from services.domain.registry import Registry

if TYPE_CHECKING:
    from services.domain.occupancy import Shelter

DESK: Final = "urn:plek:shelter:s:desk-1"
ELSEWHERE: Final = "urn:plek:coordinator"
STAY: Final = "a43dede7-a5c8-45c5-81c7-5baba4879201"
OTHER: Final = "b43dede7-a5c8-45c5-81c7-5baba4879202"
HOLD: Final = "c43dede7-a5c8-45c5-81c7-5baba4879203"
SECOND: Final = "d43dede7-a5c8-45c5-81c7-5baba4879204"

MIDNIGHT_MS: Final = 1_772_409_600_000
MINUTE_MS: Final = 60_000
HOUR: Final = 60
DAY: Final = 24 * HOUR
"""In minutes, as every time in a row."""

_ids = counting(1)


@dataclass(frozen=True, slots=True)
class Said:
    """An event and the minute it was logged at."""

    event: e.Event
    at: float = 0


def ms(minutes: float) -> int:
    """Turn minutes after midnight into milliseconds of the broker's clock."""
    return MIDNIGHT_MS + round(minutes * MINUTE_MS)


def ns(minutes: float) -> int:
    """Turn minutes after midnight into an instant."""
    return ms(minutes) * 1_000_000


def said(data: Any, meta: dict[str, Any]) -> Said:
    """Say something: `t` when it was recorded, `at` when it was logged, `id` and `src` its name."""
    event = e.Event(
        id=meta.pop("id", f"n{next(_ids):05}"),
        source=meta.pop("src", DESK),
        time=ns(meta.pop("t", 0)),
        subject=data.shelter,
        data=data,
    )
    return Said(event, **meta)


def _when(meta: dict[str, Any]) -> dict[str, Any]:
    return {"shelter": meta.pop("shelter", "s"), "occurred_at": ns(meta.pop("o")) if "o" in meta else None}


def registered(region: str = "R01", **meta: Any) -> Said:
    """Say who the shelter is."""
    of_it: dict[str, Any] = {"organisation": "org-1", "security": "open", "audience": (), "languages": (), "services": ()}
    return said(
        e.ShelterRegistered(shelter=meta.pop("shelter", "s"), name="S", region=region, intake_phone="0", max_son_age=None, **of_it), meta
    )


def declared(unit: str = "u1", adults: int = 2, children: int = 2, **meta: Any) -> Said:
    """Say that a unit exists; `kind`, `features` and `overflow` may be told."""
    of_it = {name: meta.pop(name, default) for name, default in (("kind", "crisis"), ("features", ()), ("overflow", False))}
    return said(e.UnitDeclared(shelter="s", unit=unit, max_adults=adults, max_children=children, beds=4, **of_it), meta)


def withdrawn(unit: str = "u1", **meta: Any) -> Said:
    """Say that a unit is no longer offered."""
    return said(e.UnitWithdrawn(shelter="s", unit=unit), meta)


def closed(unit: str = "u1", reason: str = "maintenance", until: float | None = None, **meta: Any) -> Said:
    """Say that a unit is closed."""
    expected = None if until is None else ns(until)
    return said(e.UnitClosed(unit=unit, reason=reason, expected_until=expected, **_when(meta)), meta)


def reopened(unit: str = "u1", **meta: Any) -> Said:
    """Say that a unit is open again."""
    return said(e.UnitReopened(unit=unit, **_when(meta)), meta)


def admitted(unit: str = "u1", stay: str = STAY, hold: str | None = None, **meta: Any) -> Said:
    """Say that a stay begins."""
    people = {"adults": meta.pop("adults", 1), "children": meta.pop("children", 0)}
    return said(e.Admission(unit=unit, stay=stay, hold=hold, **people, **_when(meta)), meta)


def changed(adults: int, children: int, stay: str = STAY, **meta: Any) -> Said:
    """Say that a household grows or shrinks."""
    return said(e.StayChanged(stay=stay, adults=adults, children=children, **_when(meta)), meta)


def moved(unit: str = "u2", stay: str = STAY, **meta: Any) -> Said:
    """Say that a stay moves."""
    return said(e.Transfer(stay=stay, to_unit=unit, **_when(meta)), meta)


def planned(at: float, stay: str = STAY, **meta: Any) -> Said:
    """Say when a discharge is expected."""
    return said(e.DischargePlanned(stay=stay, expected_at=ns(at), **_when(meta)), meta)


def left(stay: str = STAY, *, ready: bool = True, **meta: Any) -> Said:
    """Say that a stay ends."""
    return said(e.Discharge(stay=stay, destination="home", unit_ready=ready, **_when(meta)), meta)


def fixed(name: str, src: str = DESK, **meta: Any) -> Said:
    """Take an event of the shelter's desk (or of `src`) out."""
    return said(e.Correction(shelter="s", corrects=e.Named(source=src, id=name), reason="mistake"), meta)


def counted(free: int | None = None, **meta: Any) -> Said:
    """Count by hand."""
    return said(e.CountConfirmed(shelter="s", free=free), meta)


def paused(**meta: Any) -> Said:
    """Say that nobody is taken in."""
    return said(e.IntakePaused(reason="safety", **_when(meta)), meta)


def resumed(**meta: Any) -> Said:
    """Say that households are taken in again."""
    return said(e.IntakeResumed(**_when(meta)), meta)


def asked(hold: str = HOLD, adults: int = 1, children: int = 0, ttl: float = 30, **meta: Any) -> Said:
    """Ask for a unit, for so many minutes."""
    of_it = {name: meta.pop(name, ()) for name in ("kinds", "features")}
    seconds = round(ttl * 60)
    data = e.HoldRequested(
        shelter="s", hold=hold, adults=adults, children=children, ttl_seconds=seconds, desk="d", asked_by="0" * 16, **of_it
    )
    return said(data, meta)


def accepted(hold: str = HOLD, **meta: Any) -> Said:
    """Say that the shelter expects the household."""
    return said(e.HoldAccepted(shelter="s", hold=hold), meta)


def released(hold: str = HOLD, **meta: Any) -> Said:
    """Give the unit back."""
    return said(e.HoldReleased(shelter="s", hold=hold), meta)


def declined(hold: str = HOLD, **meta: Any) -> Said:
    """Say that the shelter can't take the household."""
    return said(e.HoldDeclined(shelter="s", hold=hold, reason="full"), meta)


def extended(ttl: float = 30, hold: str = HOLD, **meta: Any) -> Said:
    """Ask to have it longer, for so many minutes."""
    return said(e.HoldExtended(shelter="s", hold=hold, ttl_seconds=round(ttl * 60)), meta)


def folded(*log: Said) -> Registry:
    """Fold what was said, in that order."""
    registry = Registry()
    for offset, word in enumerate(log):
        registry.hear(ms(word.at))
        registry.take(word.event, offset)
    return registry


def shelter(*log: Said) -> Shelter:
    """Fold what was said of the shelter."""
    return folded(*log).shelters["s"]


def seen(log: tuple[Said, ...], now: float | None = None) -> str:
    """Say what is seen: the state of each declared unit, `!` where nobody declared it, `x2` where two live."""
    registry = folded(*log)
    at = registry.clock if now is None else ms(now)
    picture = registry.shelters["s"].picture
    unknown, shut = picture.unknown(at, Limits()), picture.paused is not None
    words = []
    for name, unit in sorted(picture.units.items()):
        state = state_of(unit, paused=shut, unknown=unknown, now=at) if unit.declared else "!"
        words.append(f"{name} {state}" + (" x2" if len(unit.stays) > 1 else ""))
    return ", ".join(words)


def outcome(log: tuple[Said, ...], hold: str = HOLD, now: float | None = None) -> str:
    """Say what became of a hold: its status, then its unit or its reason."""
    registry = folded(*log)
    found = registry.shelters["s"].holds.get(hold)
    if found is None:
        return "nothing"
    status = found.status_at(registry.clock if now is None else ms(now))
    return " ".join(str(word) for word in (status, found.unit, found.reason) if word)


def backwards(log: tuple[Said, ...]) -> tuple[Said, ...]:
    """Log the same from the last to the first, each at the same minute."""
    return tuple(replace(word, at=0) for word in reversed(log))


ONE: Final = (registered(id="r"), declared(id="d1"))
TWO: Final = (*ONE, declared("u2", 2, 3, id="d2"))
