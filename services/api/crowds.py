"""How a place may be told of to a worker: by kind, fit and area, each as coarse as it takes for enough shelters to be meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.api import areas
from services.api.areas import Area
from services.api.mirror import Country
from services.api.offers import Areas, Told
from services.domain import crowd
from services.domain.crowd import Crowd, Least, Place
from services.domain.search import Ask, Fit, Miss, fit_of

# Questions that are remembered: a country asks fewer in a day.
_REMEMBERED: Final = 500


@dataclass(slots=True, kw_only=True)
class Crowds:
    """Works out who could be meant, once a question, anew when a shelter has become another one."""

    areas: Areas
    least: Least
    _formed: int = -1
    _of: dict[Ask, Crowd] = field(default_factory=dict)
    _told: dict[tuple[Ask, Place], Told] = field(default_factory=dict)
    """How a place that fits may be told of."""

    def of(self, country: Country, ask: Ask) -> Crowd:
        """Tell who could be offered for a question."""
        if country.formed != self._formed or len(self._of) >= _REMEMBERED:
            self._of, self._told, self._formed = {}, {}, country.formed
        if ask not in self._of:
            self._of[ask] = crowd.fitting(country.emptied(), ask, self._named(country), self.least)
        return self._of[ask]

    def offers(self, country: Country, ask: Ask, chosen: list[Fit]) -> list[tuple[Fit, Told]]:
        """Tell how each offer may be told of."""
        of, area_of = self.of(country, ask), self.areas.of(country)
        places = [_place(fit, fit_of(fit.unit, ask), area_of) for fit in chosen]
        for place in places:
            if (ask, place) not in self._told:
                self._told[ask, place] = _told(of, place, area_of)
        return [(fit, self._told[ask, place]) for fit, place in zip(chosen, places, strict=True)]

    def misses(self, country: Country, ask: Ask, nearly: list[Miss]) -> list[tuple[Miss, Told]]:
        """Choose what may be told of what nearly fits, and how."""
        if not nearly:
            return []
        area_of = self.areas.of(country)
        might = crowd.missing(country.emptied(), ask, self._named(country), self.of(country, ask))
        told = [(miss, might[miss.condition]) for miss in nearly if not might[miss.condition].narrow]
        return [(miss, _told(of, _place(miss, "", area_of), area_of)) for miss, of in told]

    def _named(self, country: Country) -> dict[str, str]:
        return {region: area.name for region, area in self.areas.of(country).items()}


def _place(found: Fit | Miss, fit: str, area_of: Mapping[str, Area]) -> Place:
    return Place(found.unit.kind or "", fit, area_of[found.region].name)


def _told(of: Crowd, place: Place, area_of: Mapping[str, Area]) -> Told:
    told = of.told(place)
    return Told(areas.joined({area for area in area_of.values() if area.name in told.areas}), told.kind, told.fit)
