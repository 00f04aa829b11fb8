"""Empty spreadsheets to fill in: Dutch headers, one example row that is never read, and a sheet that explains each column."""

import csv
import io
from collections.abc import Mapping
from typing import Final

from services.adapters.spreadsheets.column_names import Kind

_COLUMNS: Final[Mapping[Kind, tuple[tuple[str, str, str], ...]]] = {
    "shelters": (
        ("Locatie", "Voorbeeldhuis", "Naam of code van de opvang. Leeg: dezelfde als de regel erboven. Geen straat of plaats."),
        ("Organisatie", "De Linden", "De organisatie. Alleen nodig voor een nieuwe opvang, op de eerste regel."),
        ("Regio", "Breda", "De centrumgemeente."),
        ("Beveiliging", "beveiligd", "open, beveiligd of zwaar beveiligd."),
        ("Doelgroep", "vrouwen", "vrouwen, mannen, of vrouwen en mannen."),
        ("Max leeftijd zonen", "12", "Tot welke leeftijd een zoon mee mag. Leeg: geen grens."),
        ("Talen", "Nederlands, Engels", "Talen die de opvang spreekt."),
        ("Hulp", "verslaving", "verslaving, psychiatrie, mensenhandel, zonder verblijfsvergunning, verstandelijke beperking. Leeg: geen."),
        ("Telefoon", "0800-000001", "Nummer voor de intake. Nooit een nummer van een persoon."),
        ("Kamer", "1", "Nummer of naam van de kamer (een huishouden). Nooit de naam van een persoon."),
        ("Soort", "crisisopvang", "noodopvang, crisisopvang, vervolgopvang of begeleid wonen."),
        ("Max volwassenen", "1", "Hoeveel volwassenen er passen."),
        ("Max kinderen", "3", "Hoeveel kinderen er passen."),
        ("Bedden", "4", "Leeg: volwassenen en kinderen samen."),
        ("Overloop", "nee", "ja: alleen voor als alles vol is."),
        ("Rolstoel", "nee", "ja of nee. Zo ook de vier kolommen hierna."),
        ("Huisdieren", "nee", "ja of nee."),
        ("Eigen keuken", "ja", "ja of nee."),
        ("Eigen badkamer", "ja", "ja of nee."),
        ("Babybed", "nee", "ja of nee."),
    ),
    "occupancy": (
        ("Locatie", "Voorbeeldhuis", "Naam of code van de opvang, zoals Plek die kent."),
        ("Kamer", "1", "Nummer of naam van de kamer, zoals Plek die kent."),
        ("Status", "bezet", "bezet, vrij, gesloten, schoonmaak, onderhoud, personeel of isolatie."),
        ("Volwassenen", "1", "Hoeveel volwassenen er zijn. Leeg als de kamer vrij is."),
        ("Kinderen", "2", "Hoeveel kinderen er zijn."),
        ("Sinds", "5-3-2024", "Sinds wanneer. Leeg: dat is niet bekend."),
    ),
    "stays": (
        ("Locatie", "Voorbeeldhuis", "Naam of code van de opvang, zoals Plek die kent."),
        ("Kamer", "1", "Nummer of naam van de kamer. Leeg mag, als de soort er staat."),
        ("Soort", "crisisopvang", "Alleen nodig zonder kamer: noodopvang, crisisopvang, vervolgopvang of begeleid wonen."),
        ("Begindatum", "5-3-2024", "De dag van opname, met of zonder tijd."),
        ("Einddatum", "19-3-2024", "De dag van vertrek. Leeg: het huishouden is er nog."),
        ("Volwassenen", "1", "Hoeveel volwassenen."),
        ("Kinderen", "2", "Hoeveel kinderen."),
        ("Bestemming", "eigen woning", "naar huis, eigen woning, familie, andere opvang, begeleid wonen, buitenland of onbekend."),
    ),
}
_SHEETS: Final[Mapping[Kind, str]] = {"shelters": "Opvang", "occupancy": "Bezetting", "stays": "Verblijven"}
_ADVICE: Final = (
    "De regel met het voorbeeld wordt niet gelezen. Extra kolommen worden ook niet gelezen.",
    "Zet geen namen, geboortedatums, cliëntnummers of adressen in dit bestand.",
    "The example row is not read, and neither are other columns. Put no names, birth dates, client numbers or addresses into this file.",
)
_WIDTH: Final = 18


def csv_template(kind: Kind) -> bytes:
    """Return a template as text for Excel on a Dutch machine: semicolons, and a mark of UTF-8."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";")
    writer.writerows(zip(*((header, example) for header, example, _ in _COLUMNS[kind]), strict=True))
    return stream.getvalue().encode("utf-8-sig")


def xlsx_template(kind: Kind) -> bytes:
    """Return a template as an Excel file with a second sheet that explains the columns."""
    from openpyxl import Workbook  # noqa: PLC0415  as in the reader
    from openpyxl.styles import Font  # noqa: PLC0415  the same
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  the same

    book = Workbook()
    sheet = book.active
    sheet.title = _SHEETS[kind]
    for column, (header, example, _) in enumerate(_COLUMNS[kind], 1):
        sheet.cell(1, column, header).font = Font(bold=True)
        # As text: Excel keeps what is typed below it in the same way
        sheet.cell(2, column, example).number_format = "@"
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTH
    sheet.freeze_panes = "A2"
    explained = book.create_sheet("Uitleg")
    for header, _, words in _COLUMNS[kind]:
        explained.append([header, words])
    for words in _ADVICE:
        explained.append([None, words])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
