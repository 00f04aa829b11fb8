"""The counts of the nation and its regions, and what must be said before any of them: when they were true, and how whole they are."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from services.adapters import instants
from services.adapters.view.port import Look
from services.adapters.worlds import World
from services.domain.freshness import Limits
from services.domain.result import state_document

STATES: Final = ("capacity", "occupied", "closed", "held", "paused", "unknown", "free")
"""The columns; capacity is the sum of the others (contract, R7)."""

Numbers = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What is known at `now`. `as_of` is the time by which all that was logged is counted; None where that was never known (ms)."""

    as_of: int | None
    now: int
    rebuilding: bool
    halted: Mapping[str, str]
    national: Numbers
    regions: Mapping[str, Numbers]
    shelters: int
    silent: int
    """Shelters that nobody can tell anything of: a unit of theirs is `unknown`."""
    world: World = "live"

    @property
    def age_s(self) -> float | None:
        """How old the numbers are, in seconds."""
        return None if self.as_of is None else max(0, self.now - self.as_of) / 1_000

    def only(self, region: str | None) -> "Counted":
        """Leave the other regions out."""
        return self if region is None else replace(self, regions={region: self.regions.get(region, dict.fromkeys(STATES, 0))})

    def of(self, world: World) -> "Counted":
        """Call the country what lives in it, unless it has said itself what it is."""
        return replace(self, world=world) if self.world == "live" else self

    def document(self) -> dict[str, Any]:
        """Write it as JSON."""
        times = {"as_of": _shown(self.as_of), "now": _shown(self.now), "age_seconds": self.age_s}
        return times | {name: value for name, value in asdict(self).items() if name not in times}


def of_looks(looks: Sequence[Look], wall: int, limits: Limits, world: World = "live", clock: int = 0) -> Counted:
    """Count what was read of the view: time is applied by whoever reads, at `wall` (ms), or in another world at its own `clock`."""
    known = [look.position for look in looks if look.position]
    clock = max([clock, *(position.clock for position in known)])
    now = max(wall, clock) if world == "live" else clock
    alive_at = min((position.alive_at for position in known), default=0)
    as_of = alive_at if world == "live" else clock - (wall - alive_at) if alive_at and clock else 0
    standing = {
        **({} if world == "live" else {"world": world, "clock": _shown(clock) if clock else None}),
        "as_of": _shown(as_of) if as_of else None,
        "rebuilding": len(known) < len(looks) or any(position.rebuilding for position in known),
        "halted": {str(look.partition): look.halted for look in looks if look.halted},
    }
    return of_state(state_document((look.part for look in looks), now, limits) | standing, now)


def of_state(state: Mapping[str, Any], now: int) -> Counted:
    """Read the state as the API tells it to operators; KeyError or TypeError when it is not of that form.

    A world that is not live says what its own `now` is.
    """
    return Counted(
        as_of=_read(state["as_of"]) if state["as_of"] else None,
        now=_read(state["clock"]) if state.get("clock") else now,
        world=state.get("world", "live"),
        rebuilding=state["rebuilding"],
        halted=state["halted"],
        national=state["national"],
        regions=state["regions"],
        shelters=len(state["shelters"]),
        silent=sum(1 for shelter in state["shelters"].values() if shelter["counts"]["unknown"] or shelter["overflow"]["unknown"]),
    )


def _read(text: str) -> int:
    return instants.parse(text) // instants.NS_PER_MS


def _shown(ms: int | None) -> str | None:
    return None if ms is None else instants.show(ms * instants.NS_PER_MS)
