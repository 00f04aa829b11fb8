"""The one owner of the names of metrics. A label holds a code of ours, never a value that was sent.

Each service has a registry of its own, so that two in one process don't add up.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

Counted = Literal[
    "plek_http_requests_total",
    "plek_events_total",
    "plek_problems_total",
    "plek_warnings_total",
    "plek_producers_replaced_total",
    "plek_tokens_refused_total",
    "plek_issuer_fetches_total",
    "plek_records_folded_total",
    "plek_dead_letters_total",
    "plek_searches_total",
    "plek_searches_unended_total",
    "plek_call_first_total",
    "plek_holds_asked_total",
    "plek_holds_given_up_total",
    "plek_fence_refusals_total",
    "plek_audit_records_total",
    "plek_too_many_total",
    "plek_glass_broken_total",
    "plek_alarms_total",
    "plek_proposals_total",
    "plek_notices_total",
]
Timed = Literal[
    "plek_http_seconds",
    "plek_ack_seconds",
    "plek_visible_seconds",
    "plek_decision_seconds",
    "plek_batch_seconds",
]
Gauged = Literal[
    "plek_part_up",
    "plek_view_age_seconds",
    "plek_lag_records",
    "plek_setup_faults",
    "plek_outbox_records",
    "plek_disclosure",
    "plek_disclosure_ends_seconds",
    "plek_audit_head_seconds",
    "plek_audit_head_offset",
    "plek_audit_head_faults",
    "plek_canary_differences",
    "plek_canary_seconds",
]
Name = Counted | Timed | Gauged


class MetricDescription(NamedTuple):
    """The description of a metric, and its labels."""

    sentence: str
    labels: tuple[str, ...] = ()


DESCRIBED: Final[Mapping[Name, MetricDescription]] = {
    "plek_http_requests_total": MetricDescription("Requests answered", ("method", "route", "status")),
    "plek_events_total": MetricDescription(
        "Events the gateway accepted, refused, kept as a proposal or found unchanged, by way in (http, intake), short type and answer",
        ("way", "type", "answer"),
    ),
    "plek_problems_total": MetricDescription("Codes of the problems for which the gateway refused events", ("code",)),
    "plek_warnings_total": MetricDescription("Warnings answered beside events that the gateway accepted", ("code",)),
    "plek_producers_replaced_total": MetricDescription("Producers replaced because they failed for good"),
    "plek_tokens_refused_total": MetricDescription("Tokens refused"),
    "plek_issuer_fetches_total": MetricDescription("Fetches of the issuer's keys", ("outcome",)),
    "plek_records_folded_total": MetricDescription("Records folded into the view", ("topic",)),
    "plek_dead_letters_total": MetricDescription("Records sent to the dead letters", ("topic", "reason")),
    "plek_searches_total": MetricDescription("Searches, by whether there was an offer", ("found",)),
    "plek_searches_unended_total": MetricDescription("Searches without an end within a day: logged as ended, with the outcome unknown"),
    "plek_call_first_total": MetricDescription("Shelters named to a worker as to call first"),
    "plek_holds_asked_total": MetricDescription(
        "Requests for holds, by result: granted, the reason of a refusal, or undecided", ("answer",)
    ),
    "plek_holds_given_up_total": MetricDescription("Holds released because their request was never followed up"),
    "plek_fence_refusals_total": MetricDescription(
        "Writes that the fence refused, as another processor was ahead or Redis was emptied", ("topic",)
    ),
    "plek_audit_records_total": MetricDescription("Records of the audit log that Kafka acknowledged"),
    "plek_too_many_total": MetricDescription("Requests refused by a rate limit", ("asked",)),
    "plek_glass_broken_total": MetricDescription("Rate limits that were exceeded with a coded reason", ("limit", "reason")),
    "plek_proposals_total": MetricDescription(
        "Proposals this gateway has written: proposed, confirmed, in-force, rejected, withdrawn", ("status",)
    ),
    "plek_notices_total": MetricDescription(
        "Notices outside the pages: sent, failed (tried again), gone (the receiver wants no more), unsent (never arrived)",
        ("channel", "outcome"),
    ),
    "plek_alarms_total": MetricDescription("Alerts for coordinators, by kind: those of `GET /v1/alarms`", ("what",)),
    "plek_http_seconds": MetricDescription("From the first byte of a request to the last of its response, by route template", ("route",)),
    "plek_ack_seconds": MetricDescription("From handing events to Kafka to its acknowledgement"),
    "plek_visible_seconds": MetricDescription("From the acknowledgement until the view shows the events; only those that were waited for"),
    "plek_decision_seconds": MetricDescription("From a request for a hold until the log has decided it"),
    "plek_batch_seconds": MetricDescription("Duration of one batch of the processor: decode, fold, write", ("topic",)),
    "plek_part_up": MetricDescription("1 while the part answers: kafka, view, issuer, audit, rates", ("part",)),
    "plek_view_age_seconds": MetricDescription("Age of the oldest partition of the view that was read last"),
    "plek_setup_faults": MetricDescription("Settings of topics or of Redis with which something could be lost", ("part",)),
    "plek_lag_records": MetricDescription("Records between the end of a partition and its position in the view", ("topic", "partition")),
    "plek_outbox_records": MetricDescription(
        "Records on disk that wait for Kafka: of demand (`log`), of the audit log (`audit`)", ("queue",)
    ),
    "plek_disclosure": MetricDescription("1 for the level of disclosure that applies: guarded, strict", ("level",)),
    "plek_disclosure_ends_seconds": MetricDescription("How long strict disclosure still applies; 0 while it does not"),
    "plek_audit_head_seconds": MetricDescription("When the newest head of the audit log was signed (seconds since 1970); 0: none known"),
    "plek_audit_head_offset": MetricDescription("Up to which record of the audit log the newest signed head reaches"),
    "plek_audit_head_faults": MetricDescription("1 while no head is signed because the audit log or its heads are not those signed before"),
    "plek_canary_differences": MetricDescription("What in the view is not as the log gives it, as last compared", ("topic", "partition")),
    "plek_canary_seconds": MetricDescription(
        "When a processor had last compared all of its partitions (seconds since 1970); 0: not yet", ("topic",)
    ),
}

# From a Redis round trip to the longest time that a caller waits.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The metrics of one service."""

    def __init__(self) -> None:
        # The moment at which each counter began would double the series, and is on no panel
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no annotation there
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._counters = {name: Counter(name, *DESCRIBED[name], registry=self._registry) for name in get_args(Counted)}
        self._gauges = {name: Gauge(name, *DESCRIBED[name], registry=self._registry) for name in get_args(Gauged)}
        self._histograms = {name: Histogram(name, *DESCRIBED[name], registry=self._registry, buckets=_BUCKETS) for name in get_args(Timed)}

    def count(self, name: Counted, by: int = 1, **labels: str) -> None:
        """Add to a counter."""
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(by)

    def observe(self, name: Timed, seconds: float, **labels: str) -> None:
        """Record one duration."""
        histogram = self._histograms[name]
        (histogram.labels(**labels) if labels else histogram).observe(seconds)

    def set(self, name: Gauged, value: float, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def page(self) -> bytes:
        """Return all of them in the format of Prometheus."""
        return generate_latest(self._registry)
