"""Who needs a place, and which place suits them. Never a person: how many, and what is needed."""

from dataclasses import dataclass, replace

from services.domain.events import Need, ShelterRegistered, UnitDeclared
from services.simulator.chance import Chance

_ADULTS = {1: 0.975, 2: 0.025}
_CHILDREN = {0: 0.29, 1: 0.31, 2: 0.24, 3: 0.1, 4: 0.04, 5: 0.02}
_FEATURES = {"wheelchair": 0.04, "pets": 0.06, "own_kitchen": 0.04, "cot": 0.08}
_SERVICES = {"addiction": 0.04, "psychiatric": 0.06, "trafficking": 0.02, "no_residence_permit": 0.03, "intellectual_disability": 0.03}
_SECURITY = {"open": 0.6, "secure": 0.35, "high_secure": 0.05}
_LANGUAGES = {"nl": 0.6, "en": 0.15, "ar": 0.1, "tr": 0.06, "pl": 0.05, "uk": 0.04}
_STRICT = ("open", "secure", "high_secure")
_MEN = 0.05
_AT_ONCE = ("emergency", "crisis")


@dataclass(frozen=True, slots=True)
class Household:
    """So many people from a region, what they need, and where they must not go."""

    adults: int
    children: int
    region: str
    need: Need
    unsafe: tuple[str, ...] = ()

    def with_a_child(self) -> "Household":
        """Return the household after a birth, or when a child has joined."""
        return replace(self, children=min(20, self.children + 1))


def drawn(chance: Chance, region: str, regions: tuple[str, ...], kinds: tuple[str, ...] = _AT_ONCE) -> Household:
    """Draw a household from a region."""
    children = chance.weighted(_CHILDREN)
    adults = chance.weighted(_ADULTS)
    need = Need(
        kinds=kinds,
        features=chance.some(_FEATURES),
        men=1 if chance.hit(_MEN) else 0,
        oldest_son_age=chance.between(0, 18) if children and chance.hit(0.5) else None,
        security=chance.weighted(_SECURITY),
        services=chance.some(_SERVICES),
        languages=("nl",) if chance.hit(0.7) else (chance.weighted(_LANGUAGES),),
    )
    near = (region,) if chance.hit(0.35) else ()
    further = tuple(chance.pick(regions) for _ in range(chance.between(0, 3)))
    return Household(adults, children, region, need, tuple(dict.fromkeys(near + further)))


def suits(household: Household, shelter: ShelterRegistered, unit: UnitDeclared) -> bool:
    """Say whether a unit takes a household, wherever it is."""
    need = household.need
    return (
        unit.max_adults >= household.adults
        and unit.max_children >= household.children
        and unit.kind in need.kinds
        and set(need.features) <= set(unit.features)
        and _welcome(need, shelter)
    )


def _welcome(need: Need, shelter: ShelterRegistered) -> bool:
    son, limit = need.oldest_son_age, shelter.max_son_age
    return (
        (not need.men or "men" in shelter.audience)
        and (need.men > 0 or "women" in shelter.audience)
        and (son is None or limit is None or son <= limit)
        and _STRICT.index(shelter.security) >= _STRICT.index(need.security)
        and set(need.services) <= set(shelter.services)
    )
