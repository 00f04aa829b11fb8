"""Composes the gateway. Nothing connects before it is started, and nothing it needs has to be there then."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.adapters.alerts.alert_sender import QUEUE, AlertSender
from services.adapters.audit.disk_buffer import AuditQueue
from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.audit.recorder import Audit
from services.adapters.audit.writer import AuditWriter
from services.adapters.auth.authentication import Authentication
from services.adapters.auth.idempotency_keys import RedisIdempotencyKeys
from services.adapters.auth.jwks_client import IssuerKeys, fetching
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.auth.rate_limits import MemoryRates, limits_of
from services.adapters.auth.redis_rate_limits import RedisRates
from services.adapters.auth.revoked_tokens import KEPT_MS
from services.adapters.clock import now_ms, seconds
from services.adapters.codec.event_codec import EventCodec, Topic
from services.adapters.config.settings import Settings
from services.adapters.durable_log import DurableLog
from services.adapters.http.app_factory import add_probes, new_app, running
from services.adapters.http.call import RequestGuard
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.compacted_topic import CompactedTopic
from services.adapters.kafka.dead_letters import LARGEST_BYTES
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topic_config_check import TopicConfigCheck
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.outbox import Outbox
from services.adapters.regions import read_regions
from services.adapters.view.partition_cache import PartitionCache
from services.adapters.view.position_tracker import PositionTracker
from services.adapters.view.redis_reader import RedisDemandReader, RedisReader
from services.gateway.event_log import EventLog
from services.gateway.event_validator import EventValidator
from services.gateway.event_volume import EventVolume
from services.gateway.facts.record_fact import FactCalls
from services.gateway.facts.routes import add_facts
from services.gateway.kafka_intake import IntakeReader, KafkaIntake
from services.gateway.proposals.proposal_parts import ProposalParts, compose_changes, compose_decisions, compose_proposals
from services.gateway.proposals.routes import add_proposals
from services.gateway.publish_events import PublishEvents
from services.gateway.refusals.refusal_log import KafkaRefusalLog
from services.gateway.refusals.refusal_reader import RefusalReader
from services.gateway.refusals.routes import add_refusals
from services.gateway.routes import add_events
from services.gateway.sent_events.recent_events import RecentEvents
from services.gateway.sent_events.routes import add_sent_events
from services.gateway.sent_events.undo_event import UndoCalls
from services.gateway.shelters.event_handles import EventHandles
from services.gateway.shelters.shelter_states import ShelterStates

_log = logging.getLogger(__name__)

_DESCRIPTION = "Events of shelters and desks go in here, and are acknowledged when they can't be lost any more."


def create_app(settings: Settings) -> FastAPI:
    """Put the gateway together from its settings."""
    metrics, topics, pseudonyms = Metrics(), Topics(settings.prefix), Pseudonyms(settings.secret)
    keys = IssuerKeys(settings.issuer, fetching(settings.issuer), seconds, metrics, keep_s=settings.issuer_away_s)
    view = RedisReader(settings.redis, settings.prefix, settings.partitions)
    demand = RedisDemandReader(settings.redis, settings.prefix, settings.partitions)
    trackers: dict[Topic, PositionTracker] = {
        "beds": PositionTracker(view, seconds, metrics),
        "demand": PositionTracker(demand, seconds, metrics),
    }
    producer = Producer(settings.brokers, seconds, metrics)
    # Its own: dead letters may be larger than events, and one way in must not wait for the other.
    letters = Producer(settings.brokers, seconds, metrics, LARGEST_BYTES, part="kafka-letters")
    audited = Producer(settings.brokers, seconds, metrics, part="kafka-audit")
    audit_log, audit_queue = KafkaAuditLog(settings.brokers, topics.audit), AuditQueue(settings.waiting, metrics)
    writer = AuditWriter("plek.gateway", audited, audit_log, now_ms, metrics, audit_queue)
    rates = RedisRates(settings.redis, settings.prefix, pseudonyms, MemoryRates(seconds, limits_of(settings)), metrics)
    idempotency_keys = RedisIdempotencyKeys(settings.redis, settings.prefix)
    validator = EventValidator(EventCodec(frozenset(read_regions(settings.regions))), settings.too_old_days)
    alerts = Outbox(settings.waiting, producer, metrics, name=QUEUE)
    volume = _volume(settings, rates, AlertSender(topics, DurableLog(producer, alerts)), writer, view, metrics)
    log = EventLog(log=producer, topics=topics, codec=validator.codec, trackers=trackers, seconds=seconds, metrics=metrics, volume=volume)
    followed = CompactedTopic(settings.brokers, topics.proposals, now_ms)
    recent = RecentEvents(log=Log(settings.brokers, topics.bed_events), codec=validator.codec, partitions=settings.partitions, now=now_ms)
    proposals = compose_proposals(followed, log, recent, pseudonyms, now_ms, second_person=settings.second_person == "on")
    intake = KafkaIntake(settings.brokers, _intake(settings, validator, letters, view, volume, proposals))
    refusals = KafkaRefusalLog(settings.brokers, topics)
    revoked = CompactedTopic(settings.brokers, topics.revoked_tokens, now_ms, KEPT_MS)
    watch = TopicConfigCheck(settings.brokers, settings.prefix, settings.partitions, metrics)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        following = [tracker.run_forever for tracker in trackers.values()]
        if settings.second_person == "off":
            _log.warning("PLEK_SECOND_PERSON is off: a coordinator alone registers shelters and changes their phone")
        appending = [watch.before(each.run_forever) for each in (producer, letters, audited, followed)]
        own = (keys, revoked, writer, intake, alerts, volume, proposals.executor)
        async with running(watch.run_forever, *appending, *following, *(part.run_forever for part in own)):
            yield
        for each in (view, rates, demand, idempotency_keys, writer, refusals, alerts, recent):
            await each.close()

    app = new_app("Plek gateway", _DESCRIPTION, metrics, seconds, lifespan)
    app.state.guard = RequestGuard(
        authentication=Authentication(
            keys, settings.issuer, settings.audience, metrics, rates, settings.role_claim, longest_s=settings.token_s, revoked=revoked
        ),
        audit=Audit(writer, pseudonyms, now_ms, "kafka-away"),
        regions=frozenset(read_regions(settings.regions)),
    )
    # Without the view it takes events all the same, and says that they are not visible.
    add_probes(
        app,
        metrics,
        lambda: {
            "topics": watch.passed,
            "kafka": producer.ready,
            "issuer": keys.ready,
            "audit": writer.ready,
            "view": trackers["beds"].up,
            "disk": writer.writable,
            "proposals": followed.ready,
        },
        frozenset({"kafka", "issuer"}),
        either=frozenset({"audit", "disk"}),
    )
    states, positions = _states(settings, view, trackers["beds"]), SealedPositions(pseudonyms)
    publishing = _publishing(settings, validator, log, states, positions, proposals)
    add_events(app, publishing)
    handles = EventHandles(pseudonyms)
    add_facts(app, FactCalls(publishing=publishing, handles=handles, pseudonyms=pseudonyms, keys=idempotency_keys))
    undoing = UndoCalls(publishing=publishing, recent=recent, handles=handles, pseudonyms=pseudonyms, keys=idempotency_keys)
    add_sent_events(app, undoing)
    decisions = compose_decisions(proposals, states)
    add_proposals(app, compose_changes(proposals, decisions, validator, positions, idempotency_keys), decisions)
    add_refusals(app, RefusalReader(log=refusals, topics=topics, lookup=states.lookup, now=now_ms))
    return app


def _states(settings: Settings, view: RedisReader, tracker: PositionTracker) -> ShelterStates:
    return ShelterStates(
        view=PartitionCache(view),
        tracker=tracker,
        partitions=settings.partitions,
        unavailable_ms=round(settings.unavailable_after_s * 1_000),
        now=now_ms,
    )


def _publishing(
    settings: Settings,
    validator: EventValidator,
    log: EventLog,
    states: ShelterStates,
    positions: SealedPositions,
    proposals: ProposalParts,
) -> PublishEvents:
    return PublishEvents(
        validator=validator,
        regions=frozenset(read_regions(settings.regions)),
        log=log,
        states=states,
        changes=proposals.changes,
        proposals=proposals.log,
        positions=positions,
        now=now_ms,
        metrics=log.metrics,
    )


def _intake(
    settings: Settings, validator: EventValidator, log: Producer, view: RedisReader, volume: EventVolume, proposals: ProposalParts
) -> IntakeReader:
    return IntakeReader(
        topics=Topics(settings.prefix),
        validator=validator,
        log=log,
        view=view,
        partitions=settings.partitions,
        oldest_ms=round(settings.degraded_after_s * 1_000),
        now=now_ms,
        metrics=volume.metrics,
        volume=volume,
        changes=proposals.changes,
        proposals=proposals.log,
    )


def _volume(
    settings: Settings, rates: RedisRates, sender: AlertSender, audit: AuditWriter, view: RedisReader, metrics: Metrics
) -> EventVolume:
    return EventVolume(
        rates=rates,
        sender=sender,
        audit=audit,
        view=view,
        partitions=settings.partitions,
        oldest_ms=round(settings.unavailable_after_s * 1_000),
        most=settings.shelter_events_per_day,
        now=now_ms,
        metrics=metrics,
    )
