"""What looks wrong about an event, as rows: how the shelter is shown, what was sent before in the same request, the event, its codes."""

from dataclasses import replace
from typing import Any, Final, get_args

import pytest

from services.adapters.labels.code_labels import code_lists
from services.domain.beds.fact_warnings import UNDO_EFFECTS, WarningCode, check, expect
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import Closing, Held, Paused, ShelterSnapshot, StaySnapshot, UnitSnapshot
from services.domain.events import catalog as e

NOW: Final = 1_772_409_600_000
SINCE: Final = NOW * 1_000_000
HERE, GONE, NEW = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2, 3))
HOLD, OVER = (f"0000000{n}-0000-4000-8000-00000000000a" for n in (1, 2))
REGISTERED: Final = e.ShelterRegistered(
    shelter="berk",
    name="Berk",
    organisation="org",
    region="R07",
    security="open",
    audience=("women",),
    max_son_age=None,
    languages=(),
    services=(),
    intake_phone="0800",
)


def _unit(name: str, **more: Any) -> UnitSnapshot:
    return UnitSnapshot(name, kind="crisis", max_adults=1, max_children=2, beds=3, **more)


def _hold(hold: str, unit: str, until: int) -> HoldFacts:
    return HoldFacts(
        hold=hold,
        offset=1,
        status="granted",
        unit=unit,
        reason=None,
        requested_at=NOW,
        until=until,
        adults=1,
        children=2,
        desk="d",
        asked_by="0" * 16,
    )


SHOWN: Final = ShelterSnapshot(
    "berk",
    registration=REGISTERED,
    units={
        "free": _unit("free"),
        "full": _unit("full", stays=(StaySnapshot(HERE, 1, 1, SINCE, None),)),
        "shut": _unit("shut", closed=Closing("cleaning", None)),
        "held": _unit("held", held=Held(HOLD, NOW + 1)),
        "was-held": _unit("was-held", held=Held(OVER, NOW)),
    },
)
HOLDS: Final = {("berk", HOLD): _hold(HOLD, "held", NOW + 1), ("berk", OVER): _hold(OVER, "was-held", NOW)}
PAUSED: Final = replace(SHOWN, paused=Paused("staffing", None))


def _admit(unit: str, adults: int = 1, children: int = 0, stay: str = NEW, **more: Any) -> e.Admission:
    return e.Admission(shelter="berk", unit=unit, stay=stay, adults=adults, children=children, **more)


def _leave(stay: str, **more: Any) -> e.Discharge:
    return e.Discharge(shelter="berk", stay=stay, destination="home", **more)


def _move(stay: str, unit: str) -> e.Transfer:
    return e.Transfer(shelter="berk", stay=stay, to_unit=unit)


def _declare(unit: str, adults: int = 1, children: int = 2) -> e.UnitDeclared:
    return e.UnitDeclared(
        shelter="berk", unit=unit, kind="crisis", overflow=False, max_adults=adults, max_children=children, beds=3, features=()
    )


def _shut(unit: str) -> e.UnitClosed:
    return e.UnitClosed(shelter="berk", unit=unit, reason="cleaning")


def _open(unit: str) -> e.UnitReopened:
    return e.UnitReopened(shelter="berk", unit=unit)


Row = tuple[str, ShelterSnapshot | None, tuple[e.Data, ...], e.Data, tuple[WarningCode, ...]]
ROWS: Final[list[Row]] = [
    ("a fitting admission", SHOWN, (), _admit("free", 1, 2), ()),
    ("D9: a household that is too large", SHOWN, (), _admit("free", 2, 5), ("unit-too-small",)),
    ("one child too many", SHOWN, (), _admit("free", 1, 3), ("unit-too-small",)),
    ("D9: a unit that does not exist", SHOWN, (), _admit("nonexist"), ("unit-not-declared",)),
    ("D9: an occupied unit", SHOWN, (), _admit("full"), ("unit-occupied",)),
    ("the same stay once more", SHOWN, (), _admit("full", stay=HERE), ("stay-present",)),
    ("a closed unit", SHOWN, (), _admit("shut"), ("unit-closed",)),
    ("D9: a unit that is held", SHOWN, (), _admit("held"), ("unit-held",)),
    ("a unit that is held for this household", SHOWN, (), _admit("held", hold=HOLD), ()),
    ("a hold on another unit", SHOWN, (), _admit("free", hold=HOLD), ()),
    ("a hold that has expired", SHOWN, (), _admit("was-held", hold=OVER), ("hold-over",)),
    ("a hold that never was", SHOWN, (), _admit("free", hold=NEW), ("hold-over",)),
    ("a hold that has expired keeps no unit", SHOWN, (), _admit("was-held"), ()),
    ("a paused intake", PAUSED, (), _admit("free"), ("intake-paused",)),
    ("a shelter that is not registered", None, (), _admit("free"), ("shelter-not-registered", "unit-not-declared")),
    ("D9: a discharge of a stay that never was", SHOWN, (), _leave(GONE), ("stay-unknown",)),
    ("a discharge", SHOWN, (), _leave(HERE), ()),
    ("a discharge before the admission", SHOWN, (), _leave(HERE, occurred_at=SINCE - 1), ("before-admission",)),
    ("a discharge twice in one request", SHOWN, (_leave(HERE),), _leave(HERE), ("stay-ended",)),
    ("an admission of a stay that has ended", SHOWN, (_leave(NEW),), _admit("free"), ("stay-ended",)),
    ("a transfer", SHOWN, (), _move(HERE, "free"), ()),
    ("a transfer into a held unit", SHOWN, (), _move(HERE, "held"), ("unit-held",)),
    ("a transfer of an unknown stay", SHOWN, (), _move(GONE, "free"), ("stay-unknown",)),
    ("a transfer into a closed unit", SHOWN, (), _move(HERE, "shut"), ("unit-closed",)),
    ("a birth", SHOWN, (), e.StayChanged(shelter="berk", stay=HERE, adults=1, children=2), ()),
    ("a household that outgrows", SHOWN, (), e.StayChanged(shelter="berk", stay=HERE, adults=1, children=3), ("unit-too-small",)),
    ("a planned discharge of nobody", SHOWN, (), e.DischargePlanned(shelter="berk", stay=GONE, expected_at=0), ("stay-unknown",)),
    ("a closing", SHOWN, (), _shut("free"), ()),
    ("a closing of an occupied unit", SHOWN, (), _shut("full"), ("unit-occupied",)),
    ("a closing of a held unit", SHOWN, (), _shut("held"), ("unit-held",)),
    ("a closing of an undeclared unit", SHOWN, (), _shut("x"), ("unit-not-declared",)),
    ("a reopening", SHOWN, (), _open("shut"), ()),
    ("a reopening of an open unit", SHOWN, (), _open("free"), ("unit-not-closed",)),
    ("a withdrawal of an occupied unit", SHOWN, (), e.UnitWithdrawn(shelter="berk", unit="full"), ("unit-occupied",)),
    ("a resumption", PAUSED, (), e.IntakeResumed(shelter="berk"), ()),
    ("a resumption of what goes on", SHOWN, (), e.IntakeResumed(shelter="berk"), ("intake-not-paused",)),
    ("a count", SHOWN, (), e.CountConfirmed(shelter="berk", free=3), ()),
    ("a count without a number", SHOWN, (), e.CountConfirmed(shelter="berk"), ()),
    ("a count that differs", SHOWN, (), e.CountConfirmed(shelter="berk", free=2), ("count-differs",)),
    ("an answer to a live hold", SHOWN, (), e.HoldAccepted(shelter="berk", hold=HOLD), ()),
    ("an answer to a hold that is over", SHOWN, (), e.HoldDeclined(shelter="berk", hold=OVER, reason="full"), ("hold-over",)),
    ("one request that registers all", None, (REGISTERED, _declare("u1")), _admit("u1"), ()),
    ("a unit filled in one request", SHOWN, (_admit("free"),), _admit("free", stay=GONE), ("unit-occupied",)),
    ("a unit emptied in one request", SHOWN, (_leave(HERE),), _admit("full"), ()),
    ("a unit left to clean", SHOWN, (_leave(HERE, unit_ready=False),), _admit("full"), ("unit-closed",)),
    ("a unit moved out of", SHOWN, (_move(HERE, "free"),), _admit("full"), ()),
    ("a unit reopened in one request", SHOWN, (_open("shut"),), _admit("shut"), ()),
    ("a unit closed in one request", SHOWN, (_shut("free"),), _admit("free"), ("unit-closed",)),
    ("a unit withdrawn in one request", SHOWN, (e.UnitWithdrawn(shelter="berk", unit="free"),), _admit("free"), ("unit-not-declared",)),
    ("a unit made larger in one request", SHOWN, (_declare("free", 2, 5),), _admit("free", 2, 5), ()),
    ("a pause in one request", SHOWN, (e.IntakePaused(shelter="berk", reason="safety"),), _admit("free"), ("intake-paused",)),
    ("a resumption in one request", PAUSED, (e.IntakeResumed(shelter="berk"),), _admit("free"), ()),
    (
        "a household that grew in one request",
        SHOWN,
        (e.StayChanged(shelter="berk", stay=HERE, adults=2, children=0),),
        _move(HERE, "free"),
        ("unit-too-small",),
    ),
]


@pytest.mark.parametrize(("shown", "before", "sent", "codes"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_event_gets_its_warnings(
    shown: ShelterSnapshot | None, before: tuple[e.Data, ...], sent: e.Data, codes: tuple[WarningCode, ...]
) -> None:
    """An event has exactly the warnings of its row, and the snapshot that it was compared with is left as it was."""
    untouched = repr(shown)
    shelter = expect("berk", shown, HOLDS, NOW)
    events = [e.Event(id=str(n), source="urn:plek:a", time=SINCE, subject="berk", data=data) for n, data in enumerate((*before, sent))]
    assert [check(shelter, event) for event in events][-1] == codes
    assert repr(shown) == untouched


def test_every_warning_has_words_and_a_reason() -> None:
    """Each code has Dutch and English words, and each is one that a row, an undoing or a missing view gives."""
    codes = set(get_args(WarningCode))
    given = {code for row in ROWS for code in row[4]} | {code for effects in UNDO_EFFECTS.values() for code in effects}
    assert codes == set(code_lists()["warnings"]) == given | {"not-checked"}
