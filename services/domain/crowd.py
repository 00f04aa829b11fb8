"""Who could be meant. Law: of what is told of a place so many shelters could be the one, or all that ever could; free or not.

An insider chooses his questions. Asked for what one shelter alone has, an offer names it; so what an answer tells is made as coarse as the
question is fine, by what shelters are and never by who is in them: kinds, then fits, then areas are joined until enough could be meant.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from services.domain.picture import ShelterPicture
from services.domain.search import Ask, Condition, fit_of, nearly_of, takes, welcomes

T = TypeVar("T", bound=Hashable)

# Conditions that pass: who fits but for one of these is who fits.
_PASSING: tuple[Condition, ...] = ("closed", "paused")


class Place(NamedTuple):
    """A way in which a shelter could be told of: a kind of unit, how it fits, and where."""

    kind: str
    fit: str
    area: str


class Least(NamedTuple):
    """How many shelters must at least be meant: for a question to be answered, and by each way in which a place is told of."""

    answer: int
    place: int


class Told(NamedTuple):
    """What may be told of a place: its kind and fit, None where others must be meant as well, and the areas it is in one of."""

    kind: str | None
    fit: str | None
    areas: tuple[str, ...]


Cells = Mapping[Place, AbstractSet[str]]
"""The shelters that could be told of in each way."""


@dataclass(slots=True)
class Crowd:
    """All that could ever be told of for a question."""

    cells: Cells
    least: Least
    shelters: AbstractSet[str] = field(init=False, compare=False)
    """All shelters that could be meant."""
    _told: dict[Place, Told] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self.shelters = set().union(*self.cells.values())

    @property
    def narrow(self) -> bool:
        """So few could be meant that nothing may be told."""
        return len(self.shelters) < self.least.answer

    def told(self, place: Place) -> Told:
        """Tell how a place may be told of."""
        if not self._told:
            self._told = self._work_out()
        return self._told[place]

    def _work_out(self) -> dict[Place, Told]:
        found: dict[Place, Told] = {}
        least = self.least.place
        for kinds, of_kind in _grouped(self.cells, 0, least):
            for fits, of_fit in _grouped(of_kind, 1, least):
                for areas, cells in _grouped(of_fit, 2, least):
                    found |= dict.fromkeys(cells, Told(_alone(kinds), _alone(fits), areas))
        return found


def _grouped(cells: Cells, by: int, least: int) -> Iterator[tuple[tuple[Any, ...], Cells]]:
    """Divide places by what they are alike in, so finely that of each part at least so many shelters could be meant."""
    together: defaultdict[Any, set[str]] = defaultdict(set)
    for place, shelters in cells.items():
        together[place[by]] |= shelters
    for names in joined(together, least):
        yield names, {place: shelters for place, shelters in cells.items() if place[by] in names}


def joined(cells: Mapping[T, AbstractSet[str]], least: int) -> list[tuple[T, ...]]:
    """Join the cells that have too few members, and if those are still too few the next smallest with them."""
    by_size = sorted(cells, key=lambda name: (len(cells[name]), str(name)))
    together = [name for name in by_size if len(cells[name]) < least]
    rest = by_size[len(together) :]
    while together and rest and len(set().union(*(cells[name] for name in together))) < least:
        together.append(rest.pop(0))
    return [*([tuple(together)] if together else []), *((name,) for name in rest)]


def _alone(names: tuple[str, ...]) -> str | None:
    return names[0] if len(names) == 1 else None


def emptied(shelter: ShelterPicture) -> ShelterPicture:
    """Draw a shelter as it would be if nobody lived in it and nothing were closed, held or paused: what it is, and not how it is."""
    units = {
        name: replace(unit, stays=(), closed=None, held=None) for name, unit in shelter.units.items() if unit.declared and not unit.overflow
    }
    return ShelterPicture(shelter.shelter, shelter.registration, units=units)


def fitting(empty: Iterable[ShelterPicture], ask: Ask, area_of: Mapping[str, str], least: Least) -> Crowd:
    """Find who could ever be offered."""
    cells: defaultdict[Place, set[str]] = defaultdict(set)
    for shelter in empty:
        there = shelter.registration
        if there and there.region not in ask.exclude_regions and welcomes(there, ask):
            for unit in shelter.units.values():
                if takes(unit, ask):
                    cells[Place(unit.kind or "", fit_of(unit, ask), area_of[there.region])].add(shelter.shelter)
    return Crowd(dict(cells), least)


def missing(empty: Iterable[ShelterPicture], ask: Ask, area_of: Mapping[str, str], fits: Crowd) -> Mapping[Condition, Crowd]:
    """Find who could ever nearly fit, by the one condition that fails."""
    found: defaultdict[Condition, defaultdict[Place, set[str]]] = defaultdict(lambda: defaultdict(set))
    for shelter in empty:
        if there := shelter.registration:
            for miss in nearly_of(shelter, there, ask, 0):
                # Which two of its units would do together hangs on who lives in the others
                units = shelter.units.values() if miss.condition == "two_units" else (miss.unit,)
                for unit in units:
                    found[miss.condition][Place(unit.kind or "", "", area_of[there.region])].add(shelter.shelter)
    for place, shelters in fits.cells.items():
        for condition in _PASSING:
            found[condition][place._replace(fit="")] |= shelters
    return {condition: Crowd(dict(cells), fits.least) for condition, cells in found.items()}
