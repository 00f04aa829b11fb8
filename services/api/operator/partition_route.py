"""`GET /v1/operator/partitions`: how far the view of each partition is behind its log, and what the last `plek verify` found.

It answers also while Kafka is away, without the ends of the log then, and also when the view is old or half.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Protocol

from fastapi import Depends, FastAPI
from pydantic import Field

from services.adapters import rfc3339
from services.adapters.clock import Clock
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.kafka.log_reader import Ends
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ProblemError
from services.adapters.view.last_checks import LastChecks, ViewCheck
from services.adapters.view.ports import FollowableView, PartitionCheck, Position, ViewUnavailableError
from services.api.read_model.answer_models import AnswerModel

_PARTITIONS: Final = RoutePolicy(
    roles=("operator",), not_audited="it has positions and times, and nothing of a shelter", errors=("data-unavailable",)
)

Sort = Literal["beds", "demand"]


class PartitionShown(AnswerModel):
    """A partition of a topic: where its view and its log end."""

    topic: Sort
    partition: int
    position: int | None = Field(description="Offset of the last record that the view has; null where nothing was ever folded")
    end: int | None = Field(description="Offset that the next record of the log will get; null while Kafka is away")
    behind: int | None = Field(description="How many records of the log the view does not have; null while Kafka is away")
    as_of: str | None = Field(description="When the view was last known to be at the end of the log; null: never")
    age_seconds: int | None = Field(description="How long ago that was")
    rebuilding: bool
    halted: str | None = Field(description="Why it stands still; null while it runs")
    compared_at: str | None = Field(description="When its processor last compared what is shown with its fold; null: not yet")
    compared_with_log_at: str | None = Field(description="When it last compared all of it with the log; null: not yet")
    differences: int | None = Field(description="What was found then that is not as the log gives it; null: not yet compared")


class LastVerify(AnswerModel):
    """What the last `plek verify` found."""

    at: str
    partitions: int = Field(description="How many partitions were compared")
    all: bool = Field(description="Whether these were all")
    records: int = Field(description="How many records were folded anew for it")
    differences: int = Field(description="0: every byte of the view was as the log gives it")


class PartitionsAnswer(AnswerModel):
    """Every partition of beds and of demand."""

    partitions: list[PartitionShown]
    last_verify: LastVerify | None = Field(description="Null where it was never run since Redis was last emptied")


class PartitionLog(Protocol):
    """A truth topic, open for one read."""

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Read where these partitions begin and end now; LogUnavailableError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitions:
    """Reads the views and where their logs end; `open` connects to a truth topic for one read, `now` is the wall clock."""

    views: Mapping[Sort, FollowableView]
    open: Callable[[Sort], AbstractAsyncContextManager[PartitionLog]]
    partitions: int
    checks: LastChecks
    now: Clock

    async def read(self) -> PartitionsAnswer:
        """Return every partition, beds first; ProblemError 503 without the views."""
        try:
            checks, shown = await asyncio.gather(self.checks.read(), asyncio.gather(*map(self._of, self.views)))
        except ViewUnavailableError as away:
            raise ProblemError("data-unavailable") from away
        return PartitionsAnswer(partitions=[each for topic in shown for each in topic], last_verify=_verify(checks.view))

    async def _of(self, sort: Sort) -> list[PartitionShown]:
        view = self.views[sort]
        # The ends after the positions: a view is never ahead of its log
        positions, halted, checks = await asyncio.gather(view.positions(), view.halted(), view.checks())
        ends = await self._ends(sort)
        return [
            self._shown(sort, number, positions.get(number), ends.get(number), halted.get(number), checks.get(number))
            for number in range(self.partitions)
        ]

    async def _ends(self, sort: Sort) -> dict[int, Ends]:
        try:
            async with self.open(sort) as log:
                return await log.ends(range(self.partitions))
        except LogUnavailableError:
            return {}

    def _shown(
        self, sort: Sort, number: int, position: Position | None, ends: Ends | None, halted: str | None, check: PartitionCheck | None
    ) -> PartitionShown:
        following, alive_at = position.offset + 1 if position else 0, position.alive_at if position else 0
        return PartitionShown(
            topic=sort,
            partition=number,
            # Begun before any record was folded is at -1
            position=position.offset if position and following else None,
            end=ends.end if ends else None,
            behind=max(0, ends.end - max(following, ends.start)) if ends else None,
            as_of=rfc3339.show_ms(alive_at) if alive_at else None,
            age_seconds=max(0, self.now() - alive_at) // 1_000 if alive_at else None,
            rebuilding=bool(position and position.rebuilding),
            halted=halted,
            compared_at=rfc3339.show_ms(check.at) if check else None,
            compared_with_log_at=rfc3339.show_ms(check.log_at) if check and check.log_at else None,
            differences=check.differences if check else None,
        )


def _verify(check: ViewCheck | None) -> LastVerify | None:
    if check is None:
        return None
    return LastVerify(
        at=rfc3339.show_ms(check.at), partitions=check.partitions, all=check.all, records=check.records, differences=check.differences
    )


def add_partitions(app: FastAPI, partitions: Partitions) -> None:
    """Add the route."""

    @app.get("/v1/operator/partitions", tags=["operator"], summary="How far the view is behind the log, and the last `plek verify`")
    async def list_partitions(_: Annotated[Call[None], Depends(_PARTITIONS)]) -> PartitionsAnswer:
        return await partitions.read()
