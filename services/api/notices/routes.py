"""`/v1/notices`: a shelter has a browser notified outside the page, and ends it. A subscription names no person."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.audit.records import shelters
from services.adapters.config.push_service import is_push_service
from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody, wrong
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.outbox import OutboxError
from services.adapters.problem_details import ProblemError
from services.api.notices.models import NoticesAnswer, SubscriptionAnswer, SubscriptionForm
from services.api.notices.subscriptions import Subscriptions

_READ: Final = RoutePolicy(roles=("shelter",), not_audited="it is the same for every caller")
_SUBSCRIBE: Final = RoutePolicy(
    roles=("shelter",), audit="notices-changed", body=JsonBody(SubscriptionForm), errors=("not-found", "not-accepted", "data-unavailable")
)
_END: Final = RoutePolicy(roles=("shelter",), audit="notices-changed", errors=("not-accepted", "data-unavailable"))


@dataclass(frozen=True, slots=True)
class BrowserNotices:
    """Subscribes browsers of shelters; without a public key there are none."""

    public_key: str | None
    subscriptions: Subscriptions
    hosts: Collection[str]

    async def subscribe(self, call: Call[SubscriptionForm]) -> SubscriptionAnswer:
        """Have a browser notified for the caller's shelters; ProblemError 400 for an address of no push service, 404 without a key."""
        if self.public_key is None:
            raise ProblemError("not-found")
        if not is_push_service(call.body.endpoint, self.hosts):
            raise ProblemError("invalid", errors=[wrong("/endpoint", "not_in_list")])
        await call.record(*shelters(sorted(call.caller.shelters)), what=("begun",))
        try:
            name, changed = await self.subscriptions.subscribe(call.body.endpoint, call.caller.shelters)
        except OutboxError as full:
            raise ProblemError("not-accepted") from full
        return SubscriptionAnswer(status="subscribed" if changed else "unchanged", subscription=name)

    async def end(self, call: Call[None], name: str) -> SubscriptionAnswer:
        """End a subscription for one of the caller's shelters; that of another is answered as one that does not exist."""
        await call.record(*shelters(sorted(call.caller.shelters)), what=("ended",))
        try:
            ended = await self.subscriptions.end(name, call.caller.shelters)
        except OutboxError as full:
            raise ProblemError("not-accepted") from full
        return SubscriptionAnswer(status="ended" if ended else "unchanged", subscription=name)


def add_notices(app: FastAPI, notices: BrowserNotices) -> None:
    """Add the routes."""

    @app.get("/v1/notices", tags=["notices"], summary="Whether browsers can be notified outside the page, and with which key")
    async def read_notices(_: Annotated[Call[None], Depends(_READ)]) -> NoticesAnswer:
        return NoticesAnswer(push_key=notices.public_key)

    @app.post(
        "/v1/notices/subscriptions",
        tags=["notices"],
        summary="Have a browser notified when a hold waits for one of the caller's shelters, or one is silent",
        description="A notice has no content: the browser shows that one has to look at the page. Send the same again once a day or so:"
        " 30 days after the last time it ends.",
    )
    async def subscribe_browser(call: Annotated[Call[SubscriptionForm], Depends(_SUBSCRIBE)]) -> SubscriptionAnswer:
        return await notices.subscribe(call)

    @app.delete("/v1/notices/subscriptions/{subscription}", tags=["notices"], summary="Notify a browser no longer")
    async def unsubscribe_browser(call: Annotated[Call[None], Depends(_END)], subscription: str) -> SubscriptionAnswer:
        return await notices.end(call, subscription)
