"""Areas (design, section 5): regions joined with neighbouring regions until each area has enough shelters of enough organisations.

Pure and deterministic: the same shelters give the same areas in every process. Areas partition the country. They are drawn anew when the
week turns, when a shelter that was silent for long is heard of again, and when a registration changes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from services.adapters.clock import Clock
from services.adapters.regions import RegionRow, kilometres, tiles
from services.api.read_model.disclosure_level import Disclosure
from services.domain.beds.shelter_snapshot import Counts, ShelterSnapshot
from services.domain.durations import DAY_MS

Value = Literal["capacity", "no-capacity", "no-capacity-has-waitlist", "unknown"]

# Of the units of an area this share may be unknown before nothing can be said of it.
_UNKNOWN_SHARE: Final = 4
# 1 January 1970 was a Thursday: three days after a Monday
_THURSDAY: Final = 3
_WEEK: Final = 7


class Minimum(NamedTuple):
    """How many shelters, and of how many organisations, an area has at least."""

    shelters: int
    organisations: int


@dataclass(frozen=True, slots=True)
class Area:
    """Regions that are shown as one."""

    regions: tuple[str, ...]

    @property
    def name(self) -> str:
        """The area by the codes of its regions."""
        return "+".join(self.regions)


Members = Mapping[str, Counter[str]]
"""By region, how many shelters each organisation has there."""


def heard_since(now: int, days: int) -> int:
    """Compute since when (ms) a shelter must have been heard of: so many days before Monday 00:00 UTC of this week.

    Counted from the Monday, so that no area changes within the week because a shelter stays silent.
    """
    today = now // DAY_MS
    return (today - (today + _THURSDAY) % _WEEK - days) * DAY_MS


def members(shelters: Iterable[ShelterSnapshot], since: int) -> dict[str, Counter[str]]:
    """Count the registered shelters heard of since an instant (ms), by region and organisation."""
    found: dict[str, Counter[str]] = {}
    for shelter in shelters:
        if shelter.registration and shelter.heard_at is not None and shelter.heard_at >= since:
            found.setdefault(shelter.registration.region, Counter())[shelter.registration.organisation] += 1
    return found


def form(rows: Iterable[RegionRow], shelters: Members, minimum: Minimum) -> list[Area]:
    """Join regions, the emptiest first, until each area meets the minimum or the whole country is one area.

    Joined are neighbours on the map of tiles: first two that are both short, then those with the nearest centres.
    """
    listed = sorted(rows, key=_code)
    groups: dict[str, _Group] = {row.code: (row.code,) for row in listed}
    near = _near(listed)
    while len(groups) > 1:
        short = {name for name, group in groups.items() if not _meets(group, shelters, minimum)}
        if not short:
            break
        here = min(short, key=lambda name: (_size(groups[name], shelters), name))
        others = [name for name in groups if name != here]
        there = min(others, key=lambda name: (near[here, name].tiles, name not in short, near[here, name].km, name))
        for other in others:
            near[here, other] = near[other, here] = near[here, other].nearest(near[there, other])
        groups[here] = tuple(sorted((*groups[here], *groups.pop(there))))
    return sorted((Area(group) for group in groups.values()), key=lambda area: area.regions)


_Group = tuple[str, ...]


class _Apart(NamedTuple):
    """How far the nearest two regions of two groups are apart; no kilometres (0) where the file has no coordinates."""

    tiles: int
    km: float

    def nearest(self, other: "_Apart") -> "_Apart":
        """Return how far a third is from both together."""
        return _Apart(min(self.tiles, other.tiles), min(self.km, other.km))


def _near(listed: list[RegionRow]) -> dict[tuple[str, str], _Apart]:
    return {(one.code, other.code): _Apart(tiles(one, other), kilometres(one, other) or 0.0) for one in listed for other in listed}


def _code(row: RegionRow) -> str:
    return row.code


def _size(group: _Group, shelters: Members) -> int:
    return sum(shelters[code].total() for code in group if code in shelters)


def _meets(group: _Group, shelters: Members, minimum: Minimum) -> bool:
    organisations = {name for code in group for name in shelters.get(code, ())}
    return len(organisations) >= minimum.organisations and _size(group, shelters) >= minimum.shelters


@dataclass(slots=True, kw_only=True)
class Areas:
    """Forms the areas of a country as it is registered and heard of now."""

    rows: Mapping[str, RegionRow]
    disclosure: Disclosure
    heard_days: int
    wall: Clock
    """The real time, for the disclosure: a simulated country has a clock of its own."""
    _formed: tuple[Members, Minimum, list[Area], dict[str, Area]] | None = None
    _by_region: tuple[tuple[int, int, Minimum], dict[str, Area]] | None = None
    """Of which version of the shelters, heard of since when, with what minimum."""

    @property
    def minimum(self) -> Minimum:
        """What an area must meet now."""
        level = self.disclosure.at(self.wall())
        return Minimum(level.area_shelters, level.area_organisations)

    def listed(self, shelters: Iterable[ShelterSnapshot], now: int) -> list[Area]:
        """List the areas at an instant (ms) of the country's clock; worked out only when something they depend on has changed."""
        return self._form(shelters, now)[2]

    def by_region(self, shelters: Iterable[ShelterSnapshot], now: int, version: int | None = None) -> dict[str, Area]:
        """Map each region to its area, the same way; shelters of a version that was seen are not looked at again."""
        if version is None:
            return self._form(shelters, now)[3]
        of = (version, heard_since(now, self.heard_days), self.minimum)
        if self._by_region is None or of != self._by_region[0]:
            self._by_region = (of, self._form(shelters, now)[3])
        return self._by_region[1]

    def _form(self, shelters: Iterable[ShelterSnapshot], now: int) -> tuple[Members, Minimum, list[Area], dict[str, Area]]:
        counted, minimum = members(shelters, heard_since(now, self.heard_days)), self.minimum
        if self._formed is None or self._formed[:2] != (counted, minimum):
            formed = form(self.rows.values(), counted, minimum)
            self._formed = (counted, minimum, formed, {region: area for area in formed for region in area.regions})
        return self._formed


def kinds_shown(shelters: Iterable[tuple[ShelterSnapshot, frozenset[str]]], minimum: Minimum) -> list[tuple[str, ...]]:
    """Divide the kinds of units in an area so that each part has shelters and organisations enough; none where all together have not.

    A kind that has not is joined with the others that have not, and if those are still too few with the next smallest: a part that were
    left out could be had by subtraction.
    """
    having: dict[str, dict[str, str]] = {}
    for shelter, kinds in shelters:
        if shelter.registration:
            for kind in kinds:
                having.setdefault(kind, {})[shelter.shelter] = shelter.registration.organisation
    by_size = sorted(having, key=lambda kind: (len(having[kind]), kind))
    joined = [kind for kind in by_size if not _enough(having[kind], minimum)]
    alone = [kind for kind in by_size if kind not in joined]
    while joined and alone and not _enough(_together(having, joined), minimum):
        joined.append(alone.pop(0))
    if joined and not _enough(_together(having, joined), minimum):
        return []
    return sorted([(kind,) for kind in alone] + ([tuple(sorted(joined))] if joined else []))


def _enough(shelters: Mapping[str, str], minimum: Minimum) -> bool:
    return len(shelters) >= minimum.shelters and len(set(shelters.values())) >= minimum.organisations


def _together(having: Mapping[str, Mapping[str, str]], kinds: Iterable[str]) -> dict[str, str]:
    return {shelter: organisation for kind in kinds for shelter, organisation in having[kind].items()}


def value(total: Counts, *, waiting: bool, rebuilding: bool) -> Value:
    """Return what is disclosed of some units, the first that holds; `waiting` where a waiting list for them is open."""
    if rebuilding:
        return "unknown"
    if total.free:
        return "capacity"
    if total.unknown * _UNKNOWN_SHARE >= total.capacity:  # also where there is no unit at all: unknown is never zero
        return "unknown"
    return "no-capacity-has-waitlist" if waiting else "no-capacity"
