"""Definitions of what is asked for and not found: hotel nights, which of them could have been avoided, unmet need, waiting lists."""

from typing import Final

from services.monitor.definition import Definition

_DESIGN = "design of Plek, section 7"
_PRESS = "design of Plek, section 7; press release of VNG and Valente, 2025"

DEMAND: Final = (
    Definition(
        id="hotel-nights",
        version=1,
        unit="nights",
        when="period",
        kinds=False,
        of=("reason", "accommodation"),
        english=(
            "Hotel nights, by household",
            "Instants 04:00 Europe/Amsterdam inside a fallback in a hotel or holiday park; one not ended after 14 days is counted apart.",
        ),
        dutch=(
            "Hotelnachten, per huishouden",
            "Tijdstippen 04:00 uur (Europe/Amsterdam) in een noodoplossing in hotel of vakantiepark; zonder einde na 14 dagen apart.",
        ),
        source=_PRESS,
    ),
    Definition(
        id="hotel-nights-unended",
        version=1,
        unit="nights",
        when="period",
        kinds=False,
        english=(
            "Hotel nights not ended",
            "Nights of fallbacks of which no end was recorded 14 days and more after they began: perhaps nobody logged it.",
        ),
        dutch=(
            "Niet beëindigde hotelnachten",
            "Nachten van noodoplossingen waarvan 14 dagen na het begin geen einde bekend is: misschien niet gemeld.",
        ),
        source=_DESIGN,
    ),
    Definition(
        id="hotel-person-nights",
        version=1,
        unit="nights",
        when="period",
        kinds=False,
        of=("who",),
        english=("Hotel nights, by person", "Hotel nights times the persons of each household; adults and children apart."),
        dutch=("Hotelnachten, per persoon", "Hotelnachten maal de personen van elk huishouden; volwassenen en kinderen apart."),
        source=_DESIGN,
    ),
    Definition(
        id="hotel-households",
        version=1,
        unit="households",
        when="period",
        kinds=False,
        english=("Households in hotels", "Fallbacks in a hotel or holiday park with at least one night in the period, ended or not."),
        dutch=(
            "Huishoudens in hotels",
            "Noodoplossingen in hotel of vakantiepark met ten minste één nacht in de periode, beëindigd of niet.",
        ),
        source=_PRESS,
    ),
    Definition(
        id="hotel-persons",
        version=1,
        unit="persons",
        when="period",
        kinds=False,
        of=("who",),
        english=("Persons in hotels", "Persons of those households, adults and children apart; somebody put up twice counts twice."),
        dutch=("Personen in hotels", "Personen van die huishoudens, volwassenen en kinderen apart; wie twee keer komt telt twee keer."),
        source=_PRESS,
    ),
    Definition(
        id="hotel-nights-by-evidence",
        version=1,
        unit="nights",
        when="period",
        kinds=False,
        of=("evidence",),
        english=(
            "Hotel nights by what was free",
            (
                "Hotel nights by the evidence at the decision, the first that fits: fitting_free, freed_within_2h, "
                "excluded_for_safety (only in regions that were not safe), unfitting_free (free, none fitting), nothing_free, no_evidence."
            ),
        ),
        dutch=(
            "Hotelnachten naar wat er vrij was",
            (
                "Hotelnachten naar het bewijs bij het besluit, het eerste dat past: passend vrij, binnen 2 uur vrij, "
                "alleen vrij in onveilige regio's, vrij maar niet passend, niets vrij, geen bewijs."
            ),
        ),
        source=_DESIGN,
    ),
    Definition(
        id="hotel-nights-avoidable",
        version=1,
        unit="nights",
        when="period",
        kinds=False,
        of=("reason",),
        english=(
            "Avoidable hotel nights",
            (
                "Hotel nights of which a fitting, not excluded place was free at the decision, or one became free in the 2 hours after it. "
                "Which regions were not safe is not logged with a fallback, so the second counts only where none was excluded for safety."
            ),
        ),
        dutch=(
            "Vermijdbare hotelnachten",
            (
                "Hotelnachten waarbij een passende, niet uitgesloten plaats vrij was bij het besluit, of er een vrijkwam in de 2 uur erna. "
                "Onveilige regio's staan niet bij een noodoplossing, dus het tweede telt alleen waar er geen om veiligheid uitgesloten was."
            ),
        ),
        source=_DESIGN,
    ),
    Definition(
        id="searches",
        version=1,
        unit="requests",
        when="period",
        kinds=False,
        of=("outcome",),
        english=(
            "Requests for a place",
            "Searches made, those made again for the same household counted once, at the first, by how they ended; open: not yet.",
        ),
        dutch=(
            "Aanvragen om een plaats",
            "Zoekvragen, herhaalde voor hetzelfde huishouden één keer geteld, bij de eerste, naar hoe ze eindigden; open: nog niet.",
        ),
        source=_DESIGN,
    ),
    Definition(
        id="unmet-need",
        version=1,
        unit="requests",
        when="period",
        kinds=False,
        of=("outcome",),
        english=(
            "Unmet need",
            "Requests of which no search ended in a hold or on a waiting list and which have ended; requests, not persons.",
        ),
        dutch=(
            "Niet vervulde vraag",
            "Aanvragen waarvan geen zoekvraag eindigde met een plaats of wachtlijst en die beëindigd zijn; geen personen.",
        ),
        source=_DESIGN,
    ),
    Definition(
        id="unmet-share",
        version=1,
        unit="share",
        when="period",
        kinds=False,
        english=("Share of need unmet", "Unmet need, divided by the requests that have ended."),
        dutch=("Deel niet vervuld", "Niet vervulde vraag, gedeeld door de aanvragen die beëindigd zijn."),
        source=_DESIGN,
    ),
    Definition(
        id="placed-within-a-day",
        version=1,
        unit="share",
        when="period",
        kinds=False,
        english=(
            "Placed within a day",
            "Requests of which a search ended in a hold less than 24 hours after the first, divided by all requests.",
        ),
        dutch=(
            "Binnen een dag geplaatst",
            "Aanvragen waarvan een zoekvraag binnen 24 uur na de eerste eindigde met een plaats, gedeeld door alle.",
        ),
        source=_DESIGN,
    ),
    Definition(
        id="time-to-place-median",
        version=1,
        unit="minutes",
        when="period",
        kinds=False,
        english=("Time to a place, median", "Of the requests that ended in a hold: from the first search to that end."),
        dutch=("Tijd tot een plaats, mediaan", "Van de aanvragen die met een plaats eindigden: van de eerste zoekvraag tot dat einde."),
        source=_DESIGN,
    ),
    Definition(
        id="time-to-place-p90",
        version=1,
        unit="minutes",
        when="period",
        kinds=False,
        english=("Time to a place, nine in ten", "Of the requests that ended in a hold: nine in ten took no longer than this."),
        dutch=(
            "Tijd tot een plaats, negen van de tien",
            "Van de aanvragen die met een plaats eindigden: negen van de tien duurden niet langer.",
        ),
        source=_DESIGN,
    ),
    Definition(
        id="waiting",
        version=1,
        unit="entries",
        when="either",
        kinds=True,
        english=("Households waiting", "Open entries of waiting lists; over a period the mean over time."),
        dutch=("Wachtende huishoudens", "Open inschrijvingen op wachtlijsten; over een periode het gemiddelde."),
        source=_DESIGN,
    ),
    Definition(
        id="waiting-time-median",
        version=1,
        unit="days",
        when="period",
        kinds=True,
        english=("Waiting time, median", "Of the entries that were left in the period for a place: from joining to leaving."),
        dutch=("Wachttijd, mediaan", "Van de inschrijvingen die in de periode met een plaats eindigden: van inschrijving tot einde."),
        source=_DESIGN,
    ),
    Definition(
        id="waiting-time-p90",
        version=1,
        unit="days",
        when="period",
        kinds=True,
        english=("Waiting time, nine in ten", "Of those entries: nine in ten waited no longer than this."),
        dutch=("Wachttijd, negen van de tien", "Van die inschrijvingen: negen van de tien wachtten niet langer."),
        source=_DESIGN,
    ),
    Definition(
        id="regions-waiting",
        version=1,
        unit="share",
        when="either",
        kinds=True,
        english=(
            "Share of regions with somebody waiting",
            "Regions with an open entry, divided by all regions of the scope; over a period the mean.",
        ),
        dutch=(
            "Deel van de regio's met wachtenden",
            "Regio's met een open inschrijving, gedeeld door alle regio's; over een periode het gemiddelde.",
        ),
        source=_DESIGN,
    ),
)
