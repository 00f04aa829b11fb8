"""Names of columns: what each means in which kind of sheet, and what looks like data of persons."""

import pytest

from services.adapters.spreadsheets.column_names import KINDS, Kind, field_of, looks_personal
from services.adapters.spreadsheets.csv_reader import read_csv
from services.adapters.spreadsheets.sheet_tables import Choices, find_table
from tests.spreadsheets import brought, csv_file, facts


@pytest.mark.parametrize(
    ("headers", "kind", "field"),
    [
        (
            "In|Opname|Opnamedatum|Datum opname|Begindatum|Startdatum|Instroom|Instroomdatum|Van|Sinds|Begin verblijf",
            "stays",
            "begin",
        ),
        (
            "Uit|Vertrek|Vertrekdatum|Einddatum (dd-mm-jjjj)|Datum uit|Uitstroom|Uitstroomdatum|Tot|T/m|Beëindigd|End date",
            "stays",
            "end",
        ),
        ("Kamer|KAMER NR.|Kamernummer|Unit|Unit-nr|Appartement|Plek|Studio|Room", "stays", "unit"),
        ("Soort|Soort opvang|Type|Type opvang|Opvangvorm|Product", "occupancy", "kind"),
        ("Volwassenen|Aantal volwassenen|Volw.|# volw|Aantal ouders|Adults", "occupancy", "adults"),
        ("Kinderen|Aantal kinderen|Kind.|Minderjarigen|Children|Kinderen (0-18)", "stays", "children"),
        ("Huishouden|Gezinssamenstelling|Household", "stays", "household"),
        ("Locatie|Opvanglocatie|Vestiging|Naam locatie|Locatienaam|Shelter", "stays", "shelter"),
        ("Uitstroombestemming|Bestemming|Uitstroom naar", "stays", "destination"),
        ("Tijd in|Opnametijd|Time in", "stays", "begin_time"),
        ("Max volwassenen|Volwassenen|Maximaal volwassenen", "shelters", "max_adults"),
        ("Naam|Naam opvang|Alias", "shelters", "name"),
        ("Telefoon|Telefoonnummer|Intaketelefoon|Tel.", "shelters", "intake_phone"),
        (
            "Naam|Cliënt|Cliëntnummer|BSN|Geboortedatum|Leeftijd|Telefoon|Datum|Kindnummer|Gezinsnummer|Aanmelddatum",
            "stays",
            None,
        ),
    ],
)
def test_a_name_means_a_field_in_a_kind_of_sheet(headers: str, kind: Kind, field: str | None) -> None:
    """Variants in Dutch and English; words around the name, brackets, case and accents say nothing."""
    assert {header: field_of(header, kind) for header in headers.split("|")} == dict.fromkeys(headers.split("|"), field)


@pytest.mark.parametrize("header", ["Naam", "Voornaam", "Cliëntnr", "BSN", "Geboortedatum", "E-mail", "Opmerkingen", "Leeftijd kind"])
def test_a_column_of_persons_is_named_as_such(header: str) -> None:
    """Names, numbers of clients, dates of birth and remarks are listed as data of persons that is not read."""
    assert looks_personal(header)
    assert field_of(header, "stays") is None


def test_a_column_can_be_named_by_the_caller() -> None:
    """A column of any name, one that is not to be read, and one that says the same as another."""
    rows = csv_file("Vestiging;Verblijfplek;Wanneer erin;Opname;Uit;Gezin", "linde;k1;5-3-2024;1-1-2020;;1+0")
    plan = brought(rows, columns={"Verblijfplek": "unit", "Wanneer erin": "begin"})
    assert facts(plan) == ["2 admission linde/k1 1+0 2024-03-05 12:00"]
    assert ("columns-twice", "Opname") in {(remark.code, remark.detail) for remark in plan.remarks}
    plan = brought(rows, columns={"Verblijfplek": "unit", "wanneer  ERIN": "begin", "Opname": "-"})
    assert ("columns-not-read", "Opname") in {(remark.code, remark.detail) for remark in plan.remarks}


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Kamer;In;Uit;Volwassenen;Kinderen", "stays"),
        ("Kamer;Volwassenen;Kinderen;Sinds", "occupancy"),
        ("Kamer;Status", "occupancy"),
        ("Locatie;Kamer;Soort;Volwassenen;Kinderen;Bedden", "shelters"),
        ("Locatie;Regio;Beveiliging", "shelters"),
        ("Naam;Geboortedatum;Kamer", None),
        ("Datum;Bedrag;Rekening", None),
    ],
)
def test_the_kind_of_a_sheet_is_found_out(header: str, kind: Kind | None) -> None:
    """An end makes stays, a capacity or a region makes shelters, a household or a state beside a unit makes an occupancy."""
    table = find_table(read_csv(csv_file(header, "a;b;c;d;e")), Choices())
    assert (table.kind if table else None) == kind
    assert kind is None or kind in KINDS


def test_kind_is_a_child_or_a_kind() -> None:
    """The word "Kind" is Dutch for a child; beside a column of children it is the English word."""
    plan = brought(csv_file("Shelter;Unit;In;Until;Adults;Kind", "linde;k1;2024-03-05;;1;2"))
    assert facts(plan) == ["2 admission linde/k1 1+2 2024-03-05 12:00"]
    plan = brought(csv_file("Shelter;Kind;In;Until;Adults;Children", "linde;crisis;2024-03-05;;1;2"))
    assert facts(plan) == ["2 admission linde/k1 1+2 2024-03-05 12:00"]
