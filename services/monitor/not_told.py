"""What people ask for and this monitor does not give, and why: a number that can't be known is not made up."""

from typing import Final

from services.monitor.definition import NotTold

NOT_TOLD: Final = (
    NotTold(
        "municipalities-with-a-waiting-list",
        (
            "Share of municipalities with a waiting list",
            "Women's shelter is run by 35 regions for 342 municipalities, and an entry names a region: see `regions-waiting`.",
        ),
        (
            "Deel van de gemeenten met een wachtlijst",
            "35 regio's voeren vrouwenopvang uit voor 342 gemeenten, en een inschrijving noemt een regio: zie `regions-waiting`.",
        ),
    ),
    NotTold(
        "persons-in-need",
        ("Persons in need", "No event says who somebody is, so the same person asking in two regions is two requests: see `unmet-need`."),
        (
            "Personen met een hulpvraag",
            "Geen gebeurtenis zegt wie iemand is: wie in twee regio's vraagt, is twee aanvragen: zie `unmet-need`.",
        ),
    ),
    NotTold(
        "search-to-accepted-hold",
        (
            "Time from a search to the accepted hold of that household",
            (
                "Nothing links a search to the hold that follows it: such a log is a dossier. See `time-to-place-median` for the search, "
                "`hold-answer-median` for the hold."
            ),
        ),
        (
            "Tijd van een zoekvraag tot de aanvaarde plaats van dat huishouden",
            (
                "Niets verbindt een zoekvraag met de plaats die volgt: zo'n log is een dossier. Zie `time-to-place-median` voor de "
                "zoekvraag, `hold-answer-median` voor de plaats."
            ),
        ),
    ),
    NotTold(
        "whole-way-through-shelter",
        ("Whole time in shelter", "A household that goes to another shelter begins another stay there, and nothing links the two."),
        ("Hele tijd in opvang", "Een huishouden dat naar andere opvang gaat begint daar een ander verblijf, en niets verbindt die twee."),
    ),
)
