"""The duty list: which number is chosen, which is never chosen, and which of two statements counts."""

from dataclasses import replace
from itertools import permutations
from typing import Final

import pytest

from services.adapters.schemas.examples import example
from services.domain.events.catalog import ShelterRegistered
from services.domain.search.duty_numbers import Number, OrganisationInRegion, choose, dated, digits, merged, places

_EXAMPLE: Final = example(ShelterRegistered).data
HERE: Final = OrganisationInRegion("org-1", "R07")


def shelter(name: str, phone: str, security: str = "open", region: str = "R07", organisation: str = "org-1") -> ShelterRegistered:
    """Return a registration."""
    assert isinstance(_EXAMPLE, ShelterRegistered)
    return replace(_EXAMPLE, shelter=name, organisation=organisation, region=region, security=security, intake_phone=phone)


def test_one_number_per_organisation_and_region() -> None:
    """Two organisations in two regions give one number for each pair that has a shelter, and none for the others."""
    known = [shelter("a", "111"), shelter("b", "222", region="R01"), shelter("c", "333", organisation="org-2")]
    assert choose(known) == {HERE: "111", OrganisationInRegion("org-1", "R01"): "222", OrganisationInRegion("org-2", "R07"): "333"}
    assert places([*known, shelter("d", "444", "high_secure", "R09")]) == {*choose(known), OrganisationInRegion("org-1", "R09")}


def test_a_number_of_a_high_secure_shelter_is_never_chosen() -> None:
    """The number of a `high_secure` shelter is not chosen where it is the only one, nor where an open shelter has it too."""
    assert choose([shelter("a", "0800-000001", "high_secure")]) == {}
    both = [shelter("a", "0800-000001", "high_secure", "R01"), shelter("b", "+31 800 000001"), shelter("c", "0800-000002", "secure")]
    assert choose(both) == {HERE: "0800-000002"}


def test_a_central_number_is_chosen_first() -> None:
    """The number that most shelters of the organisation share comes before that of an open shelter, and that before a secure one."""
    houses = [shelter("a", "111", "secure"), shelter("b", "222"), shelter("c", "333"), shelter("d", "333", region="R01")]
    assert choose(houses)[HERE] == "333"
    assert choose(houses[:2])[HERE] == "222"
    assert choose([shelter("z", "444"), shelter("a", "555")])[HERE] == "444"


def test_what_can_not_be_dialled_is_no_number() -> None:
    """The contract allows a telephone number without digits: such a shelter has no number."""
    assert choose([shelter("a", "- +"), shelter("b", "12")]) == {}
    assert choose([shelter("a", " "), shelter("b", "112")]) == {HERE: "112"}


def test_the_choice_does_not_depend_on_the_order() -> None:
    """The same shelters in any order give the same numbers."""
    houses = [shelter("a", "111"), shelter("b", "0111"), shelter("c", "222", "secure"), shelter("d", "222", "secure", "R01")]
    assert {tuple(sorted(choose(order).items())) for order in permutations(houses)} == {tuple(sorted(choose(houses).items()))}


@pytest.mark.parametrize(
    ("one", "other"),
    [("0800-000001", "0800 000001"), ("+31 20 1234567", "020-1234567"), ("0031201234567", "020 1234567"), ("+31 020 1", "0201")],
)
def test_two_ways_of_writing_one_number_are_equal(one: str, other: str) -> None:
    """Two numbers that differ in spaces, dashes and the country code are equal."""
    assert digits(one) == digits(other)


def test_a_number_keeps_its_date_until_it_changes() -> None:
    """The same number keeps its date; another number, or one that was withdrawn before, has a new date."""
    known = {HERE: Number(1, "1")}
    assert dated({HERE: "1"}, known, 9) == known
    assert dated({HERE: "2"}, known, 9) == {HERE: Number(9, "2")}
    assert dated({HERE: "1"}, {HERE: Number(1, None)}, 9) == {HERE: Number(9, "1")}


def test_the_later_statement_counts_in_any_order() -> None:
    """Of several statements, withdrawals among them, the latest counts; of the same instant every reader chooses the same."""
    statements = [{HERE: Number(1, "1")}, {HERE: Number(3, None)}, {HERE: Number(2, "2")}, {HERE: Number(3, "0")}]
    found = {tuple(merged(*order).items()) for order in permutations(statements)}
    assert found == {((HERE, Number(3, None)),)}
