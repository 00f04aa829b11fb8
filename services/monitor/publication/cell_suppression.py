"""Cell suppression: a release has a number only if no hidden one can be computed from it, the others, and releases published before.

Three steps, each of which only hides more: the sensitive cells and those hidden before; the cells that would give one away as the rest of a
sum; and what a linear program still infers (attacker_bounds.py). Hiding only widens what an attacker must think possible, so this ends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.monitor.publication.attacker_bounds import Attacker, is_protected
from services.monitor.publication.disclosure_rules import Cells, merge, rounded
from services.monitor.publication.release_grid import AREAS, NATION, PROVINCES, Key, groups, periods


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """What a release is to be of: figures by months of one year, and which figure is never more than which other."""

    figures: tuple[str, ...]
    months: tuple[str, ...]
    never_more: Mapping[str, str]

    @property
    def keys(self) -> list[Key]:
        """Every cell of it."""
        return [Key(figure, area, period) for figure in self.figures for area in AREAS for period in periods(self.months)]


def suppress(plan: ReleasePlan, cells: Cells, earlier: Sequence[Mapping[Key, int | None]]) -> dict[Key, int | None]:
    """Return the values of a release, rounded to 5, None where hidden. `earlier` are the releases published before, the oldest first."""
    sensitive = {key for key in plan.keys if not cells[key].publishable}
    hidden_before = {key for release in earlier for key, value in release.items() if value is None}
    hidden = sensitive | hidden_before.intersection(plan.keys)
    _suppress_complements(plan, cells, hidden)
    shown = {key: rounded(cells[key].value) for key in plan.keys if key not in hidden}
    _suppress_inferable(plan, sensitive, cells, shown, {})
    # Of each cell the newest number counts
    published = {key: value for release in earlier for key, value in release.items() if value is not None}
    if published:
        _suppress_inferable(plan, sensitive - published.keys(), cells, shown, published)
    return {key: shown.get(key) for key in plan.keys}


def _suppress_complements(plan: ReleasePlan, cells: Cells, hidden: set[Key]) -> None:
    """Hide more until what is left of any shown sum, less its shown parts, is publishable itself: insiders know a part of that rest."""
    all_groups = [group for figure in plan.figures for group in groups(figure, plan.months)]
    changed = True
    while changed:
        changed = False
        for whole, parts in all_groups:
            hidden_parts = [part for part in parts if part in hidden]
            if whole in hidden or not hidden_parts or merge(cells, hidden_parts).publishable:
                continue
            shown_parts = [part for part in parts if part not in hidden]
            hidden.add(min(shown_parts, key=lambda key: _suppression_cost(key, cells)) if shown_parts else whole)
            changed = True


def _suppress_inferable(
    plan: ReleasePlan, sensitive: Iterable[Key], cells: Cells, shown: dict[Key, int], published: Mapping[Key, int]
) -> None:
    """Hide, for each sensitive cell, the shown numbers that pin it down, the cheapest first.

    `published` are numbers of earlier releases, which can't be taken back: the attacker believes that they still hold where this release
    has no other. If all of it can't be true together, the attacker knows that something changed, and has this release alone.
    """
    attacker = Attacker({**published, **shown}, plan.never_more)
    if not attacker.is_consistent():
        return
    for key in sorted(sensitive):
        value = cells[key].value
        while True:
            least, most, binding = attacker.feasible_interval([key])
            retractable = sorted(binding.intersection(shown) - published.keys(), key=lambda key: _suppression_cost(key, cells))
            if is_protected(least, most, value) or not retractable:
                break
            attacker.retract(retractable[0])
            del shown[retractable[0]]


def _suppression_cost(key: Key, cells: Cells) -> tuple[int, int, Key]:
    """Rank what is missed least: a province before a part of the country before the nation, a month before a year, the smallest first."""
    level = (key.area not in PROVINCES) + (key.area == NATION) + ("-" not in key.period)
    return level, cells[key].value, key
