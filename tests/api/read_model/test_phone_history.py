"""The phone before a change, as answers show it."""

from dataclasses import replace

from services.adapters.proposals.table import PhoneChange
from services.api.duty.duty_list import phones_before
from services.api.read_model.phone_history import PhoneHistory
from services.domain.events.catalog import ShelterRegistered
from services.domain.search.duty_numbers import OrganisationInRegion
from tests.sent import registered

BERK = ShelterRegistered(**registered()["data"] | {"audience": ("women",), "languages": ("nl",), "services": ()})
CHANGED = PhoneChange("0800-9", 1_000)


def _changed(_shelter: str, _now: int) -> PhoneChange:
    return CHANGED


def test_the_phone_before_stands_beside_the_new_one() -> None:
    """A phone that was changed lately has the one before and when it was changed; one that was changed back has neither."""
    history = PhoneHistory(_changed)
    assert history.members(BERK) == {"phone_before": "0800-9", "phone_changed_at": "1970-01-01T00:00:01Z"}
    assert history.members(replace(BERK, intake_phone="0800-9")) == {}
    assert (history.members(None), PhoneHistory().members(BERK)) == ({}, {})


def test_the_duty_list_shows_no_former_phone_that_a_highly_secure_shelter_has() -> None:
    """A number before is shown of its organisation and region, unless it would disclose where a highly secure shelter is."""
    change_of = PhoneHistory(_changed).change
    shown = {(OrganisationInRegion("org-1", "R07"), "0800-000001"): CHANGED}
    assert phones_before([BERK], change_of) == shown
    secret = replace(BERK, shelter="den", security="high_secure", intake_phone="0800-9")
    assert phones_before([BERK, secret], change_of) == {}
