"""The names that columns have in practice, Dutch and English, and what each kind of sheet knows of them.

A name is compared without case, accents, spaces, signs and what stands in brackets, and without words such as "datum" or "aantal" around
it. What is in no list is not read; of that, what looks like data of persons is named as such.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, Literal, get_args

Kind = Literal["shelters", "occupancy", "stays"]
"""What the rows of a sheet are: shelters and their units; who is there now; stays, with begin and end."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_PLACES: Final = {
    "shelter": "locatie opvanglocatie locatienaam vestiging opvang opvanghuis huis shelter location pand opvangvoorziening voorziening",
    "unit": "unit kamer eenheid appartement plek room woning studio unitkamer kamerunit flat ruimte opvangplek kamerplek woonunit"
    " apartment",
    "kind": "soort soortopvang type typeopvang soortplek  soortunit opvangvorm opvangtype opvangsoort unittype kind verblijfsvorm"
    " soortverblijf typeplek product productsoort",
}
_HOUSEHOLD: Final = {
    "household": "huishouden gezin household samenstelling gezinssamenstelling huishoudsamenstelling gezinsgrootte volwkind",
    "adults": "volwassenen volwassene volw ouders ouder adults adult grownups",
    "women": "vrouwen vrouw women woman v",
    "men": "mannen man men m",
    "children": "kinderen kind kids children child minderjarigen minderjarige jeugdigen kdn k",
    "persons": "personen persons people aantalclienten aantalbewoners aantalmensen totaalpersonen",
}
_BEGIN: Final = {
    "begin": "in begin start opname opnames instroom aankomst van vanaf sinds opgenomen binnenkomst ingang ingangs plaatsing plaatsings"
    " aanvang beginverblijf startverblijf verblijfvanaf admission admitted arrival from since checkin startdate begindate",
    "begin_time": "tijdin intijd begintijd opnametijd starttijd aankomsttijd tijdopname tijdaankomst tijdbegin timein starttime",
}
_STAYS: Final = {
    **_PLACES,
    **_HOUSEHOLD,
    **_BEGIN,
    "end": "uit eind einde uitstroom vertrek tot totenmet tm ontslag vertrokken beeindigd beeindiging eindverblijf verblijftot discharge"
    " discharged end until departure checkout to left uitschrijving uitgeschreven enddate",
    "end_time": "tijduit uittijd eindtijd vertrektijd tijdvertrek tijdeind timeout endtime",
    "destination": "bestemming uitstroomnaar vertreknaar destination uitstroombestemming vervolgplek uitstroomplek vertrokkennaar waarheen",
}
_OCCUPANCY: Final = {**_PLACES, **_HOUSEHOLD, **_BEGIN, "status": "status bezet bezetting staat toestand occupied state occupancy"}
_SHELTERS: Final = {
    **_PLACES,
    "shelter": f"{_PLACES['shelter']} code locatiecode sheltercode opvangcode",
    "name": "naam name alias roepnaam naamlocatie naamopvang",
    "organisation": "organisatie instelling organisation organization aanbieder zorgaanbieder stichting",
    "region": "regio region centrumgemeente opvangregio",
    "security": "beveiliging veiligheid veiligheidsniveau beveiligingsniveau security",
    "audience": "doelgroep doelgroepen audience voorwie",
    "max_son_age": "maxleeftijdzoon maximaleleeftijdzoon maxleeftijdzonen maximaleleeftijdzonen leeftijdzonen zonentot jongenstot maxsonage"
    " maxleeftijdjongens maximaleleeftijdjongens",
    "languages": "talen taal languages language",
    "services": "hulp services begeleiding specialisatie specialisaties expertise diensten hulpaanbod",
    "intake_phone": "telefoon tel intaketelefoon telefoonintake phone intakephone bereikbaar intakenummer telefoonnummer",
    "overflow": "overloop overflow reserve noodbed reserveplek",
    "max_adults": "maxvolwassenen maximaalvolwassenen volwassenen volw maxadults adults plekkenvolwassenen maxvolw",
    "max_children": "maxkinderen maximaalkinderen kinderen children maxchildren plekkenkinderen maxkind",
    "beds": "bedden beds bed slaapplaatsen slaapplekken",
    "features": "kenmerken kenmerk features feature",
    "wheelchair": "rolstoel rolstoeltoegankelijk wheelchair",
    "pets": "huisdieren huisdier pets",
    "own_kitchen": "eigenkeuken keuken ownkitchen",
    "own_bathroom": "eigenbadkamer badkamer ownbathroom eigensanitair",
    "cot": "kinderbed babybed ledikant cot",
}


def _by_word(fields: Mapping[str, str]) -> Mapping[str, str]:
    return {word: name for name, words in fields.items() for word in (*words.split(), name.replace("_", ""))}


_NAMES: Final[Mapping[Kind, Mapping[str, str]]] = {
    "shelters": _by_word(_SHELTERS),
    "occupancy": _by_word(_OCCUPANCY),
    "stays": _by_word(_STAYS),
}
FIELDS: Final[Mapping[Kind, frozenset[str]]] = {kind: frozenset(names.values()) for kind, names in _NAMES.items()}
"""The fields of each kind of sheet: what `--map` may name."""
_DATES: Final = frozenset({"begin", "end"})
_THINGS: Final = frozenset({"shelter", "unit"})
_COUNTS: Final = frozenset({"adults", "women", "men", "children", "persons", "beds", "max_adults", "max_children"})
# Words around a name, and of which fields: "Datum opname", "Opnamedatum", "Aantal kinderen", "Kamernummer"; a "Kindnummer" is no number
_AROUND: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("datum", "date", "dd", "tijdstip", "moment"), _DATES),
    **dict.fromkeys(("aantal", "numberof", "totaal"), _COUNTS),
    **dict.fromkeys(("nummer", "nr", "number", "no", "code", "naam", "name"), _THINGS),
}
# Words between the others that say nothing: "Datum van opname", "Startdatum zorg", "Waarvan kinderen < 18"
_FILLERS: Final = re.compile(r"\b(?:van|de|het|der|per|waarvan|zorg|verblijf|the|of)\b|[0-9]+", re.IGNORECASE)
_DATED: Final = re.compile("datum|vertrokken|date|begin|start|opname|instroom|aankomst|vertrek|uitstroom|eind|ontslag|sinds|aanvang|ingang")
_OTHER_DATES: Final = re.compile("geboorte|geboren|birth|aanmeld|indicatie|mutatie|wijzig|peil")
_BRACKETS: Final = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_PERSONAL: Final = re.compile(
    "naam|(?<!op)name$|client|bewoner|deelnemer|geboorte|geboren|birth|leeftijd|^age|bsn|burgerservice|sofi|nationaliteit|geslacht|gender"
    "|adres|address|postcode|woonplaats|mail|telefoon|^tel|mobiel|phone|dossier|zaak|partner|contact|opmerking|notitie|toelichting"
    "|bijzonderhed|remark|note|comment|verwijzer|casemanager|mentor|begeleider|medewerker|familie|kindnamen|roepnaam|initial|voorletter"
)


def fold(text: str) -> str:
    """Return a text without case, accents, spaces and signs."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


@lru_cache(maxsize=4_096)
def field_of(header: str, kind: Kind) -> str | None:
    """Return the field that a column name means in this kind of sheet; None where it means none."""
    plain = _BRACKETS.sub(" ", header)
    return _field_of_word(fold(plain), kind) or _field_of_word(fold(_FILLERS.sub(" ", plain)), kind)


def _field_of_word(word: str, kind: Kind) -> str | None:
    names = _NAMES[kind]
    if word in names:
        return names[word]
    for around, fields in _AROUND.items():
        bare = word.removeprefix(around) if word.startswith(around) else word.removesuffix(around)
        if bare != word and names.get(bare) in fields:
            return names[bare]
    return None


def looks_dated(header: str) -> bool:
    """Return whether a column looks like dates of a stay."""
    return _DATED.search(fold(header)) is not None and _OTHER_DATES.search(fold(header)) is None


def looks_personal(header: str) -> bool:
    """Return whether a column looks like data of persons: it is named as not read."""
    return _PERSONAL.search(fold(header)) is not None


def count_known(cells: Iterable[object]) -> int:
    """Return how many different fields the names in a row mean, in the kind of sheet in which they mean most."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    return max(len({field_of(text, kind) for text in texts} - {None}) for kind in KINDS)
