"""The checker finds each kind of violation in a small history made by hand, and nothing in a history where all is well."""

from dataclasses import replace
from typing import Any, Final

import orjson
import pytest

from tests.faults.checker.checks import Verdict, check
from tests.faults.checker.history import (
    BEDS,
    DEMAND,
    Acknowledged,
    AreaSeen,
    CaseSeen,
    History,
    HoldSeen,
    Logged,
    Moment,
    SearchSeen,
    ShelterSeen,
)

# 1 March 2026, 12:00 UTC; an event is logged each second from then on
_NOON: Final = 1_772_366_400_000
_OWN: Final = "urn:plek:shelter:berk:desk-1"
_WORKER: Final = "urn:plek:worker"
_HOLD, _SECOND = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
_SEARCH, _CASE = "00000000-0000-4000-8000-00000000000c", "00000000-0000-4000-8000-00000000000d"
_STAY: Final = "00000000-0000-4000-8000-00000000000e"
_NEED: Final[dict[str, Any]] = {
    "kinds": [],
    "features": [],
    "men": 0,
    "oldest_son_age": None,
    "security": "open",
    "services": [],
    "languages": [],
}
_REGISTERED: Final[dict[str, Any]] = {
    "name": "Locatie",
    "organisation": "org-1",
    "region": "R07",
    "security": "open",
    "audience": ["women"],
    "max_son_age": None,
    "languages": ["nl"],
    "services": [],
    "intake_phone": "0800-000001",
}
_UNIT: Final[dict[str, Any]] = {"kind": "crisis", "overflow": False, "max_adults": 1, "max_children": 2, "beds": 3, "features": []}
_ASKED: Final[dict[str, Any]] = {
    "adults": 1,
    "children": 0,
    "kinds": [],
    "features": [],
    "ttl_seconds": 1_800,
    "desk": "d",
    "asked_by": "a" * 16,
}


def _record(offset: int, key: str, kind: str, data: dict[str, Any], *, source: str = _OWN, subject: str | None = None) -> Logged:
    time = f"2026-03-01T12:00:{offset:02}Z"
    event = {"specversion": "1.0", "id": f"event-{offset}", "source": source, "type": f"nl.plek.{kind}.v1", "time": time}
    return Logged(offset, _NOON + offset * 1_000, key.encode(), orjson.dumps(event | {"subject": subject or key, "data": data}))


def _berk(offset: int, kind: str, /, *, source: str = _OWN, **data: Any) -> Logged:
    return _record(offset, "berk", kind, {"shelter": "berk"} | data, source=source)


def _beds() -> list[Logged]:
    """Return a shelter with two units: one gets occupied, and the other one is held."""
    return [
        _berk(0, "shelter-registered", **_REGISTERED),
        _berk(1, "unit-declared", unit="u1", **_UNIT),
        _berk(2, "unit-declared", unit="u2", **_UNIT),
        _berk(3, "admission", unit="u1", stay=_STAY, adults=1, children=0),
        Logged(4, _NOON + 4_000, b"berk", b"{"),
        _berk(5, "hold-requested", source=_WORKER, hold=_HOLD, **_ASKED),
    ]


def _demand() -> list[Logged]:
    """Return a search that was made when one unit was free, and a fallback."""
    found = {"search": _SEARCH, "region": "R07", "adults": 1, "children": 0, "need": _NEED, "exclude_regions": []}
    made = found | {"fitting_units": 1, "offers": 1, "view": {"0": 3}}
    evidence = {"status": "unavailable", "free_nationally": 0, "fitting_nationally": 0, "fitting_excluded_for_safety": 0}
    started = {
        "fallback": _CASE,
        "region": "R07",
        "accommodation": "hotel",
        "adults": 1,
        "children": 0,
        "need": _NEED,
        "reason": "at_night",
    }
    started |= {"occurred_at": "2026-03-01T12:00:05Z", "evidence": evidence | {"unknown_units": 0, "view": {}}}
    return [
        _record(4, _SEARCH, "search-made", made, source=_WORKER, subject="R07")._replace(offset=0),
        _record(5, _CASE, "fallback-started", started, source=_WORKER, subject="R07")._replace(offset=1),
    ]


def _counts(**states: int) -> dict[str, int]:
    return dict.fromkeys(("capacity", "occupied", "closed", "held", "paused", "unknown", "free"), 0) | states


def _stored(prefix: str, counts: dict[str, int]) -> dict[str, int]:
    return {f"{prefix}{state}": count for state, count in counts.items()}


_AT_3: Final = _counts(capacity=2, occupied=1, free=1)
_AT_5: Final = _counts(capacity=2, occupied=1, held=1)
_GRANTED: Final = {"status": "granted", "unit": "u2", "reason": None, "until": _NOON + 5_000 + 1_800_000}


def _entry(event: str, at: int, *names: str) -> dict[str, Any]:
    return {"event": event, "outcome": "success", "at": f"2026-03-01T12:00:{at:02}Z", "objects": [{"id": name} for name in names]}


def _clean() -> History:
    """Return a history in which everything is as it ought to be."""
    made = History()
    made.log[BEDS][0], made.log[DEMAND][0] = _beds(), _demand()
    made.acknowledged = [Acknowledged("berk", _OWN, "event-3", 0, 3, _NOON + 3_100), Acknowledged("berk", _OWN, "event-1")]
    made.shelters = [_seen()]
    made.searches = [SearchSeen(_NOON + 3_900, _NOON + 4_100, 1, 0, 1, _NOON + 3_500, degraded=False)]
    made.areas = [AreaSeen(_NOON + 3_900, _NOON + 4_100, _NOON + 3_500, False, 0, ("R07",), "capacity", "1-2")]
    made.holds = [HoldSeen(_NOON + 5_500, _NOON + 6_500, _HOLD, "granted")]
    made.requested, made.cases = {"w1-1"}, [CaseSeen("w1-1", _CASE)]
    stored = _stored("shelter:berk:", _AT_5) | _stored("national:", _AT_5)
    made.moments = [
        Moment(BEDS, 0, 5, _NOON + 6_000, 1, stored, {f"berk/{_HOLD}": _GRANTED}),
        Moment(DEMAND, 0, 1, _NOON + 6_000, 0, {}, {f"search/{_SEARCH}": {}, f"fallback/{_CASE}": {}}),
    ]
    made.dead_letters = {(BEDS, 0, 4)}
    made.audit = [_entry("shelters-shown", 4, "berk"), _entry("search-made", 4, _SEARCH), _entry("holds-shown", 6, _HOLD)]
    return made


def _seen(**changed: Any) -> ShelterSeen:
    """Return an answer about the shelter at offset 3."""
    seen = ShelterSeen(_NOON + 3_900, _NOON + 4_100, "berk", 0, 3, _NOON + 3_500, False, _AT_3, _counts())
    return seen._replace(**changed)


def _found(history: History) -> Verdict:
    return check(history)


def _kinds(history: History) -> set[str]:
    return {violation.kind for violation in check(history).violations}


def test_a_history_in_which_all_is_well_has_no_violation() -> None:
    """Nothing is found where nothing is wrong, and every kind of violation was looked for; two holders need a second hold."""
    verdict = _found(_clean())
    assert verdict.violations == []
    assert set(verdict.comparisons) == set(_WRONG.values()) - {"two holders"}


def test_a_record_that_comes_again_is_counted_as_such() -> None:
    """A copy of an event in the log is a redelivery, and no violation."""
    history = _clean()
    history.log[BEDS][0].append(_beds()[3]._replace(offset=6, timestamp=_NOON + 6_000))
    verdict = _found(history)
    assert (verdict.repeated, verdict.violations) == (1, [])


_WRONG: Final = {
    "a promise that is not in the log": "lost write",
    "a promise that stands elsewhere": "lost write",
    "a fallback that is not in the log": "lost write",
    "a granted hold that is not in the log": "lost write",
    "a bad record without a dead letter": "lost dead letter",
    "one request with two fallbacks": "doubled effect",
    "more fallbacks than requests": "doubled effect",
    "an admission that is not in the view": "skipped event",
    "an admission that counts twice in the nation": "skipped event",
    "a hold that the view has otherwise": "skipped event",
    "a dead letter that is not counted": "skipped event",
    "an open fallback that is not in the view": "skipped event",
    "a count below zero": "count out of range",
    "an answer that no prefix gives": "never true",
    "an answer from the future": "never true",
    "a search that counted too much": "never true",
    "a search that was never made": "never true",
    "an area with room that there never was": "never true",
    "a hold that was said to be declined": "never true",
    "an old position with a new age": "stale shown as fresh",
    "an old answer that is not called degraded": "stale shown as fresh",
    "an area that hides its age": "stale shown as fresh",
    "two holds on one unit": "two holders",
    "a shelter that was looked at unseen": "look not noted",
    "two looks with one entry": "look not noted",
    "a look that was refused in the audit log": "look not noted",
}


@pytest.mark.parametrize("what", _WRONG)
def test_each_kind_of_violation_is_found(what: str) -> None:
    """What is wrong in one place of a history is found, and named as what it is."""
    history = _clean()
    _spoil(history, what)
    assert _WRONG[what] in _kinds(history)


def _spoil(history: History, what: str) -> None:  # noqa: C901, PLR0912 - a table of one line a row
    """Make one thing wrong."""
    beds, demand = history.moments
    match what:
        case "a promise that is not in the log":
            history.acknowledged.append(Acknowledged("berk", _OWN, "event-9"))
        case "a promise that stands elsewhere":
            history.acknowledged.append(Acknowledged("berk", _OWN, "event-3", 0, 2, _NOON + 3_100))
        case "a fallback that is not in the log":
            history.cases.append(CaseSeen("w1-2", _SEARCH))
        case "a granted hold that is not in the log":
            history.holds.append(HoldSeen(_NOON + 5_500, _NOON + 6_500, _SECOND, "granted", "holds-shown"))
            history.audit.append(_entry("holds-shown", 6, _SECOND))
        case "a bad record without a dead letter":
            history.dead_letters.clear()
        case "one request with two fallbacks":
            history.cases.insert(0, CaseSeen("w1-1", _SEARCH))
        case "more fallbacks than requests":
            history.requested.clear()
        case "an admission that is not in the view":
            history.moments[0] = beds._replace(counts=_stored("shelter:berk:", _AT_3) | _stored("national:", _AT_5))
        case "an admission that counts twice in the nation":
            history.moments[0] = beds._replace(counts=beds.counts | {"national:occupied": 2, "national:capacity": 3})
        case "a hold that the view has otherwise":
            history.moments[0] = beds._replace(documents={f"berk/{_HOLD}": _GRANTED | {"status": "released"}})
        case "a dead letter that is not counted":
            history.moments[0] = beds._replace(dead_letters=0)
        case "an open fallback that is not in the view":
            history.moments[1] = demand._replace(documents={f"search/{_SEARCH}": {}})
        case _:
            _spoil_answers(history, what)


def _spoil_answers(history: History, what: str) -> None:  # noqa: C901, PLR0912 - the rest of the table
    """Make one answer, or what was noted of it, wrong."""
    search, area = history.searches[0], history.areas[0]
    match what:
        case "a count below zero":
            history.shelters[0] = _seen(overflow=_counts(free=-1, held=1))
        case "an answer that no prefix gives":
            history.shelters[0] = _seen(counts=_counts(capacity=2, free=2))
        case "an answer from the future":
            history.shelters[0] = _seen(counts=_AT_5)
        case "a search that counted too much":
            history.log[DEMAND][0][0] = _miscounted(history.log[DEMAND][0][0])
        case "a search that was never made":
            history.searches[0] = search._replace(offers=2)
        case "an area with room that there never was":
            history.areas[0] = area._replace(free="3+")
        case "a hold that was said to be declined":
            history.holds[0] = history.holds[0]._replace(status="declined")
        case "an old position with a new age":
            history.shelters[0] = _seen(offset=2, counts=_counts(capacity=2, free=2))
        case "an old answer that is not called degraded":
            history.searches[0] = search._replace(as_of=search.sent - 20_000)
        case "an area that hides its age":
            history.areas[0] = area._replace(as_of=area.sent - 5_000)
        case "two holds on one unit":
            _hold_again(history)
        case "a shelter that was looked at unseen":
            del history.audit[0]
        case "two looks with one entry":
            history.shelters.append(_seen())
        case "a look that was refused in the audit log":
            history.audit[0]["outcome"] = "refused"


def _miscounted(made: Logged) -> Logged:
    event = orjson.loads(made.value or b"")
    event["data"]["fitting_units"] = 2
    return made._replace(value=orjson.dumps(event))


def _hold_again(history: History) -> None:
    """Let a second hold be granted on the unit of the first, in the log as in the view, as a broken fold would."""
    history.moments.append(history.moments[0]._replace(documents={f"berk/{_SECOND}": _GRANTED, f"berk/{_HOLD}": _GRANTED}))
    history.log[BEDS][0] += [
        _berk(6, "hold-released", source=_WORKER, hold=_HOLD),
        _berk(7, "hold-requested", source=_WORKER, hold=_SECOND, **_ASKED),
    ]
    history.holds += [HoldSeen(_NOON + 6_000, _NOON + 7_600, _SECOND, "granted"), HoldSeen(_NOON + 8_000, _NOON + 8_900, _HOLD, "granted")]
    history.audit += [_entry("holds-shown", 7, _SECOND), _entry("holds-shown", 8, _HOLD)]


def test_a_history_is_not_changed_by_its_check() -> None:
    """The same history is judged alike twice."""
    history = _clean()
    assert (_found(history).comparisons, replace(history)) == (_found(history).comparisons, _clean())
