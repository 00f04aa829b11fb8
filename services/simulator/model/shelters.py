"""The shelters of the country and their units, as they really are: trees for names, and telephone numbers that cannot exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.domain.events.catalog import ShelterRegistered, UnitDeclared
from services.simulator.model.event_queue import Action
from services.simulator.model.households import SimulatedHousehold
from services.simulator.model.parameters import Parameters
from services.simulator.model.random_source import RandomSource

_TREES = (
    "abeel", "appel", "beuk", "berk", "ceder", "cipres", "den", "eik", "els", "es", "esdoorn", "hazelaar",
    "hulst", "iep", "jeneverbes", "kastanje", "kers", "kornoelje", "lariks", "lijsterbes", "linde", "meidoorn", "mispel", "moerbei",
    "noot", "olm", "peer", "plataan", "populier", "pruim", "sleedoorn", "spar", "taxus", "vlier", "vogelkers", "wilg",
)  # fmt: skip
_SECURITY = {"open": 0.25, "secure": 0.55, "high_secure": 0.2}
_AUDIENCE = {("women",): 0.8, ("women", "men"): 0.17, ("men",): 0.03}
_SON_AGE = {None: 0.35, 18: 0.15, 16: 0.2, 14: 0.2, 12: 0.1}
_LANGUAGES = {"en": 0.8, "ar": 0.3, "tr": 0.3, "pl": 0.15, "uk": 0.15}
_SERVICES = {"addiction": 0.4, "psychiatric": 0.5, "trafficking": 0.3, "no_residence_permit": 0.35, "intellectual_disability": 0.4}
_FEATURES = {"wheelchair": 0.25, "pets": 0.2, "own_kitchen": 0.4, "own_bathroom": 0.5, "cot": 0.5}
_MAX_CHILDREN = {1: 0.15, 2: 0.3, 3: 0.3, 4: 0.17, 5: 0.08}


@dataclass(slots=True, eq=False)
class SimulatedStay:
    """A household in a unit since `moved_in`, and in the shelter since `since`.

    No other event about it is logged before `next_entry`. A planned departure counts only while `plan` is the number it was planned with.
    """

    id: str
    household: SimulatedHousehold
    since: int
    moved_in: int
    leaves: int = 0
    plan: int = 0
    next_entry: int = 0


@dataclass(slots=True, eq=False)
class SimulatedUnit:
    """One unit, as it really is: the stay in it, whether it can be used, and how often it has become vacant."""

    declared: UnitDeclared
    stay: SimulatedStay | None = None
    closed: bool = False
    withdrawn: bool = False
    vacancies: int = 0

    @property
    def id(self) -> str:
        """Its id within the shelter."""
        return self.declared.unit

    @property
    def is_vacant(self) -> bool:
        """Whether a household can move in."""
        return self.stay is None and not self.closed and not self.withdrawn


@dataclass(slots=True, eq=False)
class SimulatedShelter:
    """One shelter: which share of its counts it forgets, whether it sends nothing now, and the entries it has not sent for that reason."""

    registered: ShelterRegistered
    forgets: float
    units: dict[str, SimulatedUnit] = field(default_factory=dict)
    paused: bool = False
    silent: bool = False
    unsent: list[Action] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id."""
        return self.registered.shelter

    @property
    def region(self) -> str:
        """Its region."""
        return self.registered.region

    def vacant_units(self) -> list[SimulatedUnit]:
        """List the units that a household can move into."""
        return [unit for unit in self.units.values() if unit.is_vacant]


def build_shelters(parameters: Parameters, random: RandomSource, inhabitants: Mapping[str, int]) -> dict[str, SimulatedShelter]:
    """Return every shelter with its units, by id, spread over the regions by their inhabitants."""
    regions = [region for region, number in _apportion(parameters.shelters, inhabitants).items() for _ in range(number)]
    shelters = [
        SimulatedShelter(_registration(random, number, region), forgets=parameters.forgets_most * random.fraction() ** 3)
        for number, region in enumerate(regions)
    ]
    weights = {shelter.id: 0.5 + random.fraction() for shelter in shelters}
    units = _apportion(parameters.units, weights)
    with_overflow = {random.choose(shelters).id for _ in range(parameters.overflow_units)}
    for shelter in shelters:
        for number in range(units[shelter.id] + (shelter.id in with_overflow)):
            declared = _declaration(parameters, random, shelter.id, number, overflow=number >= units[shelter.id])
            shelter.units[declared.unit] = SimulatedUnit(declared)
    return {shelter.id: shelter for shelter in shelters}


def _apportion(number: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Divide a number by weights, at least one each, so that it adds up (largest remainders)."""
    rest, total = number - len(weights), sum(weights.values())
    exact = {name: rest * weight / total for name, weight in weights.items()}
    shares = {name: 1 + int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: int(exact[name]) - exact[name])
    for name in by_remainder[: number - sum(shares.values())]:
        shares[name] += 1
    return shares


def _registration(random: RandomSource, number: int, region: str) -> ShelterRegistered:
    tree, copy = _TREES[number % len(_TREES)], number // len(_TREES) + 1
    return ShelterRegistered(
        shelter=f"{tree}-{copy}",
        name=f"{tree.capitalize()} {copy}",
        organisation=f"org-{region.lower()}",
        region=region,
        security=random.choose_by(_SECURITY),
        audience=random.choose_by(_AUDIENCE),
        max_son_age=random.choose_by(_SON_AGE),
        languages=("nl", *random.subset(_LANGUAGES)),
        services=random.subset(_SERVICES),
        intake_phone=f"0800-{number + 1:06}",
    )


def _declaration(parameters: Parameters, random: RandomSource, shelter: str, number: int, *, overflow: bool) -> UnitDeclared:
    max_adults, max_children = 2 if random.happens(0.3) else 1, random.choose_by(_MAX_CHILDREN)
    return UnitDeclared(
        shelter=shelter,
        unit=f"u{number + 1}",
        kind="emergency" if overflow else random.choose_by(parameters.kind_shares),
        overflow=overflow,
        max_adults=max_adults,
        max_children=max_children,
        beds=max_adults + max_children,
        features=random.subset(_FEATURES),
    )
