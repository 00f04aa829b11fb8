"""News: one notice of what has changed, and whom it is for. It names what changed and never what is there."""

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from services.adapters.alerts.alert_record import Alert
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.proposals.table import TrackedProposal
from services.adapters.view.case_documents import CaseShown
from services.adapters.view.ports import PartitionSnapshot
from services.api.limits.models import AlarmShape
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import ShelterSnapshot


@dataclass(frozen=True, slots=True)
class Notification:
    """One notice, and whom it is for."""

    event: Literal["shelter", "hold", "case", "areas", "alarm", "proposal"]
    data: dict[str, Any]
    shelter: str | None = None
    region: str | None = None
    persons: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    """Of what is of no region in particular: the regions with the coordinators it is for."""

    def frame(self) -> bytes:
        """Write it as a server-sent event."""
        return sse_frame(self.event, self.data)


def sse_frame(event: str, data: dict[str, Any]) -> bytes:
    """Write a server-sent event."""
    return b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps(data))


def of_shelter(snapshot: PartitionSnapshot, shelter: ShelterSnapshot, now: int, positions: SealedPositions) -> Notification:
    """Return that something happened in a shelter, where a read must stand at least, and which holds wait for its answer."""
    units = shelter.units.values()
    named = {(shelter.shelter, unit.held.hold) for unit in units if unit.held}
    waiting = sorted(hold.hold for name, hold in snapshot.holds.items() if name in named and hold.live(now) and not hold.accepted)
    at_least = positions.token(snapshot.partition, snapshot.position.offset) if snapshot.position else None
    data = {"shelter": shelter.shelter, "at_least": at_least, "holds_waiting": waiting}
    return Notification("shelter", data, shelter=shelter.shelter, region=shelter.region)


def of_hold(hold: HoldFacts, now: int, *others: str) -> Notification:
    """Return what became of a hold, for the worker who asked for it and `others` who have or had it."""
    data = {"hold": hold.hold, "status": hold.status_at(now), "accepted": hold.accepted}
    return Notification("hold", data, persons=frozenset({hold.asked_by, *others}))


def of_alert(alert: Alert) -> Notification:
    """Return an alert for the coordinators of its regions; it names no person."""
    return Notification("alarm", AlarmShape.of(alert).model_dump(), regions=frozenset(alert.regions))


def of_proposal(tracked: TrackedProposal, now: int) -> Notification:
    """Return that a proposal waits or was decided, for its proposer and the coordinators of its regions."""
    proposal = tracked.proposal
    data = {"proposal": proposal.proposal, "shelter": proposal.shelter, "status": tracked.status(now)}
    return Notification("proposal", data, persons=frozenset({proposal.by}), regions=frozenset(proposal.seen_in))


def of_case(case: CaseShown) -> Notification | None:
    """Return that a fallback or an entry of a waiting list was opened or closed; None while its region is not known."""
    return None if case.region is None else Notification("case", {case.kind: case.key, "open": case.open}, region=case.region)
