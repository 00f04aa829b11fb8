"""The grid of a month: which cells an analyst may see in it, drawn from the registrations of that month. Pure and deterministic.

Law: regions are divided into atoms, each of which is large enough (`cell_rule.py`) at every full hour of the month. A cell is answered only
if it is a union of atoms. So no combination of answers shows more of an hour than the numbers of its atoms.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.domain.events.value_types import KINDS
from services.monitor.figures.dimensions import NO_REGION
from services.monitor.figures.small_cells.cell_rule import Atom, Member, Part, Rule, answered, classified, divided, is_large, joined, merged
from services.monitor.query import Scope

OVERFLOW: Final = "overflow"
NO_UNIT: Final = "no unit"
"""Stands for a unit that is not declared, which only the nation has."""
# Stands for the province of NO_REGION
_NOWHERE: Final = ""
_GROUPS: Final = (*KINDS, NO_UNIT)


@dataclass(frozen=True, slots=True)
class Geography:
    """The nation, and the provinces and regions that are answered; the nation is not where it is too small itself."""

    nation: bool
    provinces: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    def has(self, scope: Scope) -> bool:
        """Return whether the place of a scope is answered, whatever its kind."""
        if scope.region:
            return scope.region in self.regions
        return scope.province in self.provinces if scope.province else self.nation


@dataclass(frozen=True, slots=True)
class MonthGrid:
    """Which cells of a month are answered: by place; by kind of unit; of overflow units; and for a household with one filter."""

    places: Geography
    overflow: Geography
    kinds: frozenset[str]
    places_by_kind: Geography
    filters: frozenset[str]
    places_by_filter: Geography

    def has(self, scope: Scope, *, overflow: bool, kinds: Collection[str], filters: Collection[str]) -> bool:
        """Return whether a number is answered: of a scope, and of what of its shelters it is about."""
        if overflow:
            return not kinds and self.overflow.has(scope)
        if filters:
            return not kinds and self.filters.issuperset(filters) and self.places_by_filter.has(scope)
        return self.kinds.issuperset(kinds) and self.places_by_kind.has(scope) if kinds else self.places.has(scope)


@lru_cache(maxsize=64)
def draw(members: Atom, provinces: tuple[tuple[str, str], ...], filters: tuple[str, ...]) -> MonthGrid:
    """Draw the grid of the members at the hours of a month. `provinces` has each region with its province."""
    regions = _by_region(members, provinces)
    places, atoms = _places(regions, dict(provinces))
    overflowing = tuple(frozenset(each for each in at_once if OVERFLOW in each.has) for at_once in members)
    kinds = _kinds(joined(atoms.values())) if places.nation else frozenset[str]()
    by_kind = _part_of(places, atoms, kinds, classified(_groups(kinds)))
    allowed = _filters(joined(atoms.values()), filters) if places.nation else frozenset[str]()
    return MonthGrid(
        places=places,
        overflow=_places(_by_region(overflowing, provinces), dict(provinces))[0],
        kinds=kinds,
        places_by_kind=by_kind,
        filters=allowed,
        places_by_filter=_part_of(places, atoms, allowed, divided(allowed)),
    )


def _by_region(members: Atom, provinces: Iterable[tuple[str, str]]) -> dict[str, Atom]:
    """Return the members of each region; those of none only where there are any."""
    codes = [region for region, _ in provinces]
    nowhere = [NO_REGION] if any(each.region == NO_REGION for at_once in members for each in at_once) else []
    return {code: tuple(frozenset(each for each in at_once if each.region == code) for at_once in members) for code in (*codes, *nowhere)}


def _places(regions: Mapping[str, Atom], province_of: Mapping[str, str]) -> tuple[Geography, dict[str, Part]]:
    """Return which places are answered, and the atoms of each province."""
    inside: dict[str, dict[str, Part]] = {}
    for code, atom in regions.items():
        inside.setdefault(province_of.get(code, _NOWHERE), {})[code] = (atom,)
    whole = {province: joined(parts.values()) for province, parts in inside.items()}
    if not is_large(joined(whole.values())):
        return Geography(nation=False), {}
    provinces = answered(whole, is_large, never=(_NOWHERE,))
    shown: set[str] = set()
    atoms: dict[str, Part] = {}
    for province in sorted(provinces):
        of_it = answered(inside[province], is_large)
        rest = joined(part for code, part in inside[province].items() if code not in of_it)
        atoms[province] = joined([*(inside[province][code] for code in sorted(of_it)), *([(merged(rest),)] if rest else [])])
        shown |= of_it
    if others := joined(part for province, part in whole.items() if province not in provinces):
        atoms[_NOWHERE] = (merged(others),)
    return Geography(nation=True, provinces=provinces, regions=frozenset(shown)), atoms


def _groups(kinds: Collection[str]) -> list[frozenset[str]]:
    """Return the groups of kinds that can be distinguished: each of some, and the others together."""
    others = frozenset(_GROUPS).difference(kinds)
    return [*(frozenset({kind}) for kind in sorted(kinds)), *([others] if others else [])]


def _kinds(country: Part) -> frozenset[str]:
    """Return the kinds that are answered: all of them, or without those of the fewest shelters until no number is about too few."""
    sizes = {kind: min((sum(kind in each.has for each in frozenset().union(*at_once)) for at_once in zip(*country, strict=True)), default=0)
             for kind in KINDS}  # fmt: skip
    found = {kind for kind in KINDS if sizes[kind]}
    while found and not classified(_groups(found))(country):
        found.remove(min(found, key=lambda kind: (sizes[kind], kind)))
    return frozenset(found)


def _filters(country: Part, names: Iterable[str]) -> frozenset[str]:
    """Return the filters that are answered: in their order each that still leaves no group of too few shelters that differ in none."""
    found: list[str] = []
    for name in names:
        if divided([*found, name])(country):
            found.append(name)
    return frozenset(found)


def _part_of(places: Geography, atoms: Mapping[str, Part], names: Collection[str], rule: Rule) -> Geography:
    """Return the nation and the provinces of which a classification is answered; none without a name of it."""
    if not names:
        return Geography(nation=False)
    return Geography(nation=places.nation, provinces=answered(atoms, rule, never=(_NOWHERE,)))


def moved(before: Collection[Member], after: Collection[Member]) -> frozenset[Member]:
    """Return the members that came, went, moved or changed hands."""
    places = [{(each.shelter, each.organisation, each.region): each for each in members} for members in (before, after)]
    return frozenset(each for key, each in (places[0] | places[1]).items() if (key in places[0]) != (key in places[1]))
