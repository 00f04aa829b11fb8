"""The ground truth in the form of what the registry shows, to compare the two at an instant (milliseconds)."""

from collections import Counter
from typing import Any

from services.adapters import rfc3339
from services.simulator.ground_truth.beds import BedTruth, TrueHold, TrueShelter, TrueUnit
from services.simulator.ground_truth.demand import CaseStart, DemandTruth

_STATES = ("occupied", "closed", "held", "paused", "unknown", "free")


def bed_document(truth: BedTruth, now: int) -> dict[str, Any]:
    """Return every shelter, hold and region as the registry must show them at `now`; no event of the simulator is a dead letter."""
    shelters, holds = dict[str, Any](), dict[str, Any]()
    regions: dict[str, Counter[str]] = {}
    for name, shelter in sorted(truth.shelters.items()):
        states = _count_states(shelter, now, overflow=False)
        shelters[name] = {
            "region": shelter.region,
            "counts": _counts(states),
            "overflow": _counts(_count_states(shelter, now, overflow=True)),
            "anomalies": _anomalies(shelter),
        }
        holds |= {f"{name}/{key}": _hold(hold, now) for key, hold in shelter.holds.items()}
        if shelter.region is not None:
            regions.setdefault(shelter.region, Counter()).update(states)
    return {
        "shelters": shelters,
        "holds": dict(sorted(holds.items())),
        "dead_letters": 0,
        "regions": {region: _counts(states) for region, states in sorted(regions.items())},
        "national": _counts(sum(regions.values(), Counter())),
    }


def demand_document(truth: DemandTruth) -> dict[str, Any]:
    """Return open fallbacks and waiting lists as the API must list them to a worker of every region, and how many cases ended how."""
    counts: Counter[str] = Counter()
    for (kind, _), case in truth.cases.items():
        if start := case.start:
            counts.update(f"{scope}:{kind}:{case.outcome}" for scope in ("national", f"region:{start.region}"))
    return {
        "fallbacks": [{"fallback": key, "need": "known", **_case(start)} for key, start in truth.open_cases("fallback")],
        "entries": _with_positions(truth.open_cases("entry")),
        "counts": dict(counts),
    }


def national_states(truth: BedTruth, now: int) -> Counter[str]:
    """Count the units of the nation by state, without overflow."""
    return sum((_count_states(shelter, now, overflow=False) for shelter in truth.shelters.values()), Counter())


def _with_positions(entries: list[tuple[str, CaseStart]]) -> list[dict[str, Any]]:
    lengths: Counter[tuple[str, str | int]] = Counter()
    documents = []
    for key, start in entries:
        waiting_list = start.region, start.shown["kind"]
        lengths[waiting_list] += 1
        documents.append({"entry": key, **_case(start), "position": lengths[waiting_list]})
    return documents


def _case(start: CaseStart) -> dict[str, Any]:
    return {"region": start.region, **start.shown, "occurred_at": rfc3339.show_ms(start.times[0])}


def _count_states(shelter: TrueShelter, now: int, *, overflow: bool) -> Counter[str]:
    unknown = shelter.is_unknown(now)
    return Counter(
        _state(shelter, unit, now, unknown=unknown)
        for unit in shelter.units.values()
        if unit.declared is not None and unit.declared.overflow == overflow
    )


def _state(shelter: TrueShelter, unit: TrueUnit, now: int, *, unknown: bool) -> str:
    """Return the first state that fits (R7)."""
    if unit.stays:
        return "occupied"
    if unit.closed:
        return "closed"
    if unit.hold and unit.hold.is_live(now):
        return "held"
    if shelter.paused:
        return "paused"
    return "unknown" if unknown else "free"


def _counts(states: Counter[str]) -> dict[str, int]:
    return {"capacity": states.total(), **{state: states[state] for state in _STATES}}


def _anomalies(shelter: TrueShelter) -> dict[str, Any]:
    """Return the anomalies of a shelter (R8)."""
    reported = shelter.discrepancy
    return {
        "double_occupied": sorted(name for name, unit in shelter.units.items() if len(unit.stays) > 1),
        "undeclared_unit": sorted(name for name, unit in shelter.units.items() if unit.stays and unit.declared is None),
        "discrepancy": None if reported is None else {"reported": reported[0], "computed": reported[1]},
    }


def _hold(hold: TrueHold, now: int) -> dict[str, Any]:
    expired = hold.status == "granted" and now >= hold.until
    return {"status": "expired" if expired else hold.status, "unit": hold.unit, "reason": hold.reason}
