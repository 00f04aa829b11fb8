"""The shelters of the country and their units, as they really are: trees for names, and telephone numbers that cannot exist."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.domain.events import ShelterRegistered, UnitDeclared
from services.simulator.chance import Chance
from services.simulator.households import Household
from services.simulator.parameters import Parameters

_TREES = (
    "abeel",
    "appel",
    "beuk",
    "berk",
    "ceder",
    "cipres",
    "den",
    "eik",
    "els",
    "es",
    "esdoorn",
    "hazelaar",
    "hulst",
    "iep",
    "jeneverbes",
    "kastanje",
    "kers",
    "kornoelje",
    "lariks",
    "lijsterbes",
    "linde",
    "meidoorn",
    "mispel",
    "moerbei",
    "noot",
    "olm",
    "peer",
    "plataan",
    "populier",
    "pruim",
    "sleedoorn",
    "spar",
    "taxus",
    "vlier",
    "vogelkers",
    "wilg",
)
_SECURITY = {"open": 0.25, "secure": 0.55, "high_secure": 0.2}
_AUDIENCE = {("women",): 0.8, ("women", "men"): 0.17, ("men",): 0.03}
_SON_AGE = {None: 0.35, 18: 0.15, 16: 0.2, 14: 0.2, 12: 0.1}
_SERVICES = {"addiction": 0.4, "psychiatric": 0.5, "trafficking": 0.3, "no_residence_permit": 0.35, "intellectual_disability": 0.4}
_FEATURES = {"wheelchair": 0.25, "pets": 0.2, "own_kitchen": 0.4, "own_bathroom": 0.5, "cot": 0.5}
_MAX_CHILDREN = {1: 0.15, 2: 0.3, 3: 0.3, 4: 0.17, 5: 0.08}


@dataclass(slots=True, eq=False)
class Stay:
    """A household in a unit. Nothing more is entered about it before `entries_until`; `plan` tells an old plan from a new one."""

    id: str
    household: Household
    since: int
    moved_in: int
    leaves: int = 0
    plan: int = 0
    entries_until: int = 0


@dataclass(slots=True, eq=False)
class Flat:
    """One unit, as it really is: who is inside, whether it can't be used, how often it has been made ready."""

    declared: UnitDeclared
    inside: Stay | None = None
    shut: bool = False
    withdrawn: bool = False
    turn: int = 0

    @property
    def id(self) -> str:
        """Its id within the shelter."""
        return self.declared.unit

    @property
    def empty(self) -> bool:
        """Somebody could move in."""
        return self.inside is None and not self.shut and not self.withdrawn


@dataclass(slots=True, eq=False)
class Shelter:
    """One shelter: how often it forgets its count, whether it is silent, and what it has not yet sent for that reason."""

    registered: ShelterRegistered
    forgets: float
    flats: dict[str, Flat] = field(default_factory=dict)
    paused: bool = False
    silent: bool = False
    unsent: list[Callable[[], None]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id."""
        return self.registered.shelter

    @property
    def region(self) -> str:
        """Its region."""
        return self.registered.region

    def empty(self) -> list[Flat]:
        """List the units that somebody could move into."""
        return [flat for flat in self.flats.values() if flat.empty]


def built(parameters: Parameters, chance: Chance, inhabitants: Mapping[str, int]) -> dict[str, Shelter]:
    """Build every shelter with its units."""
    shelters = [
        Shelter(_registered(chance, number, region), forgets=parameters.forgets_most * chance.random.random() ** 3)
        for number, region in enumerate(_regions(parameters.shelters, inhabitants))
    ]
    weights = {shelter.id: 0.5 + chance.random.random() for shelter in shelters}
    flats = _divided(parameters.units, weights)
    overflow = {chance.pick(shelters).id for _ in range(parameters.overflow_units)}
    for shelter in shelters:
        for number in range(flats[shelter.id] + (shelter.id in overflow)):
            unit = _declared(parameters, chance, shelter.id, number, overflow=number >= flats[shelter.id])
            shelter.flats[unit.unit] = Flat(unit)
    return {shelter.id: shelter for shelter in shelters}


def _regions(number: int, inhabitants: Mapping[str, int]) -> Iterable[str]:
    return [region for region, of in _divided(number, inhabitants).items() for _ in range(of)]


def _divided(number: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Divide a number by weights, at least one each, so that it adds up (largest remainders)."""
    rest, total = number - len(weights), sum(weights.values())
    exact = {name: rest * weight / total for name, weight in weights.items()}
    found = {name: 1 + int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: int(exact[name]) - exact[name])
    for name in by_remainder[: number - sum(found.values())]:
        found[name] += 1
    return found


def _registered(chance: Chance, number: int, region: str) -> ShelterRegistered:
    tree, copy = _TREES[number % len(_TREES)], number // len(_TREES) + 1
    return ShelterRegistered(
        shelter=f"{tree}-{copy}",
        name=f"{tree.capitalize()} {copy}",
        organisation=f"org-{region.lower()}",
        region=region,
        security=chance.weighted(_SECURITY),
        audience=chance.weighted(_AUDIENCE),
        max_son_age=chance.weighted(_SON_AGE),
        languages=("nl", *chance.some({"en": 0.8, "ar": 0.3, "tr": 0.3, "pl": 0.15, "uk": 0.15})),
        services=chance.some(_SERVICES),
        intake_phone=f"0800-{number + 1:06}",
    )


def _declared(parameters: Parameters, chance: Chance, shelter: str, number: int, *, overflow: bool) -> UnitDeclared:
    max_adults, max_children = 2 if chance.hit(0.3) else 1, chance.weighted(_MAX_CHILDREN)
    return UnitDeclared(
        shelter=shelter,
        unit=f"u{number + 1}",
        kind="emergency" if overflow else chance.weighted(parameters.kind_shares),
        overflow=overflow,
        max_adults=max_adults,
        max_children=max_children,
        beds=max_adults + max_children,
        features=chance.some(_FEATURES),
    )
