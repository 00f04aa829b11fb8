"""The duty list: one telephone number per organisation and region, chosen so that it discloses least about a shelter. Pure.

The laws of this file:
- No number of a `high_secure` shelter is chosen, nor one that such a shelter gives too: it would disclose the region of that shelter.
- The choice depends on registrations alone, so that nothing that happens in a shelter shows in it.
- Of two statements about one number the later counts; of two at the same instant the greater, so that every reader agrees.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from services.domain.events.catalog import ShelterRegistered
from services.domain.events.value_types import SECURITY

_COUNTRY: Final = "31"
# The shortest number is 112.
_LEAST_DIGITS: Final = 3


class OrganisationInRegion(NamedTuple):
    """An organisation in a region."""

    organisation: str
    region: str


class Number(NamedTuple):
    """A telephone number and the instant (ms) from which it is valid; `phone` is None when the number before was withdrawn then."""

    at: int
    phone: str | None


Numbers = dict[OrganisationInRegion, Number]


def places(registered: Iterable[ShelterRegistered]) -> frozenset[OrganisationInRegion]:
    """Return every organisation in every region where it has a shelter."""
    return frozenset(OrganisationInRegion(shelter.organisation, shelter.region) for shelter in registered)


def choose(registered: Iterable[ShelterRegistered]) -> dict[OrganisationInRegion, str]:
    """Return the number per organisation and region; none where all of its shelters there are `high_secure`.

    First the number that most shelters of the organisation share: a central number discloses nothing about a shelter. Then that of the
    least secure shelter, then the lowest.
    """
    shelters = list(registered)
    hidden = {digits(shelter.intake_phone) for shelter in shelters if shelter.security == "high_secure"}
    usable = [shelter for shelter in shelters if dialable(shelter.intake_phone) and digits(shelter.intake_phone) not in hidden]
    shared = Counter((shelter.organisation, digits(shelter.intake_phone)) for shelter in usable)

    def rank(shelter: ShelterRegistered) -> tuple[int, int, str, str]:
        number = digits(shelter.intake_phone)
        return -shared[shelter.organisation, number], SECURITY.index(shelter.security), number, shelter.intake_phone

    best: dict[OrganisationInRegion, ShelterRegistered] = {}
    for shelter in sorted(usable, key=rank):
        best.setdefault(OrganisationInRegion(shelter.organisation, shelter.region), shelter)
    return {place: shelter.intake_phone for place, shelter in best.items()}


def dated(chosen: Mapping[OrganisationInRegion, str], known: Mapping[OrganisationInRegion, Number], now: int) -> Numbers:
    """Return chosen numbers with the instant each is valid from: that of the known one, and `now` (ms) for a new one."""
    return {
        place: known[place] if place in known and known[place].phone == phone else Number(now, phone) for place, phone in chosen.items()
    }


def merged(*statements: Mapping[OrganisationInRegion, Number]) -> Numbers:
    """Return the number that counts of each organisation in a region."""
    latest: Numbers = {}
    for numbers in statements:
        for place, number in numbers.items():
            latest[place] = max(latest.get(place, number), number, key=_order)
    return latest


def digits(phone: str) -> str:
    """Return the national digits of a number, so that two ways of writing it compare equal."""
    bare = "".join(letter for letter in phone if letter.isdigit())
    if phone.lstrip().startswith("+") and bare.startswith(_COUNTRY):
        # "+31 (0)20" occurs too
        return f"0{bare.removeprefix(_COUNTRY).removeprefix('0')}"
    return f"0{bare.removeprefix(f'00{_COUNTRY}').removeprefix('0')}" if bare.startswith(f"00{_COUNTRY}") else bare


def dialable(phone: str) -> bool:
    """Return whether a number has enough digits to dial."""
    return len(digits(phone)) >= _LEAST_DIGITS


def _order(number: Number) -> tuple[int, str]:
    return number.at, json.dumps(number.phone)
