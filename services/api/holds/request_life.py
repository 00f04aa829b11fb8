"""The life of a request for a hold: from when it is made until its caller has the decision, or is elsewhere by then.

Everything that decides on it is in this file, and it is pure: `pending_requests.py` stores it, `request_hold.py`, `manage_holds.py` and
`abandoned_requests.py` drive it. What the log decides of the hold itself is another life (`services/domain/beds/holds.py`).

    new ── request ──▶ pending ─┬─ read ─────▶ pending     not decided yet: it waits a minute longer
                                ├─ confirm ──▶ settled     its caller is answered with the decision
                                ├─ refuse ───▶ settled     one too many: the log never has it
                                └─ (58 s) ───▶ closing ─ (2 s) ─▶ due ─ abandon ─▶ abandoned ─ (a day) ─▶ outdated ─ forget ─▶ settled

Sent again, a request that the log has not decided is pending again, whatever its state is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from services.domain.durations import DAY_MS, MINUTE_MS

State = Literal["new", "pending", "closing", "due", "abandoned", "outdated", "settled"]
Step = Literal["request", "read", "confirm", "refuse", "abandon", "forget"]

# A worker who has not read the decision by then is on the phone with another shelter.
WAITS_MS: Final = MINUTE_MS
# Clocks of two machines differ by a little: so close to its end a request is neither promised nor given up.
NEAR_MS: Final = 2_000
# As long as what became of a hold is shown: the next morning it can still be read.
SHOWN_MS: Final = DAY_MS

LIFE: Final[Mapping[State, Mapping[Step, State]]] = {
    "new": {"request": "pending", "confirm": "settled", "refuse": "settled"},
    "pending": {"request": "pending", "read": "pending", "confirm": "settled", "refuse": "settled"},
    "closing": {"request": "pending", "refuse": "settled"},
    "due": {"request": "pending", "refuse": "settled", "abandon": "abandoned"},
    "abandoned": {"request": "pending", "refuse": "settled"},
    "outdated": {"request": "pending", "refuse": "settled", "forget": "settled"},
    "settled": {"request": "pending", "confirm": "settled", "refuse": "settled"},
}
"""From each state, the steps that can be taken and where they lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingHold:
    """A hold that was requested: of which shelter, by whom (a pseudonym), and until when it waits to be asked after (ms)."""

    hold: str
    shelter: str
    asked_by: str
    due: int
    given_up: bool = False
    """It was released because it was not asked after; `due` is until when that is remembered."""
    paid: bool = True
    """It was charged: the same request again is not."""
    waits: bool = True
    """Its caller has not had the decision."""

    def state(self, now: int) -> State:
        """Return its state at `now` (ms)."""
        if not self.waits:
            return "settled"
        if self.given_up:
            return "abandoned" if now < self.due else "outdated"
        if self.due <= now:
            return "due"
        return "pending" if self.due >= now + NEAR_MS else "closing"

    def can(self, step: Step, now: int) -> bool:
        """Return whether a step can be taken at `now` (ms)."""
        return step in LIFE[self.state(now)]

    def after(self, step: Step, now: int) -> "PendingHold":
        """Return the request after a step at `now` (ms); KeyError where that can't be taken."""
        match LIFE[self.state(now)][step]:
            case "pending":
                return replace(self, due=now + WAITS_MS, given_up=False, waits=True)
            case "abandoned":
                return replace(self, due=now + SHOWN_MS, given_up=True)
            case _:
                return replace(self, waits=False)


def requested(hold: str, shelter: str, asked_by: str, now: int) -> PendingHold:
    """Return a request that is made at `now` (ms)."""
    return PendingHold(hold=hold, shelter=shelter, asked_by=asked_by, due=now + WAITS_MS)


def is_charged(request: PendingHold | None) -> bool:
    """Return whether the same request was charged and is not charged again: one that was given up is."""
    return request is not None and request.paid and not request.given_up
