"""What the API connects to: the issuer of tokens, the log, the view, the audit log and the disk. Nothing connects before it is started."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from services.adapters.alerts.alert_record import KEPT_MS
from services.adapters.alerts.alert_sender import QUEUE, AlertSender
from services.adapters.audit.disk_buffer import AuditQueue
from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.audit.recorder import Audit
from services.adapters.audit.writer import AuditWriter
from services.adapters.auth import revoked_tokens
from services.adapters.auth.authentication import Authentication
from services.adapters.auth.idempotency_keys import RedisIdempotencyKeys
from services.adapters.auth.jwks_client import IssuerKeys, fetching
from services.adapters.auth.jwks_disk_cache import JwksDiskCache
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.auth.rate_limits import MemoryRates, limits_of
from services.adapters.auth.redis_rate_limits import RedisRates
from services.adapters.clock import now_ms, seconds
from services.adapters.codec.event_codec import EventCodec
from services.adapters.config.settings import Settings
from services.adapters.durable_log import DurableLog
from services.adapters.http.call import RequestGuard
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.compacted_topic import CompactedTopic
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topic_config_check import TopicConfigCheck
from services.adapters.kafka.topics import NEED_KEYS_KEPT_DAYS, Topics
from services.adapters.needs.need_keys import wrapping_secret
from services.adapters.observability.metrics import Metrics
from services.adapters.outbox import Outbox
from services.adapters.proposals.table import ProposalTable
from services.adapters.regions import read_regions
from services.adapters.view.dataset_view import DatasetView
from services.adapters.view.position_tracker import PositionTracker
from services.adapters.view.redis_reader import RedisDemandReader, RedisReader
from services.api.publishing.durable_publisher import DurablePublisher
from services.api.publishing.event_publisher import EventPublisher
from services.api.publishing.need_sealing import NeedSealing
from services.api.read_model.data_age import AgeLimits
from services.api.read_model.log_outage import LogOutage
from services.api.read_model.phone_history import PhoneHistory
from services.api.read_model.view_reader import ViewReader
from services.domain.durations import DAY_MS

Task = Callable[[], Awaitable[None]]


class Connections:
    """The connections of one API process, made from its settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.metrics, self.pseudonyms = settings, Metrics(), Pseudonyms(settings.secret)
        self.disk: Path = settings.outbox or settings.data / "outbox"
        self.regions = read_regions(settings.regions)
        self.keys = self._issuer_keys()
        self._connect_view()
        self._connect_log()
        self.rates = RedisRates(settings.redis, settings.prefix, self.pseudonyms, MemoryRates(seconds, limits_of(settings)), self.metrics)
        self.guard = self._request_guard()
        self.reading = self._view_reader()

    def _issuer_keys(self) -> IssuerKeys:
        settings, secret = self.settings, self.pseudonyms.sealing_key("issuer-keys")
        on_disk = JwksDiskCache(self.disk / "issuer-keys", settings.issuer, secret, now_ms)
        return IssuerKeys(settings.issuer, fetching(settings.issuer), seconds, self.metrics, on_disk, settings.issuer_away_s)

    def _connect_view(self) -> None:
        at = (self.settings.redis, self.settings.prefix, self.settings.partitions)
        self._beds, self.demand = RedisReader(*at), RedisDemandReader(*at)
        self.dataset = None if self.settings.world == "live" else DatasetView(self._beds, self.demand)
        self.view = self.dataset or self._beds
        self.moves, self.demand_moves = (PositionTracker(view, seconds, self.metrics) for view in (self.view, self.demand))

    def _connect_log(self) -> None:
        settings, topics = self.settings, Topics(self.settings.prefix)
        self.producer = Producer(settings.brokers, seconds, self.metrics)
        # The audit log has a producer of its own: a read of a shelter must not wait behind events.
        self._audit_producer = Producer(settings.brokers, seconds, self.metrics, part="kafka-audit")
        self._topics = TopicConfigCheck(settings.brokers, settings.prefix, settings.partitions, self.metrics)
        self.audit_log = KafkaAuditLog(settings.brokers, topics.audit)
        waiting = AuditQueue(settings.waiting, self.metrics)
        self._audit_writer = AuditWriter("plek.api", self._audit_producer, self.audit_log, now_ms, self.metrics, waiting)
        self._idempotency_keys = RedisIdempotencyKeys(settings.redis, settings.prefix)
        self._outbox = Outbox(settings.waiting, self.producer, self.metrics)
        publisher = EventPublisher(
            log=self.producer,
            topics=topics,
            wire=EventCodec(frozenset(self.regions)),
            moves={"beds": self.moves, "demand": self.demand_moves},
            pseudonyms=self.pseudonyms,
            retries=self._idempotency_keys,
            now=now_ms,
        )
        self.durable_log = DurableLog(self.producer, self._outbox)
        self.need_keys = CompactedTopic(settings.brokers, topics.need_keys, now_ms, NEED_KEYS_KEPT_DAYS * DAY_MS)
        self.needs = NeedSealing(
            topic=self.need_keys,
            name=topics.need_keys,
            secret=wrapping_secret(settings, self.pseudonyms.sealing_key),
            now=now_ms,
        )
        self.durable = DurablePublisher(publisher, self.durable_log, self.needs)
        self._alert_outbox = Outbox(settings.waiting, self.producer, self.metrics, name=QUEUE)
        self.alert_sender = AlertSender(topics, DurableLog(self.producer, self._alert_outbox))
        self.alerts_topic = CompactedTopic(settings.brokers, topics.alarms, now_ms, KEPT_MS)
        self.revoked = CompactedTopic(settings.brokers, topics.revoked_tokens, now_ms, revoked_tokens.KEPT_MS)
        self._proposals_topic = CompactedTopic(settings.brokers, topics.proposals, now_ms)
        self.proposals = ProposalTable(self._proposals_topic)
        self._outage = LogOutage(self.durable, seconds, settings.unavailable_after_s)

    def _request_guard(self) -> RequestGuard:
        settings = self.settings
        authentication = Authentication(
            self.keys,
            settings.issuer,
            settings.audience,
            self.metrics,
            self.rates,
            settings.role_claim,
            longest_s=settings.token_s,
            revoked=self.revoked,
        )
        audit = Audit(self._audit_writer, self.pseudonyms, now_ms)
        return RequestGuard(authentication=authentication, audit=audit, regions=frozenset(self.regions))

    def _view_reader(self) -> ViewReader:
        settings = self.settings
        return ViewReader(
            view=self.view,
            moves=self.moves,
            positions=SealedPositions(self.pseudonyms),
            partitions=settings.partitions,
            limits=settings.limits,
            age_limits=AgeLimits(round(settings.degraded_after_s * 1_000), round(settings.unavailable_after_s * 1_000)),
            now=self.dataset.now if self.dataset else now_ms,
            wall=now_ms,
            world=settings.world,
            outage=self._outage,
            phones=PhoneHistory(self.proposals.phone_change),
        )

    def tasks(self) -> list[Task]:
        """Return what runs for as long as the API does."""
        appending = [self._topics.before(producer.run_forever) for producer in (self.producer, self._audit_producer)]
        queues = (self._audit_writer, self._outbox, self._alert_outbox)
        following = (
            self.alerts_topic,
            self._proposals_topic,
            self.need_keys,
            self.revoked,
            self.keys,
            self.moves,
            self.demand_moves,
            self._outage,
            *queues,
        )
        return [self._topics.run_forever, *appending, *(part.run_forever for part in following)]

    def parts(self) -> Mapping[str, bool]:
        """Return of each part whether it answers now."""
        return {
            "issuer": self.keys.ready,
            "view": self.moves.up,
            "kafka": not self.durable.away,
            "audit": self._audit_writer.ready,
            "disk": self._outbox.writable and self._audit_writer.writable,
        }

    async def close(self) -> None:
        """Close every connection."""
        stores = (self._beds, self.demand, self._idempotency_keys, self.rates)
        closing: tuple[Any, ...] = (*stores, self._outbox, self._alert_outbox, self._audit_writer)
        for connection in closing:
            await connection.close()
