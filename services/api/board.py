"""`GET /v1/areas`: the country by area, worked out once every quarter of an hour (a setting). In between it does not move, whoever asks.

A count that moves when it happens tells who moved where. Only a picture that was not whole is worked out again within its quarter.
How old all of it is does move: a picture outlives a processor that stands still, and must say so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from services.adapters.access import BEARER
from services.adapters.audit.gate import unnoted
from services.adapters.problems import ProblemError, documented
from services.adapters.regions import RegionRow
from services.adapters.view.port import Look, ViewUnavailableError
from services.adapters.web import answer
from services.api import areas
from services.api.reading import Reading
from services.api.shapes import AreasAnswer
from services.api.standing import Standing, seen_at, shown
from services.domain.freshness import Limits
from services.domain.picture import NOTHING, Counts, count

# At the turn of a quarter the one before still answers until the new one is worked out.
_TURN_MS: Final = 10_000
_TICK_S: Final = 1.0

Waiting = Callable[[], Awaitable[Collection[str]]]
"""Tells the regions in which somebody waits for a place, as far as is known; ViewUnavailableError."""


@dataclass(frozen=True, slots=True)
class _Picture:
    grid: int
    as_of: int
    whole: bool
    areas: list[dict[str, Any]]


@dataclass(slots=True, kw_only=True)
class Board:
    """What hangs out for workers to see."""

    reading: Reading
    regions: dict[str, RegionRow]
    least_shelters: int
    quarter_ms: int
    waiting: Waiting
    _picture: _Picture | None = field(default=None)
    _alive_at: int = 0

    async def keep(self) -> None:
        """Work a picture out at each quarter, until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(_TICK_S)

    async def refresh(self) -> None:
        """Work this quarter's picture out, unless there is a whole one, and see how old the view is; the view may be away."""
        await self._look_at_age()
        grid = self.reading.now() // self.quarter_ms * self.quarter_ms
        if self._picture and self._picture.whole and self._picture.grid == grid:
            return
        try:
            looks = await self.reading.looks(range(self.reading.partitions))
            self._picture = self._drawn(grid, looks, await self.waiting())
        except (ProblemError, ViewUnavailableError):  # away, or too old to tell: whoever asks is told to phone
            return

    async def _look_at_age(self) -> None:
        with suppress(ViewUnavailableError):  # what was seen last grows old by itself
            positions = await self.reading.view.positions()
            self._alive_at = min((position.alive_at for position in positions.values()), default=0)
        if self._alive_at:  # also where nobody asks, or Redis is away: who is on duty is woken by it
            now = self.reading.now()
            self.reading.metrics.set("plek_view_age_seconds", (now - self.reading.dated(self._alive_at, now)) / 1_000)

    def _drawn(self, grid: int, looks: list[Look], waiting: Collection[str]) -> _Picture:
        now = self.reading.now()
        found = self.reading.standing(looks, now)
        if not found.rebuilding:
            found.insist(now, self.reading.patience)
        counts, shelters = _by_region(looks, now, self.reading.limits)
        told = [
            {
                "area": area.name,
                "provinces": area.provinces,
                "regions": area.regions,
                "value": areas.value(area, counts, waiting, rebuilding=found.rebuilding),
            }
            for area in areas.form(self.regions.values(), shelters, self.least_shelters)
        ]
        return _Picture(grid, found.as_of, not found.rebuilding, told)

    @property
    def grid(self) -> int | None:
        """The quarter of the picture that hangs out now; None while there is none."""
        return self._picture.grid if self._picture else None

    def told(self) -> dict[str, Any]:
        """Tell the picture of this quarter; ProblemError 503 when there is none."""
        now, picture = self.reading.now(), self._picture
        if picture is None or now - picture.grid > self.quarter_ms + _TURN_MS:
            raise ProblemError("phone")
        alive = Standing(self.reading.dated(self._alive_at, now), not picture.whole)
        if picture.whole:
            alive.insist(now, self.reading.patience)
        return {
            **self.reading.named(now),
            "as_of": shown(picture.as_of) if picture.as_of else None,
            "degraded": not picture.whole or alive.degraded(now, self.reading.patience),
            "grid": shown(picture.grid),
            "age_seconds": (now - min(picture.grid, picture.as_of or picture.grid)) // 1_000,
            "areas": picture.areas,
        }


def _by_region(looks: list[Look], now: int, limits: Limits) -> tuple[dict[str, Counts], dict[str, int]]:
    counts: dict[str, Counts] = {}
    shelters: dict[str, int] = {}
    for look, shelter in ((each, shelter) for each in looks for shelter in each.shelters.values()):
        if shelter.region is not None:
            counts[shelter.region] = counts.get(shelter.region, NOTHING).plus(count(shelter, seen_at(look, now), limits)[0])
            shelters[shelter.region] = shelters.get(shelter.region, 0) + 1
    return counts, shelters


def add_areas(app: FastAPI, board: Board) -> None:
    """Add the route."""

    @app.get(
        "/v1/areas",
        tags=["areas"],
        summary="Where in the country there is a place, by area",
        response_model=None,
        responses={200: {"model": AreasAnswer}, **documented("unauthenticated", "not-yours", "issuer-away", "phone")},
        openapi_extra={**BEARER, **unnoted("it shows no shelter")},
    )
    async def get_areas(request: Request) -> Response:
        await board.reading.caller(request, "worker", "coordinator", "operator")
        return answer(board.told())
