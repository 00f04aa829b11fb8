"""Short names for the rows of these tests: events of the shelter `s`, in minutes after one midnight, and the state after a log of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count as counting
from typing import TYPE_CHECKING, Any, Final

from services.domain.beds.last_write_wins import Statement, occurred, recorded
from services.domain.beds.partition_fold import PartitionState
from services.domain.beds.shelter_snapshot import state_of
from services.domain.beds.staleness import StalenessLimits
from services.domain.events import catalog as e

if TYPE_CHECKING:
    from services.domain.beds.shelter_fold import ShelterState

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
"""Minutes, as every time in a row."""

_ids = counting(1)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An event and the minute it was logged at."""

    event: e.Event
    at: float = 0


def ms(minutes: float) -> int:
    """Return minutes after midnight as milliseconds of the broker's clock."""
    return MIDNIGHT_MS + round(minutes * MINUTE_MS)


def ns(minutes: float) -> int:
    """Return minutes after midnight as an instant (ns)."""
    return ms(minutes) * 1_000_000


def entry(data: Any, meta: dict[str, Any]) -> LogEntry:
    """Return an event in the log: `t` when it was recorded, `at` when it was logged, `id` and `src` its name."""
    event = e.Event(
        id=meta.pop("id", f"n{next(_ids):05}"),
        source=meta.pop("src", DESK),
        time=ns(meta.pop("t", 0)),
        subject=data.shelter,
        data=data,
    )
    return LogEntry(event, **meta)


def _when(meta: dict[str, Any]) -> dict[str, Any]:
    return {"shelter": meta.pop("shelter", "s"), "occurred_at": ns(meta.pop("o")) if "o" in meta else None}


def registered(region: str = "R01", **meta: Any) -> LogEntry:
    """Return a registration."""
    of_it: dict[str, Any] = {"organisation": "org-1", "security": "open", "audience": (), "languages": (), "services": ()}
    return entry(
        e.ShelterRegistered(shelter=meta.pop("shelter", "s"), name="S", region=region, intake_phone="0", max_son_age=None, **of_it), meta
    )


def declared(unit: str = "u1", adults: int = 2, children: int = 2, **meta: Any) -> LogEntry:
    """Return a declaration; `kind`, `features` and `overflow` may be given."""
    of_it = {name: meta.pop(name, default) for name, default in (("kind", "crisis"), ("features", ()), ("overflow", False))}
    return entry(e.UnitDeclared(shelter="s", unit=unit, max_adults=adults, max_children=children, beds=4, **of_it), meta)


def withdrawn(unit: str = "u1", **meta: Any) -> LogEntry:
    """Return a withdrawal."""
    return entry(e.UnitWithdrawn(shelter="s", unit=unit), meta)


def closed(unit: str = "u1", reason: str = "maintenance", until: float | None = None, **meta: Any) -> LogEntry:
    """Return a closing."""
    expected = None if until is None else ns(until)
    return entry(e.UnitClosed(unit=unit, reason=reason, expected_until=expected, **_when(meta)), meta)


def reopened(unit: str = "u1", **meta: Any) -> LogEntry:
    """Return a reopening."""
    return entry(e.UnitReopened(unit=unit, **_when(meta)), meta)


def admitted(unit: str = "u1", stay: str = STAY, hold: str | None = None, **meta: Any) -> LogEntry:
    """Return an admission."""
    people = {"adults": meta.pop("adults", 1), "children": meta.pop("children", 0)}
    return entry(e.Admission(unit=unit, stay=stay, hold=hold, **people, **_when(meta)), meta)


def changed(adults: int, children: int, stay: str = STAY, **meta: Any) -> LogEntry:
    """Return a change of a household."""
    return entry(e.StayChanged(stay=stay, adults=adults, children=children, **_when(meta)), meta)


def moved(unit: str = "u2", stay: str = STAY, **meta: Any) -> LogEntry:
    """Return a transfer."""
    return entry(e.Transfer(stay=stay, to_unit=unit, **_when(meta)), meta)


def planned(at: float, stay: str = STAY, **meta: Any) -> LogEntry:
    """Return a plan of a discharge."""
    return entry(e.DischargePlanned(stay=stay, expected_at=ns(at), **_when(meta)), meta)


def left(stay: str = STAY, *, ready: bool = True, **meta: Any) -> LogEntry:
    """Return a discharge."""
    return entry(e.Discharge(stay=stay, destination="home", unit_ready=ready, **_when(meta)), meta)


def fixed(name: str, src: str = DESK, **meta: Any) -> LogEntry:
    """Return a correction of an event of the shelter's desk (or of `src`)."""
    return entry(e.Correction(shelter="s", corrects=e.Named(source=src, id=name), reason="mistake"), meta)


def counted(free: int | None = None, **meta: Any) -> LogEntry:
    """Return a count by hand."""
    return entry(e.CountConfirmed(shelter="s", free=free), meta)


def paused(**meta: Any) -> LogEntry:
    """Return a pause of the intake."""
    return entry(e.IntakePaused(reason="safety", **_when(meta)), meta)


def resumed(**meta: Any) -> LogEntry:
    """Return the end of a pause."""
    return entry(e.IntakeResumed(**_when(meta)), meta)


def asked(hold: str = HOLD, adults: int = 1, children: int = 0, ttl: float = 30, **meta: Any) -> LogEntry:
    """Return a request for a hold of so many minutes."""
    of_it = {name: meta.pop(name, ()) for name in ("kinds", "features")}
    seconds = round(ttl * 60)
    data = e.HoldRequested(
        shelter="s", hold=hold, adults=adults, children=children, ttl_seconds=seconds, desk="d", asked_by="0" * 16, **of_it
    )
    return entry(data, meta)


def accepted(hold: str = HOLD, **meta: Any) -> LogEntry:
    """Return the acceptance of a hold by the shelter."""
    return entry(e.HoldAccepted(shelter="s", hold=hold), meta)


def released(hold: str = HOLD, **meta: Any) -> LogEntry:
    """Return the release of a hold by the desk."""
    return entry(e.HoldReleased(shelter="s", hold=hold), meta)


def declined(hold: str = HOLD, **meta: Any) -> LogEntry:
    """Return the refusal of a hold by the shelter."""
    return entry(e.HoldDeclined(shelter="s", hold=hold, reason="full"), meta)


def extended(ttl: float = 30, hold: str = HOLD, **meta: Any) -> LogEntry:
    """Return the extension of a hold by so many minutes."""
    return entry(e.HoldExtended(shelter="s", hold=hold, ttl_seconds=round(ttl * 60)), meta)


def stay_fact(entry: LogEntry) -> e.StayFact:
    """Return the data of an entry about a stay."""
    assert isinstance(entry.event.data, e.StayFact)
    return entry.event.data


def declaration(entry: LogEntry) -> Statement[e.UnitDeclaration]:
    """Return the statement of an entry whether a unit is declared."""
    assert isinstance(entry.event.data, e.UnitDeclaration)
    return recorded(entry.event, entry.event.data)


def closing(entry: LogEntry) -> Statement[e.UnitClosing]:
    """Return the statement of an entry whether a unit is closed."""
    assert isinstance(entry.event.data, e.UnitClosing)
    return occurred(entry.event, entry.event.data)


def folded(*log: LogEntry) -> PartitionState:
    """Return the state after these entries, in that order."""
    partition = PartitionState()
    for offset, entry in enumerate(log):
        partition.advance_clock(ms(entry.at))
        partition.apply(entry.event, offset)
    return partition


def shelter(*log: LogEntry) -> ShelterState:
    """Return the shelter after these entries."""
    return folded(*log).shelters["s"]


def unit_states(log: tuple[LogEntry, ...], now: float | None = None) -> str:
    """Return the state of each unit: `!` for an undeclared one, with `x2` where two stays are present."""
    partition = folded(*log)
    at = partition.clock if now is None else ms(now)
    snapshot = partition.shelters["s"].snapshot
    unknown, shut = snapshot.unknown(at, StalenessLimits()), snapshot.paused is not None
    words = []
    for name, unit in sorted(snapshot.units.items()):
        state = state_of(unit, paused=shut, unknown=unknown, now=at) if unit.declared else "!"
        words.append(f"{name} {state}" + (" x2" if len(unit.stays) > 1 else ""))
    return ", ".join(words)


def outcome(log: tuple[LogEntry, ...], hold: str = HOLD, now: float | None = None) -> str:
    """Return the status of a hold, then its unit or its reason."""
    partition = folded(*log)
    found = partition.shelters["s"].holds.get(hold)
    if found is None:
        return "nothing"
    status = found.status_at(partition.clock if now is None else ms(now))
    return " ".join(str(entry) for entry in (status, found.unit, found.reason) if entry)


def reversed_log(log: tuple[LogEntry, ...]) -> tuple[LogEntry, ...]:
    """Return the same entries from the last to the first, all logged at one minute."""
    return tuple(replace(entry, at=0) for entry in reversed(log))


ONE: Final = (registered(id="r"), declared(id="d1"))
TWO: Final = (*ONE, declared("u2", 2, 3, id="d2"))
