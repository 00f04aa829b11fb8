"""Requests and answers about notices by the browser."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from services.adapters.config.push_service import LONGEST_ENDPOINT
from services.api.read_model.answer_models import AnswerModel
from services.domain.events import value_types as v

_EXAMPLE: Final = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn"
Endpoint = Annotated[str, v.Text(f"https://[!-~]{{1,{LONGEST_ENDPOINT - 8}}}", _EXAMPLE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionForm:
    """Where a browser is notified, as its `PushSubscription` has it; its keys are not needed, for nothing is sent but the call."""

    endpoint: Endpoint


class NoticesAnswer(AnswerModel):
    """Whether browsers can be notified."""

    push_key: str | None = Field(description="The `applicationServerKey` of this installation; null where browsers are not notified")


class SubscriptionAnswer(AnswerModel):
    """What came of it: `unchanged` where it was so already."""

    status: Literal["subscribed", "ended", "unchanged"]
    subscription: str = Field(description="Its id: the SHA-256 of the endpoint, in hexadecimal digits")
