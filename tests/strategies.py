"""Hypothesis strategies for logs of shelters: a small world where everything meets everything.

How many examples a property gets is one setting: PROPERTIES=ci for all of CI's, else the quick default.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from services.adapters.codec.event_codec import encode, key_of
from services.domain.events import catalog as e
from services.domain.events import value_types as v
from tests.reference.log import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

# A property over logs runs a whole log an example: twelve such properties of 180 make CI's 2,000 sequences.
settings.register_profile("ci", max_examples=180, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("PROPERTIES", "quick"))

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
BEGIN: Final = 1_772_409_600_000
"""2 March 2026, the first broker timestamp of every log, in milliseconds."""

SHELTERS: Final = ("berk", "eik")
UNITS: Final = ("u1", "u2", "u3")
STAYS: Final = tuple(f"0000000{n}-0000-4000-8000-000000000000" for n in range(1, 6))
HOLDS: Final = tuple(f"0000000{n}-0000-4000-8000-00000000000a" for n in range(1, 3))
REGIONS: Final = ("R04", "R17")
# An event is named by its place in the log, now and then by that of an earlier one; the order of names is not that of the log.
IDS: Final = tuple(f"e{place * 17 % 40:02}" for place in range(40))
BACK: Final = (0,) * 7 + (1, 2, 9)
TIMES: Final = tuple((BEGIN + minutes * MINUTE) * 1_000_000 for minutes in (0, 0, 1, 2, 3, 30, 60))
# Between two records of a log: often nothing, else exactly a limit of the contract, a moment before it, or back in time.
STEPS: Final = (0,) * 50 + (MINUTE,) * 10 + (30 * MINUTE, 30 * MINUTE, HOUR, 12 * HOUR, 24 * HOUR - 1, 24 * HOUR, -HOUR)
LONG_STEPS: Final = (*STEPS, 100 * DAY, 200 * DAY, 400 * DAY - 1, 400 * DAY, 400 * DAY)

times = st.sampled_from(TIMES)
adults = st.integers(0, 2)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Leave it out, or not."""
    return st.none() | strategy


def _some(values: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


units, stays, holds = st.sampled_from(UNITS), st.sampled_from(STAYS), st.sampled_from(HOLDS)


def weighted(strategies: Sequence[st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Choose one of these as often as it stands there (`one_of` looks at each but once)."""
    return st.integers(0, len(strategies) - 1).flatmap(strategies.__getitem__)


def sources(shelter: str) -> st.SearchStrategy[str]:
    """Choose its own desk, or one that only looks like it."""
    return st.sampled_from((f"urn:plek:shelter:{shelter}:desk-1",) * 4 + (f"urn:plek:shelter:{shelter}0:d", "urn:plek:coordinator"))


def named(source: st.SearchStrategy[str]) -> st.SearchStrategy[e.Named]:
    """Name some event of the small world."""
    return st.builds(e.Named, source=source, id=st.sampled_from(IDS))


def registrations(shelter: str) -> st.SearchStrategy[e.BedData]:
    """Register in one of two regions."""
    return st.builds(
        e.ShelterRegistered,
        shelter=st.just(shelter),
        name=st.sampled_from(("Berk", "Eik")),
        organisation=st.just("org-1"),
        region=st.sampled_from(REGIONS),
        security=st.just("open"),
        audience=st.just(()),
        max_son_age=st.none(),
        languages=st.just(()),
        services=st.just(()),
        intake_phone=st.just("0"),
    )


def declarations(shelter: str) -> st.SearchStrategy[e.BedData]:
    """Declare units that differ in size, kind and features; some overflow."""
    return st.builds(
        e.UnitDeclared,
        shelter=st.just(shelter),
        unit=units,
        kind=st.sampled_from(v.KINDS[:2]),
        overflow=st.sampled_from((False, False, True)),
        max_adults=st.integers(1, 2),
        max_children=st.integers(0, 2),
        beds=st.just(4),
        features=_some(v.FEATURES[:2]),
    )


def facts(shelter: str) -> list[st.SearchStrategy[e.BedData]]:
    """List every kind of fact about units, stays and intake; what moves counts most often stands in it more than once."""
    own, when = st.just(shelter), maybe(times)
    admissions = st.builds(
        e.Admission,
        shelter=own,
        unit=units,
        stay=stays,
        adults=st.just(1),
        children=adults,
        hold=st.none() | holds | holds,
        occurred_at=when,
    )
    discharges = st.builds(e.Discharge, shelter=own, stay=stays, destination=st.just("home"), unit_ready=st.booleans(), occurred_at=when)
    transfers = st.builds(e.Transfer, shelter=own, stay=stays, to_unit=units, occurred_at=when)
    return [
        *[admissions] * 6,
        discharges,
        *[transfers] * 2,
        registrations(shelter),
        *[declarations(shelter)] * 3,
        st.builds(e.UnitWithdrawn, shelter=own, unit=units),
        st.builds(e.UnitClosed, shelter=own, unit=units, reason=st.just("other"), expected_until=maybe(times), occurred_at=when),
        st.builds(e.UnitReopened, shelter=own, unit=units, occurred_at=when),
        st.builds(e.StayChanged, shelter=own, stay=stays, adults=st.just(2), children=adults, occurred_at=when),
        st.builds(e.DischargePlanned, shelter=own, stay=stays, expected_at=times, occurred_at=when),
        st.builds(e.IntakePaused, shelter=own, reason=st.just("safety"), expected_until=st.none(), occurred_at=when),
        st.builds(e.IntakeResumed, shelter=own, occurred_at=when),
        st.builds(e.CountConfirmed, shelter=own, free=maybe(st.integers(0, 3))),
        *[corrections(shelter)] * 3,
    ]


def corrections(shelter: str) -> st.SearchStrategy[e.BedData]:
    """Correct some event of the shelter, also of corrections and hold events, which they can't take out."""
    return st.builds(e.Correction, shelter=st.just(shelter), corrects=named(sources(shelter)), reason=st.just("mistake"))


def hold_events(shelter: str) -> list[st.SearchStrategy[e.BedData]]:
    """List all that can be said of a hold."""
    own, ttl = st.just(shelter), st.sampled_from((60, 1_800, 7_200, 7_200))
    requests = st.builds(
        e.HoldRequested,
        shelter=own,
        hold=holds,
        adults=st.just(1),
        children=adults,
        kinds=st.just(()) | _some(v.KINDS[:2]),
        features=st.just(()) | _some(v.FEATURES[:2]),
        ttl_seconds=ttl,
        desk=st.just("crisis-oost"),
        asked_by=st.just("0" * 16),
    )
    return [
        *[requests] * 5,
        st.builds(e.HoldExtended, shelter=own, hold=holds, ttl_seconds=ttl),
        st.builds(e.HoldAccepted, shelter=own, hold=holds),
        st.builds(e.HoldReleased, shelter=own, hold=holds),
        st.builds(e.HoldDeclined, shelter=own, hold=holds, reason=st.just("full")),
    ]


def _wrapped(shelter: str, data: st.SearchStrategy[e.BedData]) -> st.SearchStrategy[e.Event]:
    return st.builds(e.Event, id=st.sampled_from(IDS), source=sources(shelter), time=times, subject=st.just(shelter), data=data)


# Three events in four are of one shelter: things happen where they meet.
_WHERE: Final = (SHELTERS[0],) * 3 + SHELTERS[1:]
fact_events = weighted([_wrapped(shelter, weighted(facts(shelter))) for shelter in _WHERE])
bed_events = weighted([_wrapped(shelter, weighted([*facts(shelter), *hold_events(shelter), *hold_events(shelter)])) for shelter in _WHERE])


def _opening(shelter: str) -> list[e.Event]:
    registered = e.ShelterRegistered(
        shelter=shelter,
        name="Berk",
        organisation="org-1",
        region="R04",
        security="open",
        audience=(),
        max_son_age=None,
        languages=(),
        services=(),
        intake_phone="0",
    )
    unit = e.UnitDeclared(
        shelter=shelter, unit="u1", kind="crisis", overflow=False, max_adults=2, max_children=2, beds=4, features=v.FEATURES[:2]
    )
    datas: list[e.BedData] = [registered, unit, replace(unit, unit="u2")]
    source = f"urn:plek:shelter:{shelter}:opening"
    return [e.Event(id=f"o{n}", source=source, time=TIMES[0], subject=shelter, data=data) for n, data in enumerate(datas)]


OPENING: Final = [event for shelter in SHELTERS for event in _opening(shelter)]

DEAD: Final = Record(b"berk", b"{", BEGIN)


# One in twenty is a record nobody can read.
_SENT: Final = st.tuples(weighted([bed_events] * 19 + [st.none()]), st.sampled_from(BACK))


def log_named(event: e.Event, place: int, back: int) -> e.Event:
    """Name an event after its place in the log, or that of an earlier one."""
    return replace(event, id=IDS[max(0, place - back) % len(IDS)])


@st.composite
def logs(draw: st.DrawFn, steps: tuple[int, ...] = STEPS, most: int = 30) -> list[Record]:
    """Make logs of one partition: out of order, sent twice, corrected, some records spoiled, at the broker's clock."""
    least = draw(st.sampled_from((0, most // 2, most - 5)))
    sent = draw(st.lists(st.tuples(_SENT, st.sampled_from(steps)), min_size=least, max_size=most))
    records = [record(event, BEGIN) for event in OPENING] if draw(st.sampled_from((True, True, False))) else []
    clock = BEGIN
    for place, ((event, back), step) in enumerate(sent):
        clock += step
        records.append(record(log_named(event, place, back), clock) if event else DEAD._replace(timestamp=clock))
    return records


@st.composite
def facts_once(draw: st.DrawFn, most: int = 30) -> list[e.Event]:
    """Make facts with a name each, of which any order has the same first record (R2)."""
    told = draw(st.lists(fact_events, min_size=draw(st.sampled_from((0, most - 10))), max_size=most))
    return [log_named(event, place, 0) for place, event in enumerate(told)]


def record(event: e.Event, timestamp: int = BEGIN) -> Record:
    """Log an event under its key."""
    return Record(key_of(event).encode(), encode(event), timestamp)
