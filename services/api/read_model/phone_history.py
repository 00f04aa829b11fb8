"""The intake phone that a shelter had before, for 72 hours after it was changed (security, F2): a worker who doubts can call the old one.

From the confirmed proposals that this process follows; where none are known nothing is added.
"""

from collections.abc import Callable
from dataclasses import dataclass

from services.adapters.clock import Clock, now_ms
from services.adapters.proposals.table import PhoneChange
from services.adapters.rfc3339 import show_ms
from services.domain.events.catalog import ShelterRegistered

PhoneLookup = Callable[[str, int], PhoneChange | None]
"""Returns the change of a shelter's phone that is shown at an instant (ms)."""


def _unknown(_shelter: str, _now: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class PhoneHistory:
    """Says of a registration which phone stood in it before. Proposals are dated by the clock of this machine, also in another data set."""

    lookup: PhoneLookup = _unknown
    wall: Clock = now_ms

    def change(self, registration: ShelterRegistered | None) -> PhoneChange | None:
        """Return the phone before, and when it was changed; None where it is the same as now, or was not changed lately."""
        change = self.lookup(registration.shelter, self.wall()) if registration else None
        return change if change and registration and change.before != registration.intake_phone else None

    def members(self, registration: ShelterRegistered | None) -> dict[str, str]:
        """Return the members of an answer that shows the phone of a registration; none where nothing was changed lately."""
        change = self.change(registration)
        return {"phone_before": change.before, "phone_changed_at": show_ms(change.changed_at)} if change else {}
