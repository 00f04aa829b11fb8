"""Puts the parts of proposals together, from the log, the view and the table that the gateway follows."""

from dataclasses import dataclass

from services.adapters.auth.idempotency_keys import IdempotencyKeys
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import Clock
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.compacted_topic import FollowedTopic
from services.adapters.proposals.table import ProposalTable
from services.gateway.event_log import EventLog
from services.gateway.event_validator import EventValidator
from services.gateway.proposals.carry_out import ProposalExecutor
from services.gateway.proposals.correction_rule import RecentLog
from services.gateway.proposals.decide import ProposalDecisions
from services.gateway.proposals.proposal_events import ProposalEvents
from services.gateway.proposals.proposal_log import ProposalLog
from services.gateway.proposals.propose import ProposeChanges
from services.gateway.proposals.shelter_changes import ShelterChanges
from services.gateway.shelters.shelter_states import ShelterStates


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalParts:
    """The parts of one gateway."""

    log: ProposalLog
    changes: ShelterChanges
    executor: ProposalExecutor


def compose_proposals(
    topic: FollowedTopic, events: EventLog, recent: RecentLog, pseudonyms: Pseudonyms, now: Clock, *, second_person: bool
) -> ProposalParts:
    """Return the parts that both ways in need."""
    table, ids = ProposalTable(topic), ProposalEvents(pseudonyms)
    log = ProposalLog(log=events.log, topics=events.topics, table=table, metrics=events.metrics)
    return ProposalParts(
        log=log,
        changes=ShelterChanges(table=table, ids=ids, recent=recent, pseudonyms=pseudonyms, now=now, second_person=second_person),
        executor=ProposalExecutor(log=events, proposals=log, ids=ids, now=now),
    )


def compose_decisions(parts: ProposalParts, states: ShelterStates) -> ProposalDecisions:
    """Return what takes decisions."""
    return ProposalDecisions(
        proposals=parts.log, executor=parts.executor, states=states, pseudonyms=parts.changes.pseudonyms, now=parts.changes.now
    )


def compose_changes(
    parts: ProposalParts, decisions: ProposalDecisions, validator: EventValidator, positions: SealedPositions, keys: IdempotencyKeys
) -> ProposeChanges:
    """Return what takes changes without an envelope."""
    return ProposeChanges(
        validator=validator, log=parts.executor.log, changes=parts.changes, decisions=decisions, positions=positions, keys=keys
    )
