"""News: one notice of what has changed, and whom it is for. It names what changed and never what is there."""

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from services.adapters.view.cases import CaseShown
from services.adapters.view.port import Look
from services.domain.holds import Hold
from services.domain.picture import ShelterPicture


@dataclass(frozen=True, slots=True)
class News:
    """One notice, and whom it is for."""

    event: Literal["shelter", "hold", "case", "areas"]
    data: dict[str, Any]
    shelter: str | None = None
    region: str | None = None
    person: str | None = None

    def frame(self) -> bytes:
        """Write it as a server-sent event."""
        return frame(self.event, self.data)


def frame(event: str, data: dict[str, Any]) -> bytes:
    """Write a server-sent event."""
    return b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps(data))


def of_shelter(look: Look, shelter: ShelterPicture, now: int) -> News:
    """Tell that something happened in a shelter, where a read must stand at least, and who waits for its answer."""
    units = shelter.units.values()
    named = {(shelter.shelter, unit.held.hold) for unit in units if unit.held}
    waiting = sorted(hold.hold for name, hold in look.holds.items() if name in named and hold.live(now) and not hold.accepted)
    at_least = f"{look.partition}:{look.position.offset}" if look.position else None
    data = {"shelter": shelter.shelter, "at_least": at_least, "holds_waiting": waiting}
    return News("shelter", data, shelter=shelter.shelter, region=shelter.region)


def of_hold(hold: Hold, now: int) -> News:
    """Tell what became of a hold, to who asked for it."""
    return News("hold", {"hold": hold.hold, "status": hold.status_at(now), "accepted": hold.accepted}, person=hold.asked_by)


def of_case(case: CaseShown) -> News | None:
    """Tell that a fallback or an entry of a waiting list was opened or closed; nothing where nobody knows its region yet."""
    return None if case.region is None else News("case", {case.kind: case.key, "open": case.open}, region=case.region)
