"""Property: what a call can say is what an envelope can say, member by member."""

from dataclasses import fields
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.codec.event_codec import plain
from services.adapters.codec.validation import FieldProblem, members
from services.domain.events import catalog as e
from services.gateway.facts import forms
from tests.strategies import HOLDS, STAYS, UNITS, adults, maybe, times

_FORMS: Final[dict[type, type[Any]]] = {
    e.Admission: forms.AdmissionForm,
    e.Discharge: forms.DischargeForm,
    e.Transfer: forms.TransferForm,
    e.StayChanged: forms.StayChangeForm,
    e.DischargePlanned: forms.PlannedDischargeForm,
    e.UnitClosed: forms.ClosureForm,
    e.UnitReopened: forms.ReopeningForm,
    e.CountConfirmed: forms.CountForm,
    e.IntakePaused: forms.PauseForm,
    e.IntakeResumed: forms.ResumptionForm,
}
_STAY, _UNIT, _HOLD, _AT = st.sampled_from(STAYS), st.sampled_from(UNITS), st.sampled_from(HOLDS), {"occurred_at": maybe(times)}
_SIZE: Final = {"adults": st.integers(1, 2), "children": adults}
_BERK: Final = {"shelter": st.just("berk")}
_FACTS: Final = st.one_of(
    st.builds(e.Admission, **_BERK, unit=_UNIT, stay=_STAY, hold=maybe(_HOLD), **_SIZE, **_AT),
    st.builds(e.Discharge, **_BERK, stay=_STAY, destination=st.just("home"), unit_ready=st.booleans(), **_AT),
    st.builds(e.Transfer, **_BERK, stay=_STAY, to_unit=_UNIT, **_AT),
    st.builds(e.StayChanged, **_BERK, stay=_STAY, **_SIZE, **_AT),
    st.builds(e.DischargePlanned, **_BERK, stay=_STAY, expected_at=times, **_AT),
    st.builds(e.UnitClosed, **_BERK, unit=_UNIT, reason=st.just("cleaning"), expected_until=maybe(times), **_AT),
    st.builds(e.UnitReopened, **_BERK, unit=_UNIT, **_AT),
    st.builds(e.CountConfirmed, **_BERK, free=maybe(st.integers(0, 9))),
    st.builds(e.IntakePaused, **_BERK, reason=st.just("safety"), expected_until=maybe(times), **_AT),
    st.builds(e.IntakeResumed, **_BERK, **_AT),
)


@given(fact=_FACTS)
def test_a_call_says_all_that_an_envelope_says(fact: Any) -> None:
    """The data of an event, sent as the body of its call without the shelter, make the same data again."""
    body = {name: value for name, value in plain(fact).items() if name != "shelter"}
    problems: list[FieldProblem] = []
    form = members(_FORMS[type(fact)], frozenset(), "")(body, problems)
    assert problems == []
    assert form.data("berk", getattr(fact, "stay", "")) == fact


@pytest.mark.parametrize(("shape", "form"), _FORMS.items())
def test_a_call_says_no_more_than_an_envelope(shape: type, form: type[Any]) -> None:
    """A body has the members of its event without the shelter, and for a stay that is there already its unit in place of the stay."""
    stay_or_unit = {"unit"} if issubclass(form, forms.StayForm) else set()
    assert {each.name for each in fields(form)} == {each.name for each in fields(shape)} - {"shelter"} | stay_or_unit
