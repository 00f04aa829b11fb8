"""Who needs a place, and which unit suits them. Never a person: how many, and what is needed."""

from dataclasses import dataclass, replace

from services.domain.events.catalog import Need, ShelterRegistered, UnitDeclared
from services.simulator.model.random_source import RandomSource

_ADULTS = {1: 0.975, 2: 0.025}
_CHILDREN = {0: 0.29, 1: 0.31, 2: 0.24, 3: 0.1, 4: 0.04, 5: 0.02}
_FEATURES = {"wheelchair": 0.04, "pets": 0.06, "own_kitchen": 0.04, "cot": 0.08}
_SERVICES = {"addiction": 0.04, "psychiatric": 0.06, "trafficking": 0.02, "no_residence_permit": 0.03, "intellectual_disability": 0.03}
_SECURITY = {"open": 0.6, "secure": 0.35, "high_secure": 0.05}
_LANGUAGES = {"nl": 0.6, "en": 0.15, "ar": 0.1, "tr": 0.06, "pl": 0.05, "uk": 0.04}
_BY_SECURITY = ("open", "secure", "high_secure")
_MEN = 0.05
_URGENT_KINDS = ("emergency", "crisis")


@dataclass(frozen=True, slots=True)
class SimulatedHousehold:
    """So many people from a region, what they need, and where they must not go."""

    adults: int
    children: int
    region: str
    need: Need
    unsafe_regions: tuple[str, ...] = ()

    def with_another_child(self) -> "SimulatedHousehold":
        """Return the household after a birth, or when a child has joined."""
        return replace(self, children=min(20, self.children + 1))


def draw_household(
    random: RandomSource, region: str, regions: tuple[str, ...], kinds: tuple[str, ...] = _URGENT_KINDS
) -> SimulatedHousehold:
    """Return a random household from a region; some of `regions` are unsafe for it."""
    children = random.choose_by(_CHILDREN)
    adults = random.choose_by(_ADULTS)
    need = Need(
        kinds=kinds,
        features=random.subset(_FEATURES),
        men=1 if random.happens(_MEN) else 0,
        oldest_son_age=random.between(0, 18) if children and random.happens(0.5) else None,
        security=random.choose_by(_SECURITY),
        services=random.subset(_SERVICES),
        languages=("nl",) if random.happens(0.7) else (random.choose_by(_LANGUAGES),),
    )
    near = (region,) if random.happens(0.35) else ()
    far = tuple(random.choose(regions) for _ in range(random.between(0, 3)))
    return SimulatedHousehold(adults, children, region, need, tuple(dict.fromkeys(near + far)))


def unit_suits(household: SimulatedHousehold, shelter: ShelterRegistered, unit: UnitDeclared) -> bool:
    """Return whether a unit takes a household, wherever it is."""
    need = household.need
    return (
        has_room(household, unit)
        and unit.kind in need.kinds
        and set(need.features) <= set(unit.features)
        and _shelter_accepts(need, shelter)
    )


def has_room(household: SimulatedHousehold, unit: UnitDeclared) -> bool:
    """Return whether a unit is large enough for a household."""
    return household.adults <= unit.max_adults and household.children <= unit.max_children


def _shelter_accepts(need: Need, shelter: ShelterRegistered) -> bool:
    son, limit = need.oldest_son_age, shelter.max_son_age
    return (
        (not need.men or "men" in shelter.audience)
        and (need.men > 0 or "women" in shelter.audience)
        and (son is None or limit is None or son <= limit)
        and _BY_SECURITY.index(shelter.security) >= _BY_SECURITY.index(need.security)
        and set(need.services) <= set(shelter.services)
    )
