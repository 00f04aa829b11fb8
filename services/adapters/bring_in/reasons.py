"""Why a row is left out, and what is said of a sheet that is read: codes, with words in Dutch and in English. None repeats a value."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

REASONS: Final = {
    "shelter-unknown": ("deze opvang kent Plek niet, of is niet van u", "Plek does not know this shelter, or it is not yours"),
    "shelter-missing": ("er staat niet bij van welke opvang dit is (--set shelter=…)", "of which shelter? (--set shelter=…)"),
    "unit-unknown": ("deze kamer kent Plek niet in deze opvang", "Plek does not know this unit in this shelter"),
    "unit-missing": ("er staat geen kamer bij, en geen soort", "no unit, and no kind"),
    "kind-unknown": ("de soort is onbekend", "the kind is unknown"),
    "kind-full": ("er is dan geen kamer van deze soort vrij", "no unit of this kind is free then"),
    "no-begin": ("er is geen begindatum", "no begin"),
    "no-begin-with-end": ("er is een einddatum en geen begindatum", "an end and no begin"),
    "begin-unreadable": ("de begindatum is niet te lezen", "the begin can't be read"),
    "end-unreadable": ("de einddatum is niet te lezen", "the end can't be read"),
    "date-ambiguous": ("dag en maand staan in dit blad door elkaar", "this sheet mixes day and month"),
    "end-before-begin": ("de einddatum ligt voor de begindatum", "the end is before the begin"),
    "begin-in-future": ("de begindatum is nog niet geweest", "the begin is in the future"),
    "no-household": ("er staat niet hoeveel mensen het zijn", "no household"),
    "household-unclear": ("het is niet duidelijk hoeveel volwassenen en kinderen het zijn", "how many adults and children is not clear"),
    "household-merged": (
        "het huishouden staat in een samengevoegde cel van meer rijen",
        "the household is in a merged cell of several rows",
    ),
    "household-size": ("meer dan 20 volwassenen of kinderen", "more than 20 adults or children"),
    "destination-unknown": ("de bestemming is onbekend", "the destination is unknown"),
    "status-unknown": ("de status is geen van vrij, bezet, gesloten", "the status is none of free, occupied, closed"),
    "twice": ("staat ook op regel {other}", "stands on line {other} too"),
    "overlap": ("overlapt met regel {other} in dezelfde kamer", "overlaps with line {other} in the same unit"),
    "no-end-but-next": (
        "heeft geen einddatum, maar regel {other} begint later in dezelfde kamer",
        "has no end, but line {other} begins later in the same unit",
    ),
    "unit-occupied": ("volgens Plek is deze kamer bezet door een ander", "Plek shows another household in this unit"),
    "unit-taken": (
        "volgens Plek is deze kamer al bezet, misschien door dit huishouden: dat ziet u niet",
        "Plek shows this unit as occupied, maybe by this household: you do not see by which",
    ),
    "other-household": ("volgens Plek is hier een ander huishouden", "Plek shows another household here"),
    "occupied-in-plek": (
        "hier staat vrij, maar volgens Plek is de kamer bezet: meld een vertrek zelf",
        "empty here, occupied in Plek: report a discharge yourself",
    ),
    "incomplete": ("voor een nieuwe opvang ontbreekt iets: {fields}", "for a new shelter something is missing: {fields}"),
    "shelter-differs": ("zegt iets anders over deze opvang dan regel {other}", "says something else of this shelter than line {other}"),
    "code-unknown": ("een code is onbekend: {fields}", "a code is unknown: {fields}"),
    "number-unreadable": ("een getal is niet te lezen: {fields}", "a number can't be read: {fields}"),
    "unit-incomplete": ("van de kamer ontbreekt iets: {fields}", "of the unit something is missing: {fields}"),
    "rule": ("past niet in de regels van Plek: {fields}", "breaks a rule of Plek: {fields}"),
}
"""Why a row is left out."""

REMARKS: Final = {
    "not-a-table": ("niet gelezen: geen kolommen die Plek kent (--what, --map)", "not read: no columns that Plek knows (--what, --map)"),
    "dates-unknown": (
        "niet gelezen: wat betekenen de datums {detail}? Zeg het met --map, of --what occupancy als ze niet tellen",
        "not read: what do the dates {detail} mean? Say it with --map, or --what occupancy if they do not count",
    ),
    "sheet-hidden": ("niet gelezen: een verborgen blad", "not read: a hidden sheet"),
    "columns": ("kolommen: {detail}", "columns: {detail}"),
    "columns-not-read": ("niet gelezen kolommen: {detail}", "columns not read: {detail}"),
    "columns-personal": ("niet gelezen, lijken gegevens van personen: {detail}", "not read, look like data of persons: {detail}"),
    "columns-twice": (
        "niet gelezen, want een eerdere kolom betekent hetzelfde: {detail}",
        "not read, as an earlier column means the same: {detail}",
    ),
    "day-first": ("datums zoals 3-4-2024 zijn gelezen als dag-maand", "dates like 3-4-2024 are read as day-month"),
    "month-first": ("datums zijn gelezen als maand-dag: er staan dagen boven 12", "dates are read as month-day: there are days above 12"),
    "noon": ("een datum zonder tijd telt vanaf 12:00", "a date without a time counts from 12:00"),
    "examples": ("regels met een voorbeeld, niet gelezen: {detail}", "lines with an example, not read: {detail}"),
    "totals": ("regels met totalen, niet gelezen: {detail}", "lines of totals, not read: {detail}"),
    "loose": ("losse regels, niet gelezen: {detail}", "loose lines, not read: {detail}"),
    "hidden-rows": ("verborgen regels, wel gelezen: {detail}", "hidden lines, read all the same: {detail}"),
    "shelter-from-above": (
        "zonder opvang, gelezen als die van de regel erboven: regels {detail}",
        "without a shelter, read as that of the line above: lines {detail}",
    ),
    "units-by-number": ("kamers herkend aan hun nummer: {detail}", "units recognised by their number: {detail}"),
    "units-by-kind": (
        "zonder kamer, in een vrije kamer van de soort gezet: {detail}",
        "without a unit, put into a free one of the kind: {detail}",
    ),
    "beds-summed": (
        "bedden geteld als volwassenen en kinderen samen: regels {detail}",
        "beds taken as adults and children together: lines {detail}",
    ),
    "long-stays": (
        "zonder einddatum en langer dan twee jaar geleden begonnen: regels {detail}",
        "without an end, begun over two years ago: lines {detail}",
    ),
}
"""What is said of a sheet."""
_FEW: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """A row that is not sent. `other` is the line of another row, `fields` are names of fields."""

    sheet: str
    line: int
    code: str
    other: str = ""
    fields: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, str]:
        """The reason in Dutch and in English."""
        dutch, english = (text.format(other=self.other, fields=", ".join(self.fields)) for text in REASONS[self.code])
        return dutch, english


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of a sheet as a whole; `detail` names columns, lines or numbers."""

    sheet: str
    code: str
    detail: str = ""

    @property
    def words(self) -> tuple[str, str]:
        """The remark in Dutch and in English."""
        dutch, english = (text.format(detail=self.detail) for text in REMARKS[self.code])
        return dutch, english


def line_list(lines: Iterable[int]) -> str:
    """Return numbers of lines in words: a few of them, and how many more there are."""
    numbers = sorted(lines)
    more = len(numbers) - _FEW
    return ", ".join(map(str, numbers[:_FEW])) + (f" (+{more})" if more > 0 else "")
