"""Composes the room: what handles requests for holds, the holds of workers, and the answers of shelters."""

from dataclasses import dataclass

from services.adapters.clock import Stopwatch
from services.api.holds.abandoned_requests import AbandonedRequests
from services.api.holds.expired_holds import ExpiredHolds
from services.api.holds.hold_documents import HoldDocuments
from services.api.holds.hold_log import DECIDED_S, HoldLog
from services.api.holds.manage_holds import Holds
from services.api.holds.owner_store import HoldOwners
from services.api.holds.pending_requests import PendingHolds
from services.api.holds.request_hold import HoldRequests
from services.api.holds.shelter_response import ShelterResponses
from services.api.holds.visibility import Ownership
from services.api.searches.handlers import Searches


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldServices:
    """What the routes call, and what runs beside them."""

    requests: HoldRequests
    holds: Holds
    responses: ShelterResponses
    abandoned: AbandonedRequests
    expired: ExpiredHolds


def compose_holds(
    searches: Searches, pending: PendingHolds, owners: HoldOwners, seconds: Stopwatch, patience_s: float = DECIDED_S
) -> HoldServices:
    """Return the services of holds that are made of the offers of searches; a decision is waited for `patience_s` seconds."""
    reading, mirror = searches.reading, searches.mirror
    log = _log(searches, patience_s)
    holds = Holds(
        reading=reading,
        mirror=mirror,
        index=mirror.holds,
        log=log,
        pending=pending,
        ownership=Ownership(mirror.holds, owners, log.pseudonyms),
        documents=HoldDocuments(mirror.holds, searches.regions, reading.phones),
        alerts=searches.alerts,
    )
    return HoldServices(
        requests=_requests(searches, holds, seconds),
        holds=holds,
        responses=ShelterResponses(mirror=mirror, index=mirror.holds, log=log, pending=pending, quota=searches.quota, now=reading.now),
        abandoned=AbandonedRequests(log=log, pending=pending, metrics=searches.metrics, now=reading.now),
        expired=ExpiredHolds(mirror=mirror, pending=pending, owners=owners, alerts=holds.alerts),
    )


def _log(searches: Searches, patience_s: float) -> HoldLog:
    reading, mirror, sending = searches.reading, searches.mirror, searches.sending
    return HoldLog(
        view=reading.view,
        moves=reading.moves,
        partitions=reading.partitions,
        mirror=mirror,
        index=mirror.holds,
        sending=sending,
        pseudonyms=sending.pseudonyms,
        patience_s=patience_s,
    )


def _requests(searches: Searches, holds: Holds, seconds: Stopwatch) -> HoldRequests:
    reading, answers = searches.reading, searches.answers
    return HoldRequests(
        holds=holds,
        log=holds.log,
        pending=holds.pending,
        ownership=holds.ownership,
        documents=holds.documents,
        mirror=holds.mirror,
        index=holds.index,
        age_limits=reading.age_limits,
        sending=searches.sending,
        durable=searches.durable,
        searches=searches,
        seals=answers.seals,
        quota=searches.quota,
        alerts=holds.alerts,
        metrics=searches.metrics,
        seconds=seconds,
    )
