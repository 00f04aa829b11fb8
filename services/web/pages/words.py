"""The words for what only the pages say, in plain Dutch; `locale/en.po` has them in English. Codes of the contract: `adapters/labels`."""

from typing import Final

from services.web.pages.language import mark

# As long as the name of a shelter usually is; a UUID and a pseudonym are longer
_SHORT: Final = 20

LIMITS: Final = {"search": mark("zoekopdrachten"), "hold": mark("plekken om vast te houden")}
GLASS: Final = {
    "many_households": mark("Veel gezinnen vannacht"),
    "several_needs": mark("Een gezin met veel wensen"),
    "colleague_away": mark("Een collega is weg"),
    "other": mark("Iets anders"),
}
ALARMS: Final = {
    "searches": mark("veel gezocht zonder iets vast te houden"),
    "holds": mark("plekken teruggegeven voor de opvang antwoordde"),
    "glass": mark("meer gezocht dan de grens, met een reden"),
    "desk": mark("veel gezocht door één meldpunt"),
    "fallbacks": mark("veel hotels door één persoon"),
    "number": mark("een nummer van de bellijst is veranderd"),
    "phone": mark("het nummer van een opvang is veranderd"),
    "events": mark("heel veel berichten van één opvang"),
}
MEMBERS: Final = {
    "name": mark("Naam"),
    "organisation": mark("Organisatie"),
    "region": mark("Regio"),
    "security": mark("Beveiliging"),
    "audience": mark("Voor wie"),
    "max_son_age": mark("Zonen tot en met"),
    "languages": mark("Talen"),
    "services": mark("Hulp"),
    "intake_phone": mark("Telefoon"),
    "shelter": mark("Code van de opvang"),
    "adults": mark("Volwassenen"),
    "men": mark("Mannen"),
    "children": mark("Kinderen"),
    "oldest_son_age": mark("Leeftijd van de oudste zoon"),
    "kinds": mark("Soort opvang"),
    "kind": mark("Soort opvang"),
    "features": mark("Wat de kamer heeft"),
    "exclude_regions": mark("Regio's die niet veilig zijn"),
    "near": mark("Dicht bij"),
    "reason": mark("Reden"),
    "outcome": mark("Uitkomst"),
    "accommodation": mark("Waar het gezin is"),
    "occurred_at": mark("Wanneer"),
    "expected_until": mark("Tot wanneer"),
    "unit": mark("Kamer"),
    "to_unit": mark("Naar kamer"),
    "free": mark("Aantal kamers vrij"),
    "destination": mark("Waarheen"),
    "max_adults": mark("Volwassenen per kamer"),
    "max_children": mark("Kinderen per kamer"),
    "beds": mark("Bedden per kamer"),
}
ERRORS: Final = {
    "missing": mark("vul dit in"),
    "wrong_type": mark("dit is niet goed geschreven"),
    "bad_format": mark("dit is niet goed geschreven"),
    "out_of_range": mark("dit getal is te hoog of te laag"),
    "not_in_list": mark("dit is geen van de keuzes"),
    "repeated_value": mark("dit staat er twee keer"),
    "too_many": mark("dit zijn er te veel"),
    "unknown_region": mark("dit is geen regio"),
    "no_household": mark("er is minstens één persoon nodig"),
    "in_future": mark("dit ligt in de toekomst"),
    "too_old": mark("dit is te lang geleden"),
    "bad_id": mark("dit is geen kenmerk van Plek"),
    "personal_data": mark("dit lijkt op een nummer, datum, postcode of telefoonnummer van iemand: dat hoort hier niet"),
    "not_yours": mark("dit is niet van deze opvang"),
    "second_person": mark("dit kan niet één persoon terugdraaien: stel voor hoe het moet zijn"),
    "unknown_event": mark("dit is langer dan 14 dagen geleden: meld wat nu waar is"),
    "no_registration": mark("deze opvang is nog niet aangemeld"),
    "too_many_proposals": mark("er wachten al te veel voorstellen"),
}
"""What is wrong with a field, by the code of a service."""
PROPOSALS: Final = {
    "new-shelter": mark("nieuwe opvang"),
    "changed-shelter": mark("andere gegevens"),
    "units": mark("kamers"),
}
BY: Final = {
    "region": mark("regio"),
    "province": mark("provincie"),
    "kind": mark("soort opvang"),
    "month": mark("maand"),
    "day": mark("dag"),
}
UNITS: Final = {
    "units": mark("plaatsen"),
    "beds": mark("bedden"),
    "shelters": mark("opvanglocaties"),
    "households": mark("gezinnen"),
    "persons": mark("personen"),
    "nights": mark("nachten"),
    "requests": mark("aanvragen"),
    "holds": mark("keer vastgehouden"),
    "stays": mark("verblijven"),
    "entries": mark("gezinnen op de wachtlijst"),
    "inhabitants": mark("inwoners"),
    "share": mark("procent"),
    "days": mark("dagen"),
    "minutes": mark("minuten"),
}
RELEASED: Final = {
    "unit-days": mark("Plaatsen, in dagen"),
    "occupied-unit-days": mark("Bezette plaatsen, in dagen"),
    "stays-ended": mark("Verblijven die eindigden"),
    "hotel-nights": mark("Nachten van gezinnen in een hotel"),
    "searches": mark("Aanvragen voor een plek"),
    "unmet-need": mark("Aanvragen zonder plek"),
}
BACK: Final = {
    "1": mark("een dag eerder"),
    "7": mark("een week eerder"),
    "30": mark("een maand eerder"),
    "365": mark("een jaar eerder"),
}
FITS: Final = {"exact": mark("past precies"), "close": mark("iets te groot"), "roomy": mark("ruim")}
SIZES: Final = {"1-2": mark("1 of 2 personen"), "3-4": mark("3 of 4 personen"), "5+": mark("5 personen of meer")}
CONDITIONS: Final = {
    "two_units": mark("twee kamers van één opvang samen zouden passen: bel eerst"),
    "closed": mark("is nu dicht"),
    "kind": mark("is een ander soort opvang"),
    "features": mark("mist iets in de kamer"),
    "children": mark("te weinig plek voor de kinderen"),
    "adults": mark("te weinig plek voor de volwassenen"),
    "languages": mark("spreekt een taal niet"),
    "services": mark("heeft een soort hulp niet"),
    "security": mark("is minder beveiligd"),
    "sons": mark("neemt geen zoon van die leeftijd"),
    "audience": mark("is alleen voor vrouwen, of alleen voor mannen"),
    "paused": mark("neemt nu niemand op"),
    "region": mark("ligt in een regio die niet veilig is"),
}
LOOKS: Final = {
    "alarm-raised": mark("Er is iets om na te vragen"),
    "alarms-shown": mark("Meldingen om na te vragen bekeken"),
    "audit-shown": mark("Het logboek bekeken"),
    "chain-begun": mark("Een programma begon te schrijven"),
    "dead-letters-shown": mark("Geweigerde berichten bekeken"),
    "demand-logged": mark("Een hotel of wachtlijst bijgewerkt"),
    "demand-shown": mark("Hotels of wachtlijst bekeken"),
    "duty-list-shown": mark("De bellijst bekeken"),
    "duty-number-changed": mark("Een nummer van de bellijst veranderd"),
    "events-sent": mark("Berichten gestuurd"),
    "figures-asked": mark("Cijfers bekeken"),
    "fitting-shown": mark("Bij een hotel gekeken of er een plek was"),
    "glass-broken": mark("Meer gezocht dan de grens, met een reden"),
    "hold-answered": mark("Een aanvraag beantwoord"),
    "hold-asked": mark("Een plek vastgehouden, of dat geprobeerd"),
    "hold-changed": mark("Een plek teruggegeven of verlengd"),
    "hold-taken-over": mark("Een plek van een collega overgenomen"),
    "holds-shown": mark("Vastgehouden plekken bekeken"),
    "import-begun": mark("Een spreadsheet ingelezen"),
    "live-opened": mark("Een pagina opengehouden die zichzelf ververst"),
    "log-opened": mark("Het hele archief geopend"),
    "proposal-decided": mark("Over een voorstel beslist"),
    "proposal-made": mark("Een voorstel gedaan"),
    "proposals-shown": mark("Voorstellen bekeken"),
    "refusals-shown": mark("Geweigerde berichten van een organisatie bekeken"),
    "search-ended": mark("Een zoekopdracht afgesloten"),
    "search-made": mark("Een plek gezocht"),
    "shelters-shown": mark("Opvang bekeken, met kamers en aantallen"),
    "state-shown": mark("De hele toestand bekeken"),
    "trail-shown": mark("Eigen spoor bekeken"),
    "waiting-holds-shown": mark("Wachtende aanvragen bekeken"),
}
OBJECTS: Final = {
    "shelter": mark("opvang"),
    "hold": mark("vastgehouden plek"),
    "search": mark("zoekopdracht"),
    "fallback": mark("hotel"),
    "entry": mark("plaats op de wachtlijst"),
    "proposal": mark("voorstel"),
    "organisation": mark("organisatie"),
    "region": mark("regio"),
    "user": mark("persoon"),
    "demand": mark("vraag"),
}
ROLE_NAMES: Final = {
    "shelter": mark("opvang"),
    "worker": mark("crisisdienst"),
    "coordinator": mark("coördinator"),
    "analyst": mark("analist"),
    "auditor": mark("controleur"),
    "operator": mark("beheerder"),
}
OUTCOMES: Final = {"success": mark("gelukt"), "refused": mark("geweigerd"), "failed": mark("mislukt")}
REFUSALS: Final = {
    "unreadable": mark("niet te lezen: geen JSON"),
    "not_an_object": mark("geen JSON-object"),
    "no_key": mark("zonder sleutel"),
    "missing": mark("er mist een veld"),
    "unknown_member": mark("er staat een veld te veel in"),
    "wrong_type": mark("een veld is van een ander soort"),
    "bad_format": mark("een veld is anders geschreven dan moet"),
    "out_of_range": mark("een getal of tijd is te groot of te klein"),
    "not_in_list": mark("een code bestaat niet"),
    "repeated_value": mark("iets staat er twee keer"),
    "too_many": mark("een lijst is te lang"),
    "unknown_region": mark("de regio bestaat niet"),
    "unknown_type": mark("dit soort bericht bestaat niet"),
    "version_too_new": mark("een nieuwere versie dan Plek kent"),
    "other_topic": mark("dit soort bericht hoort op een ander topic"),
    "mismatch": mark("sleutel, onderwerp en inhoud verschillen"),
    "no_household": mark("een gezin zonder personen"),
    "inconsistent_evidence": mark("het bewijs klopt niet met zichzelf"),
    "not_exactly_one_key": mark("het gaat niet over precies één ding"),
    "data_base64": mark("de inhoud is verpakt (base64)"),
    "in_future": mark("een tijd die nog moet komen"),
    "too_old": mark("te oud"),
    "bad_id": mark("een kenmerk dat iets kan verraden"),
    "personal_data": mark("er lijkt iets over een persoon in te staan"),
    "not_yours": mark("niet van deze afzender"),
    "not_for_role": mark("deze afzender mag dit niet sturen"),
    "repeated_header": mark("iets staat er twee keer in de kop"),
    "second_person": mark("hier moet een tweede persoon bij"),
    "unknown_event": mark("een bericht dat niet bekend is"),
    "no_registration": mark("deze opvang is niet aangemeld"),
    "too_many_proposals": mark("te veel voorstellen wachten"),
    "unknown": mark("de reden is niet bekend"),
}
ENDINGS: Final = {
    "granted": mark("Vastgehouden"),
    "pending": mark("Wordt nu beslist"),
    "refused": mark("Niet gelukt: de plek is al weg"),
    "expired": mark("De tijd is om"),
    "declined": mark("De opvang kan dit gezin niet opnemen"),
    "released": mark("Teruggegeven"),
    "fulfilled": mark("Het gezin is binnen"),
    "overtaken": mark("Er is iemand opgenomen in deze kamer. Bel de opvang"),
}
PROBLEMS: Final = {
    "away": mark("Plek is nu niet bereikbaar. Probeer het zo nog een keer."),
    "invalid": mark("Er klopt iets niet in wat is ingevuld."),
    "unauthenticated": mark("Log opnieuw in."),
    "forbidden": mark("Dit is niet van u, of het bestaat niet."),
    "not-live": mark("Dit is niet het echte land: er kan niets verstuurd worden."),
    "no-desk": mark("Uw account hoort niet bij een meldpunt dat de opvang kan terugbellen."),
    "not-found": mark("Hier is niets."),
    "key-reused": mark("Dit formulier is al eens verstuurd, met iets anders erin. Begin opnieuw."),
    "taken": mark("De plek is net weg. Kies een andere."),
    "hold-over": mark("Deze plek wordt niet meer vastgehouden."),
    "hold-undecided": mark("Er is nog niet beslist over deze plek. Probeer het zo nog een keer."),
    "extended-already": mark("Verlengen kan één keer."),
    "extend-early": mark("Verlengen kan in de laatste tien minuten."),
    "colleague-has-it": mark("Een collega heeft deze plek. Neem die eerst over."),
    "too-many-holds": mark("Er wachten al twee plekken op een antwoord. Geef er één terug, of wacht."),
    "search-held": mark("Voor dit gezin wordt al een plek vastgehouden."),
    "not-undoable": mark("Dit kan niet teruggedraaid worden."),
    "proposal-outdated": mark("Er is intussen iets veranderd. Wijs dit voorstel af en laat het opnieuw voorstellen."),
    "proposal-decided": mark("Over dit voorstel is al beslist."),
    "own-proposal": mark("Iemand anders moet dit bevestigen: u heeft het zelf voorgesteld."),
    "nothing-to-undo": mark("Er is niets om terug te draaien."),
    "offer-over": mark("Dit aanbod is niet meer geldig. Zoek opnieuw."),
    "too-many": mark("U heeft nu even geen zoekopdrachten meer over."),
    "hard-limit": mark("U heeft het hoogste aantal per uur bereikt."),
    "kafka-away": mark("Er kan nu niets vastgelegd worden. Probeer het zo nog een keer: het telt één keer."),
    "not-accepted": mark("Er kan nu niets bewaard worden. Schrijf het op en probeer het straks nog een keer."),
    "issuer-away": mark("De inlogdienst is niet bereikbaar."),
    "view-away": mark("Wat de opvang nu heeft, is niet bekend. Probeer het zo nog een keer."),
    "data-unavailable": mark("Wat er vrij is, is nu niet bekend. Bel: de nummers staan in de bellijst."),
    "rebuilding": mark("De gegevens worden opnieuw opgebouwd. Bel zolang: de nummers staan in de bellijst."),
    "held": mark("Deze kamer wordt vastgehouden."),
    "which-stay": mark("Er is niet precies één gezin in deze kamer. Kies welk gezin."),
    "not-yet": mark("De cijfers worden nog uitgerekend. Probeer het zo nog een keer."),
    "internal-error": mark("Er ging bij ons iets mis."),
}


def dialled(phone: str) -> str:
    """Return a telephone number as the address of a link."""
    return "tel:" + "".join(char for char in phone if char.isdigit() or char == "+")


def begin(name: str) -> str:
    """Return the first characters of a long id, by which a person distinguishes it on a page; a short one whole."""
    return name if len(name) <= _SHORT else f"{name[:8]}…"
