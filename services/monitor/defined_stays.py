"""Definitions of what happens in the shelters: how long people stay, where they go, what became of the places they asked for."""

from typing import Final

from services.monitor.definition import Definition

_DESIGN = "design of Plek, section 7"

STAYS: Final = (
    Definition(
        id="stays-ended",
        version=1,
        unit="stays",
        when="period",
        kinds=True,
        of=("destination",),
        english=("Stays that ended", "Stays that were present and whose discharge happened in the period, by where the household went."),
        dutch=("Beëindigde verblijven", "Verblijven waarvan het vertrek in de periode viel, naar waar het huishouden heen ging."),
        source=_DESIGN,
    ),
    Definition(
        id="stay-median",
        version=1,
        unit="days",
        when="period",
        kinds=True,
        english=(
            "Length of stay, median",
            "Of the stays that ended in the period, from admission to discharge: half were no longer than this.",
        ),
        dutch=(
            "Verblijfsduur, mediaan",
            "Van de in de periode beëindigde verblijven, van opname tot vertrek: de helft duurde niet langer.",
        ),
        source=_DESIGN,
    ),
    Definition(
        id="stay-p90",
        version=1,
        unit="days",
        when="period",
        kinds=True,
        english=("Length of stay, nine in ten", "Of the stays that ended in the period: nine in ten were no longer than this."),
        dutch=("Verblijfsduur, negen van de tien", "Van de in de periode beëindigde verblijven: negen van de tien duurden niet langer."),
        source=_DESIGN,
    ),
    Definition(
        id="stay-mean",
        version=1,
        unit="days",
        when="period",
        kinds=True,
        english=("Length of stay, mean", "Mean of the stays that ended in the period, from admission to discharge."),
        dutch=("Verblijfsduur, gemiddelde", "Gemiddelde van de in de periode beëindigde verblijven, van opname tot vertrek."),
        source=_DESIGN,
    ),
    Definition(
        id="stay-survival",
        version=1,
        unit="share",
        when="period",
        kinds=True,
        of=("day",),
        english=(
            "Still there after so many days",
            "Kaplan-Meier by whole days lived in the period, with who came before it and who is still there; the whole is day 0.",
        ),
        dutch=(
            "Nog aanwezig na zoveel dagen",
            "Kaplan-Meier naar hele dagen binnen de periode, met wie er al was en wie er nog is; het geheel is dag 0.",
        ),
        source="E. L. Kaplan and P. Meier, 1958; late entry after W.-Y. Tsai, 1987",
    ),
    Definition(
        id="stay-survival-median",
        version=1,
        unit="days",
        when="period",
        kinds=True,
        english=(
            "Length of stay, median with those still there",
            "Whole days after which the Kaplan-Meier share still there is one half or less; unknown when it does not fall so far.",
        ),
        dutch=(
            "Verblijfsduur, mediaan met wie er nog is",
            "Hele dagen waarna volgens Kaplan-Meier de helft of minder nog aanwezig is; onbekend als het zover niet komt.",
        ),
        source="E. L. Kaplan and P. Meier, 1958; late entry after W.-Y. Tsai, 1987",
    ),
    Definition(
        id="holds",
        version=1,
        unit="holds",
        when="period",
        kinds=False,
        of=("outcome", "reason"),
        english=(
            "Holds by outcome",
            "Requests to hold a place: granted (still held), fulfilled, expired, declined, released, overtaken, refused.",
        ),
        dutch=(
            "Vastgehouden plaatsen naar uitkomst",
            "Verzoeken: toegekend (loopt nog), vervuld, verlopen, afgewezen, teruggegeven, ingehaald, geweigerd.",
        ),
        source="design of Plek, section 7; contract R10, R11",
    ),
    Definition(
        id="hold-answer-median",
        version=1,
        unit="minutes",
        when="period",
        kinds=False,
        english=(
            "Time to a shelter's yes, median",
            "Of the holds asked for in the period that were accepted: from the request to the acceptance.",
        ),
        dutch=(
            "Tijd tot het ja van de opvang, mediaan",
            "Van de verzoeken in de periode die aanvaard zijn: van het verzoek tot de aanvaarding.",
        ),
        source="contract R11",
    ),
)
