"""`POST /v1/logout`: the caller gives the own token back, and no service takes it any more."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import Depends, FastAPI

from services.adapters.auth.revoked_tokens import digest_of
from services.adapters.durable_log import DurableLog
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.kafka.ports import LogRecord
from services.adapters.kafka.topics import Topics
from services.adapters.outbox import OutboxError
from services.adapters.problem_details import ProblemError
from services.adapters.roles import ROLES
from services.api.read_model.answer_models import AnswerModel

_LOGOUT: Final = RoutePolicy(roles=ROLES, not_audited="it takes the caller's own token back, and shows nothing", errors=("not-accepted",))


class LogoutAnswer(AnswerModel):
    """What came of it: `queued` waits on disk until Kafka answers, and the token is taken back then."""

    status: Literal["logged-out", "queued"]


@dataclass(frozen=True, slots=True)
class Logout:
    """Takes tokens back."""

    topics: Topics
    durable: DurableLog

    async def end(self, call: Call[None]) -> LogoutAnswer:
        """Take back the token of this call; ProblemError 503 where neither the log nor the disk takes it."""
        digest = digest_of(call.request.headers["authorization"])
        try:
            taken = await self.durable.append_or_queue([LogRecord(self.topics.revoked_tokens, digest.encode(), b"{}")])
        except OutboxError as full:
            raise ProblemError("not-accepted") from full
        return LogoutAnswer(status="logged-out" if taken else "queued")


def add_logout(app: FastAPI, logout: Logout) -> None:
    """Add the route."""

    @app.post(
        "/v1/logout",
        tags=["me"],
        summary="Log out everywhere",
        description="The token of this call is refused by every service from now on, for as long as it would have been valid.",
        operation_id="logOut",
    )
    async def log_out(call: Annotated[Call[None], Depends(_LOGOUT)]) -> LogoutAnswer:
        return await logout.end(call)
