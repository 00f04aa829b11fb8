"""Reads the view for a request: once it is known who asks, at least as far as she has written, and never a number without its age."""

import asyncio
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from services.adapters.access import let_in
from services.adapters.audit.gate import Audit
from services.adapters.clock import Clock
from services.adapters.identity import Caller, Identity, Role
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.problems import ErrorItem, ProblemError
from services.adapters.rates import Asked
from services.adapters.topics import partition_of
from services.adapters.view.port import DemandLook, Look, ReadableView, ViewUnavailableError
from services.adapters.worlds import World
from services.api.standing import Patience, Standing, dated, shown, standing
from services.domain.freshness import Limits

# As long as a person does not notice (design, section 4).
_WAIT_S: Final = 0.25
_AT_LEAST: Final = re.compile("([0-9]{1,4}):([0-9]{1,16})", re.ASCII)
AT_LEAST: Final[dict[str, Any]] = {
    "name": "at_least",
    "in": "query",
    "required": False,
    "description": "`<partition>:<offset>` of an event, once or more: wait shortly until the answer shows it, and say whether it does",
    "schema": {"type": "array", "items": {"type": "string", "pattern": "^[0-9]{1,4}:[0-9]{1,16}$"}},
}


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of the view, how true it is, and the time it is told at (ms)."""

    looks: list[Look]
    standing: Standing
    now: int
    at_least: bool | None
    """Whether it shows what the caller wanted to see at least; None when she did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that reading takes."""

    identity: Identity
    audit: Audit
    view: ReadableView
    moves: Moves
    partitions: int
    limits: Limits
    patience: Patience
    now: Clock
    metrics: Metrics
    wall: Clock | None = None
    """What tells how old something is, where `now` is the clock of another country than the real one."""
    world: World = "live"

    async def caller(self, request: Request, *roles: Role, asked: Asked | None = "call") -> Caller:
        """Tell who asks; ProblemError 403 when it is none of these roles, 429 when she asks too often: with None that is not looked at."""
        caller = await let_in(request, self.identity, asked)
        if caller.role not in roles:
            await self.audit.refused(request, caller)
            raise ProblemError("not-yours")
        return caller

    def partition(self, shelter: str) -> int:
        """Tell the partition of a shelter."""
        return partition_of(shelter.encode(), self.partitions)

    async def read(self, request: Request, partitions: Iterable[int] | None = None) -> Read:
        """Read some partitions, or all, at least as far as the request wants; ProblemError 503 when the view can't be reached."""
        wanted = at_least(request.query_params.getlist("at_least"), self.partitions)
        await self.moves.reached(wanted, _WAIT_S)
        looks = await self.looks(range(self.partitions) if partitions is None else sorted(set(partitions)))
        now = self.now()
        found = self.standing(looks, now)
        return Read(looks, found, now, self._shows(looks, wanted) if wanted else None)

    def standing(self, looks: Sequence[Look | DemandLook], now: int) -> Standing:
        """Tell how true partitions are that were read just now."""
        return standing(looks, now, self.wall() if self.wall else now)

    def dated(self, alive_at: int, now: int) -> int:
        """Tell by the clock of the country when something was last known to be at the end of the log."""
        return dated(alive_at, now, self.wall() if self.wall else now)

    async def moment(self) -> int:
        """Tell the time of the country; another one than the real one has that of its last event (ViewUnavailableError)."""
        if self.world != "live":
            await self.view.positions()
        return self.now()

    def named(self, now: int) -> dict[str, str | None]:
        """Say first, of every answer about a country that is not the real one, what it is and what its clock says."""
        return {} if self.world == "live" else {"world": self.world, "clock": shown(now) if now else None}

    async def looks(self, partitions: Collection[int]) -> list[Look]:
        """Read partitions, each at one instant."""
        try:
            return list(await asyncio.gather(*(self.view.look(partition) for partition in partitions)))
        except ViewUnavailableError as away:
            raise ProblemError("phone") from away

    def _shows(self, looks: list[Look], wanted: Mapping[int, int]) -> bool:
        read = {look.partition: look.position.offset for look in looks if look.position}
        return all(read.get(partition, -1) >= offset or self.moves.shows(partition, offset) for partition, offset in wanted.items())


def at_least(stated: Iterable[str], partitions: int) -> dict[int, int]:
    """Read what a caller wants to see at least, partition to offset; ProblemError 400 when it is not of its form."""
    wanted: dict[int, int] = {}
    for text in stated:
        found = _AT_LEAST.fullmatch(text)
        if found is None or int(found[1]) >= partitions:
            raise ProblemError("invalid", errors=[ErrorItem(None, "at_least", "bad_format", "`<partition>:<offset>` of an event")])
        wanted[int(found[1])] = max(int(found[2]), wanted.get(int(found[1]), 0))
    return wanted
