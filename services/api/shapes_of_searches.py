"""The shapes of what is answered about searches and holds, for OpenAPI alone. Times are RFC 3339 in UTC."""

from typing import Literal

from pydantic import Field

from services.api.shapes import Aged, Shape
from services.domain.holds import Refusal, Status
from services.domain.search import Condition

Coarse = Literal["none", "1-2", "3+"]
More = Literal["none", "1-2", "3+", "unknown"]


class Offered(Shape):
    """A place that fits, in an area of at least ten shelters."""

    offer: str = Field(description="Yours alone, for ten minutes: hold it, or ask again")
    area: str
    provinces: list[str]
    kind: str | None = Field(description="Null where so few are of this kind that it would name one")
    fit: Literal["exact", "close", "roomy"] | None = Field(description="Null for the same reason")
    freshness: Literal["fresh", "ageing"]
    age_hours: int = Field(description="How long ago the shelter was heard of at least, in steps of eight hours")


class Missed(Shape):
    """A place that nearly fits: the one condition that fails. `two_units`: two of one shelter would do together; call first."""

    condition: Condition
    area: str
    provinces: list[str]
    kind: str | None


class Call(Shape):
    """A shelter to be called: nobody has heard of it for a day, it is one of few, or (no offer then) two of its units would do together."""

    offer: str | None = Field(description="To be held when the shelter says yes")
    region: str
    intake_phone: str
    kind: str
    age_hours: int | None


class CallFirst(Shape):
    """How many shelters are to be called: might have room and have not been heard of, or are too few to be told of. `listed` on asking."""

    shelters: Coarse
    listed: list[Call] | None = None


class FreshOffers(Aged):
    """Offers, and how many more units fit nationally; where there are none, what nearly fits."""

    search: str = Field(description="Yours alone, for a day: to go on with, or to end")
    narrow: bool = Field(description="So few shelters could ever take her in that an answer would name them: call, full or not")
    offers: list[Offered]
    offers_until: str
    more: More
    misses: list[Missed]


class SearchAnswer(FreshOffers):
    """What there is for a household."""

    call_first: CallFirst


class EndAnswer(Shape):
    """How the search ended. `unchanged`: it had ended before, as is told here (D3)."""

    status: Literal["logged", "unchanged"]
    outcome: str


class HoldAnswer(Shape):
    """A hold of hers. Region, phone and kind are told while it is live."""

    hold: str
    status: Literal["pending"] | Status
    reason: Refusal | None = None
    declined_because: str | None = None
    region: str | None = None
    intake_phone: str | None = None
    kind: str | None = None
    requested_at: str | None = None
    until: str | None = None
    accepted: bool = False
    extended: bool = False


class HoldsAnswer(Aged):
    """Her holds: those that are live, and those that ended within a day."""

    holds: list[HoldAnswer]


class Closable(Shape):
    """The unit that was found unfit: it can be closed, so that it is not offered again."""

    unit: str
    reasons: list[str]


class AnswerAnswer(Shape):
    """A hold as its shelter sees it, after it has answered."""

    hold: str
    shelter: str
    status: Literal["pending"] | Status
    unit: str | None = None
    desk: str | None = None
    adults: int | None = None
    children: int | None = None
    until: str | None = None
    accepted: bool = False
    close_unit: Closable | None = Field(default=None, description="Only with `unit_unfit`: send `close_unit` with the decline to close it")
