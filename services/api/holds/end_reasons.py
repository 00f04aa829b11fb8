"""Why a hold ended, in Dutch and English, short enough for one line of a terminal."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from services.domain.beds.hold_endings import Ending


class ReasonText(NamedTuple):
    """One reason in two languages."""

    nl: str
    en: str


ENDINGS: Final[Mapping[Ending, ReasonText]] = {
    "unknown_shelter": ReasonText("De opvang is niet meer geregistreerd", "The shelter is no longer registered"),
    "intake_paused": ReasonText("De opvang neemt nu niemand op", "The shelter admits no one now"),
    "no_free_unit": ReasonText("De plek was niet meer vrij", "The place was no longer free"),
    "expired": ReasonText("De tijd was om", "Its time was over"),
    "declined_no_staff": ReasonText("De opvang wees af: te weinig personeel", "The shelter declined: too little staff"),
    "declined_unit_unfit": ReasonText("De opvang wees af: de plek is niet geschikt", "The shelter declined: the unit is unfit"),
    "declined_safety": ReasonText(
        "De opvang wees af: niet veilig voor dit huishouden", "The shelter declined: not safe for this household"
    ),
    "declined_full": ReasonText("De opvang wees af: vol", "The shelter declined: full"),
    "declined_other": ReasonText("De opvang wees af: andere reden", "The shelter declined: another reason"),
    "released": ReasonText("Teruggegeven", "Released"),
    "fulfilled": ReasonText("Het huishouden is opgenomen", "The household was admitted"),
    "admitted_same_size": ReasonText(
        "Er is een huishouden van deze grootte opgenomen: bel", "A household of this size was admitted there: phone"
    ),
    "admitted_other": ReasonText("Er is een ander huishouden opgenomen", "Another household was admitted there"),
    "unit_closed": ReasonText("De opvang heeft de plek gesloten", "The shelter closed the unit"),
    "unit_withdrawn": ReasonText("De opvang heeft de plek ingetrokken", "The shelter withdrew the unit"),
    "unit_unavailable": ReasonText("De plek is niet meer beschikbaar", "The unit is no longer available"),
}

GIVEN_UP: Final = ReasonText("Vrijgegeven: een minuut niet opgevraagd", "Released: not asked after for a minute")
"""Of a hold that was released because its request was not read for a minute."""
