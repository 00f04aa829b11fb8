"""The counts of the nation and its regions, with what must be shown before them: their age, and whether they are complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from services.adapters import rfc3339
from services.adapters.datasets import World
from services.adapters.view.ports import PartitionSnapshot
from services.domain.beds.staleness import StalenessLimits
from services.domain.beds.state_document import state_document
from services.domain.durations import NS_PER_MS

STATES: Final = ("capacity", "occupied", "closed", "held", "paused", "unknown", "free")
"""The columns; capacity is the sum of the others (contract, R7)."""

Numbers = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsModel:
    """Counts as they are at `now` (ms). `as_of` (ms) is the time up to which the log is counted; None where that was never known."""

    as_of: int | None
    now: int
    rebuilding: bool
    halted: Mapping[str, str]
    national: Numbers
    regions: Mapping[str, Numbers]
    shelters: int
    silent: int
    """The number of shelters with a unit that is `unknown`."""
    world: World = "live"

    @property
    def age_s(self) -> float | None:
        """The age of the numbers in seconds."""
        return None if self.as_of is None else max(0, self.now - self.as_of) / 1_000

    def only_region(self, region: str | None) -> CountsModel:
        """Return the counts without the other regions; all of them for None."""
        return self if region is None else replace(self, regions={region: self.regions.get(region, dict.fromkeys(STATES, 0))})

    def labelled(self, world: World) -> CountsModel:
        """Return the counts as those of this kind of data set, unless they are already known to be of another than the real one."""
        return replace(self, world=world) if self.world == "live" else self

    def document(self) -> dict[str, Any]:
        """Return the counts as JSON."""
        times = {"as_of": _format(self.as_of), "now": _format(self.now), "age_seconds": self.age_s}
        return times | {name: value for name, value in asdict(self).items() if name not in times}


def counts_of_view(
    snapshots: Sequence[PartitionSnapshot], wall: int, limits: StalenessLimits, world: World = "live", clock: int = 0
) -> CountsModel:
    """Return the counts of snapshots of all partitions, taken at `wall` (ms); of another data set at its own `clock` (ms)."""
    positions = [snapshot.position for snapshot in snapshots if snapshot.position]
    clock = max([clock, *(position.clock for position in positions)])
    now = max(wall, clock) if world == "live" else clock
    alive_at = min((position.alive_at for position in positions), default=0)
    as_of = alive_at if world == "live" else clock - (wall - alive_at) if alive_at and clock else 0
    age = {
        **({} if world == "live" else {"world": world, "clock": _format(clock) if clock else None}),
        "as_of": _format(as_of) if as_of else None,
        "rebuilding": len(positions) < len(snapshots) or any(position.rebuilding for position in positions),
        "halted": {str(snapshot.partition): snapshot.halted for snapshot in snapshots if snapshot.halted},
    }
    return counts_of_state(state_document((snapshot.part for snapshot in snapshots), now, limits) | age, now)


def counts_of_state(state: Mapping[str, Any], now: int) -> CountsModel:
    """Return the counts of the state that the API gives to operators; a data set that is not the real one has its own `now`.

    Raises KeyError or TypeError when the state has another form.
    """
    return CountsModel(
        as_of=_parse(state["as_of"]) if state["as_of"] else None,
        now=_parse(state["clock"]) if state.get("clock") else now,
        world=state.get("world", "live"),
        rebuilding=state["rebuilding"],
        halted=state["halted"],
        national=state["national"],
        regions=state["regions"],
        shelters=len(state["shelters"]),
        silent=sum(1 for shelter in state["shelters"].values() if shelter["counts"]["unknown"] or shelter["overflow"]["unknown"]),
    )


def _parse(text: str) -> int:
    return rfc3339.parse(text) // NS_PER_MS


def _format(ms: int | None) -> str | None:
    return None if ms is None else rfc3339.show_ms(ms)
