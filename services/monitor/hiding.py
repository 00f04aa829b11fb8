"""Law: a release tells a number only if no hidden one can be worked out from it, from the others, or from releases that are out already.

Three steps, each of which only hides more: what may not be told by itself or was hidden before; what would give it away as the rest of
a sum; and what a linear program still finds (bounds.py). Hiding only widens what a stranger must think possible, so this ends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.monitor.bounds import Stranger, safe
from services.monitor.disclosure import Cells, rest, rounded
from services.monitor.grid import AREAS, NATION, PROVINCES, Key, groups, periods


@dataclass(frozen=True, slots=True)
class Planned:
    """What a release would be of: figures by months of one year; of which figure no value exceeds which other."""

    figures: tuple[str, ...]
    months: tuple[str, ...]
    never_more: Mapping[str, str]

    @property
    def keys(self) -> list[Key]:
        """Every cell of it."""
        return [Key(figure, area, period) for figure in self.figures for area in AREAS for period in periods(self.months)]


def told(planned: Planned, cells: Cells, earlier: Sequence[Mapping[Key, int | None]]) -> dict[Key, int | None]:
    """Tell what a release tells, every value rounded to 5, None for what it hides. `earlier` are those that are out, the oldest first."""
    sensitive = {key for key in planned.keys if not cells[key].may_be_told}
    before = {key for release in earlier for key, value in release.items() if value is None}
    hidden = sensitive | before.intersection(planned.keys)
    _hide_rests(planned, cells, hidden)
    open_ = {key: rounded(cells[key].value) for key in planned.keys if key not in hidden}
    _hide_what_is_found(planned, sensitive, cells, open_, {})
    if out := _out(earlier):
        _hide_what_is_found(planned, sensitive - out.keys(), cells, open_, out)
    return {key: open_.get(key) for key in planned.keys}


def _out(releases: Iterable[Mapping[Key, int | None]]) -> dict[Key, int]:
    """Collect every number that is out, of each cell the newest."""
    return {key: value for release in releases for key, value in release.items() if value is not None}


def _hide_rests(planned: Planned, cells: Cells, hidden: set[Key]) -> None:
    """Hide more until what is left of any told sum, less its told parts, might be told itself: insiders know a part of the rest."""
    every = [group for figure in planned.figures for group in groups(figure, planned.months)]
    changed = True
    while changed:
        changed = False
        for whole, parts in every:
            hidden_parts = [part for part in parts if part in hidden]
            if whole in hidden or not hidden_parts or rest(cells, hidden_parts).may_be_told:
                continue
            seen = [part for part in parts if part not in hidden]
            hidden.add(min(seen, key=lambda key: _loss(key, cells)) if seen else whole)
            changed = True


def _hide_what_is_found(planned: Planned, sensitive: Iterable[Key], cells: Cells, open_: dict[Key, int], out: Mapping[Key, int]) -> None:
    """Hide, for each sensitive cell, the told numbers that pin it down, the least missed first.

    `out` are numbers of earlier releases: the stranger believes that they still hold where this one says nothing else, and they can't
    be taken back. If all of it can't be true together, she knows that something changed, and has this release alone.
    """
    stranger = Stranger({**out, **open_}, planned.never_more)
    if not stranger.consistent:
        return
    for key in sorted(sensitive):
        value = cells[key].value
        while True:
            least, most, because = stranger.bounds([key])
            ours = sorted(because.intersection(open_) - out.keys(), key=lambda key: _loss(key, cells))
            if safe(least, most, value) or not ours:
                break
            stranger.forget(ours[0])
            del open_[ours[0]]


def _loss(key: Key, cells: Cells) -> tuple[int, int, Key]:
    """Rank what is missed least: a province before a part of the country before the nation, a month before a year, the smallest first."""
    level = (key.area not in PROVINCES) + (key.area == NATION) + ("-" not in key.period)
    return level, cells[key].value, key
