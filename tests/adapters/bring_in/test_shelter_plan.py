"""Shelters and units of a spreadsheet: new ones whole, known ones as far as they change, and what is left out."""

from typing import Any

import pytest

from services.domain.events.catalog import ShelterRegistered, UnitDeclared
from tests.spreadsheets import brought, csv_file, facts, left, names, xlsx_file

_HEADER = "Locatie;Organisatie;Regio;Beveiliging;Doelgroep;Max. leeftijd zonen;Telefoon;Kamer;Soort;Volwassenen;Kinderen;Bedden;Rolstoel"
_NEW = "De Eik;De Linden;Breda;Beveiligd;vrouwen en mannen;12;0612345678;1;crisisopvang;1;3;4;ja"


def test_a_new_shelter_is_brought_in_with_its_units() -> None:
    """The id is the name in the form of the contract; what the first row says is said for the rows below it."""
    plan = brought(csv_file(_HEADER, _NEW, ";;;;;;;2;noodopvang;2;0;;nee"))
    registered, first, second = (planned.event.data for planned in plan.declarations)
    assert registered == ShelterRegistered(
        shelter="de-eik",
        name="De Eik",
        organisation="de-linden",
        region="R07",
        security="secure",
        audience=("women", "men"),
        max_son_age=12,
        languages=("nl",),
        services=(),
        intake_phone="0612345678",
    )
    assert isinstance(first, UnitDeclared)
    assert (first.unit, first.kind, first.beds, first.features) == ("1", "crisis", 4, ("wheelchair",))
    assert isinstance(second, UnitDeclared)
    assert (second.unit, second.kind, second.beds, second.features) == ("2", "emergency", 2, ())
    assert ("beds-summed", "3") in {(remark.code, remark.detail) for remark in plan.remarks}
    assert left(plan) == []


def test_what_plek_has_already_is_unchanged() -> None:
    """A row that says what Plek has is counted; one that changes a member sends the whole with it."""
    header = "Locatie;Telefoon;Kamer;Soort;Max volwassenen;Max kinderen"
    plan = brought(csv_file(header, "De Linde;0800-000001;k1;crisis;2;4", ";;Kamer 4;vervolg;2;5"))
    assert (plan.unchanged, [(unit.unit, unit.changes) for unit in plan.units], plan.shelters) == (2, [("k4", ("max_children",))], [])
    phone = brought(csv_file(header, "De Linde;0800-000002;k1;crisis;2;4"))
    assert [(shelter.shelter, shelter.changes) for shelter in phone.shelters] == [("linde", ("intake_phone",))]
    assert phone.shelters[0].members["organisation"] == "de-linden"


@pytest.mark.parametrize(
    ("rows", "left_out", "registered"),
    [
        (["De Eik;De Linden;Breda;;vrouwen;12;0612345678;1;crisis;1;3;4;"], ["2 incomplete security"], 0),
        ([_NEW.replace("Breda", "Elders")], ["2 code-unknown region"], 0),
        ([_NEW.replace("crisisopvang", "logeren")], ["2 code-unknown kind"], 1),
        ([_NEW.replace(";1;3;4;", ";een;3;4;")], ["2 number-unreadable max_adults"], 1),
        ([_NEW.replace(";1;3;4;", ";;3;4;")], ["2 unit-incomplete max_adults"], 1),
        ([_NEW, _NEW], ["3 twice 2"], 1),
        ([_NEW, _NEW.replace("Breda", "Alkmaar")], ["3 shelter-differs 2"], 0),
        ([_NEW.replace(";12;", ";twaalf;")], ["2 number-unreadable max_son_age"], 0),
        ([_NEW.replace(";ja", ";misschien")], ["2 code-unknown wheelchair"], 1),
    ],
)
def test_what_is_not_clear_is_left_out(rows: list[str], left_out: list[str], registered: int) -> None:
    """A code, a number or a member that is missing, by line and with its field; of a shelter that contradicts itself nothing is sent."""
    plan = brought(csv_file(_HEADER, *rows))
    assert left(plan) == left_out
    assert len(plan.shelters) == registered


@pytest.mark.parametrize(("cell", "age"), [("", None), ("geen", None), ("12", 12), ("t/m 12 jaar", 12), (11, 11)])
def test_an_age_of_sons_may_have_no_limit(cell: Any, age: int | None) -> None:
    """An empty cell under the name of the column means that there is none; without the column a new shelter is not complete."""
    rows = [_HEADER.split(";"), _NEW.split(";")]
    rows[1][5] = cell
    [registered] = [
        planned.event.data for planned in brought(xlsx_file(rows)).declarations if isinstance(planned.event.data, ShelterRegistered)
    ]
    assert registered.max_son_age == age
    without = [[cell for number, cell in enumerate(row) if number != 5] for row in rows]
    assert left(brought(xlsx_file(without))) == ["2 incomplete max_son_age"]


def test_the_file_of_before_can_be_brought_in_again_after_a_change() -> None:
    """The names of a declaration hold what it replaces: a file that changes a telephone back is not taken for the one that came first."""
    header = "Locatie;Telefoon;Beveiliging"
    one, other = (brought(csv_file(header, f"De Linde;{phone};open")) for phone in ("0800-000002", "0800-000003"))
    assert names(one) == names(brought(csv_file(header, "De Linde;0800-000002;open")))
    assert names(one).isdisjoint(names(other))


def test_stays_may_stand_beside_new_units_in_one_file() -> None:
    """A second sheet has the stays of units that the first one brings in."""
    plan = brought(
        xlsx_file(
            [_HEADER.split(";"), _NEW.split(";")],
            Verblijven=[["Locatie", "Kamer", "In", "Uit", "Gezin"], ["De Eik", 1, "13-3-2024", None, "1+2"]],
        )
    )
    assert facts(plan) == ["2 admission de-eik/1 1+2 2024-03-13 12:00"]
    assert len(plan.declarations) == 2
