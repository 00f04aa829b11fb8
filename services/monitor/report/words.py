"""The words of a report: every code of the contract and of the definitions, and every number, in Dutch and in English."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from services.monitor.answer import Value
from services.monitor.days import local
from services.monitor.definition import Unit


class Both(NamedTuple):
    """The same in Dutch and in English."""

    nl: str
    en: str

    @property
    def short(self) -> str:
        """Both in one line, once where they are the same."""
        return self.nl if self.nl == self.en else f"{self.nl} / {self.en}"


UNKNOWN: Final = Both("onbekend", "unknown")
_CODES: Final[Mapping[str, Both]] = {
    "emergency": Both("noodopvang", "emergency"),
    "crisis": Both("crisisopvang", "crisis"),
    "follow_up": Both("vervolgopvang", "follow-up"),
    "assisted": Both("begeleid wonen", "assisted"),
    "nothing_free": Both("niets vrij", "nothing free"),
    "nothing_fitting": Both("niets passends vrij", "nothing fitting"),
    "unsafe_region": Both("onveilige regio", "unsafe region"),
    "no_answer": Both("geen antwoord", "no answer"),
    "at_night": Both("'s nachts", "at night"),
    "other": Both("anders", "other"),
    "hotel": Both("hotel", "hotel"),
    "holiday_park": Both("vakantiepark", "holiday park"),
    "adults": Both("volwassenen", "adults"),
    "children": Both("kinderen", "children"),
    "fitting_free": Both("passende plaats vrij bij het besluit", "a fitting place was free at the decision"),
    "freed_within_2h": Both("binnen 2 uur een passende plaats vrij", "a fitting place became free within 2 h"),
    "excluded_for_safety": Both("alleen vrij in onveilige regio's", "free only in unsafe regions"),
    "unfitting_free": Both("vrij, maar niet passend", "free, but not fitting"),
    "no_evidence": Both("geen bewijs", "no evidence"),
    "held": Both("plaats vastgehouden", "a place was held"),
    "fallback": Both("noodoplossing", "fallback"),
    "waiting_list": Both("wachtlijst", "waiting list"),
    "elsewhere": Both("elders", "elsewhere"),
    "withdrawn": Both("ingetrokken", "withdrawn"),
    "unknown": Both("onbekend", "unknown"),
    "open": Both("nog open", "still open"),
    "granted": Both("loopt nog", "still held"),
    "fulfilled": Both("vervuld", "fulfilled"),
    "expired": Both("verlopen", "expired"),
    "declined": Both("afgewezen door de opvang", "declined by the shelter"),
    "released": Both("teruggegeven", "given back"),
    "overtaken": Both("ingehaald", "overtaken"),
    "refused": Both("geweigerd", "refused"),
    "home": Both("naar huis", "home"),
    "own_home": Both("eigen woning", "a home of her own"),
    "family": Both("familie", "family"),
    "other_shelter": Both("andere opvang", "another shelter"),
    "assisted_living": Both("begeleid wonen", "assisted living"),
    "abroad": Both("buitenland", "abroad"),
    "occupied": Both("bezet", "occupied"),
    "closed": Both("gesloten", "closed"),
    "paused": Both("gepauzeerd", "paused"),
    "free": Both("vrij", "free"),
}
_UNITS: Final[Mapping[Unit, Both]] = {
    "units": Both("plaatsen", "places"),
    "beds": Both("bedden", "beds"),
    "shelters": Both("opvanglocaties", "shelters"),
    "households": Both("huishoudens", "households"),
    "persons": Both("personen", "persons"),
    "nights": Both("nachten", "nights"),
    "requests": Both("aanvragen", "requests"),
    "holds": Both("verzoeken", "requests"),
    "stays": Both("verblijven", "stays"),
    "entries": Both("huishoudens", "households"),
    "inhabitants": Both("inwoners", "inhabitants"),
    "share": Both("", ""),
    "days": Both("dagen", "days"),
    "minutes": Both("minuten", "minutes"),
}
_WHOLE_FROM: Final = 100
_SWAP: Final = str.maketrans(",.", ".,")


def code(name: str) -> Both:
    """Say a code in words; one that nobody has put into words stays as it is."""
    return _CODES.get(name) or Both(name.replace("_", " "), name.replace("_", " "))


def number(value: Value, unit: Unit) -> Both:
    """Write a number as it is written in each language: a share as a percentage, what is counted whole, what is not to one decimal."""
    if value is None:
        return UNKNOWN
    if unit == "share":
        return Both(f"{value:.1%}".translate(_SWAP), f"{value:.1%}")
    # A mean of a hundred and more is no truer for a decimal
    written = f"{value:,.1f}" if value != round(value) and value < _WHOLE_FROM else f"{value:,.0f}"
    return Both(written.translate(_SWAP), written)


def with_unit(value: Value, unit: Unit) -> Both:
    """Write a number with what it is a number of."""
    written = number(value, unit)
    if value is None:
        return written
    return Both(f"{written.nl} {_UNITS[unit].nl}".strip(), f"{written.en} {_UNITS[unit].en}".strip())


def moment(ms: int) -> str:
    """Write an instant as the clock on the wall has it, the same in both languages."""
    at: datetime = local(ms)
    return f"{at:%Y-%m-%d %H:%M}"
