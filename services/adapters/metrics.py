"""Metrics: the one owner of their names. A label holds a code of ours, never a value somebody sent.

Each service has a registry of its own, so that two can run in one process without adding up.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

Counted = Literal[
    # Requests answered, by route template and status
    "plek_http_requests_total",
    # Events the door let in or not, by way in (http, intake), short type name and answer
    "plek_events_total",
    # Why the door refused, by code of the contract's checks
    "plek_problems_total",
    # Producers replaced because they failed for good
    "plek_producers_replaced_total",
    # Tokens refused
    "plek_tokens_refused_total",
    # Fetches of the issuer's keys, by outcome
    "plek_issuer_fetches_total",
    # Records folded into the view, by topic
    "plek_records_folded_total",
    # Records the fold sent to the dead letters, by reason
    "plek_dead_letters_total",
    # Searches, by whether there was anything to offer
    "plek_searches_total",
    # Searches that nobody ended within a day, logged as ended with an unknown outcome
    "plek_searches_unended_total",
    # Shelters that a worker was told to call first
    "plek_call_first_total",
    # Requests for holds, by what became of them: granted, the reason of a refusal, or undecided when they were answered
    "plek_holds_asked_total",
    # Holds given up because nobody asked after them
    "plek_holds_given_up_total",
    # Writes that the fence refused: another worker was ahead, or Redis was emptied
    "plek_fence_refusals_total",
    # Records written to the audit log and acknowledged
    "plek_audit_records_total",
    # Requests refused because their caller asks too often, by what was asked
    "plek_too_many_total",
    # Persons who did what only somebody does who looks for a shelter, by what that is
    "plek_alarms_total",
]
Timed = Literal[
    # From the first byte of a request to the last of its answer, by route template
    "plek_http_seconds",
    # From handing events to Kafka to its acknowledgement
    "plek_ack_seconds",
    # From the acknowledgement until the view shows the events; only those that were waited for
    "plek_visible_seconds",
    # From a request for a hold until the log has decided it
    "plek_decision_seconds",
    # One batch of the processor: decode, fold, write
    "plek_batch_seconds",
]
Gauged = Literal[
    # 1 while the part answers, 0 while it does not: kafka, view, issuer, audit, rates
    "plek_part_up",
    # Age of the oldest partition of the view that was read last
    "plek_view_age_seconds",
    # Records between the end of a partition and its position in the view
    "plek_lag_records",
    # Settings of Kafka's topics, or of Redis, with which something could be lost
    "plek_setup_faults",
    # Records on disk that wait for Kafka
    "plek_outbox_records",
]
Name = Counted | Timed | Gauged


class Described(NamedTuple):
    """What a metric says, in a sentence, and its labels."""

    sentence: str
    labels: tuple[str, ...] = ()


DESCRIBED: Final[Mapping[Name, Described]] = {
    "plek_http_requests_total": Described("Requests answered", ("method", "route", "status")),
    "plek_events_total": Described("Events the door let in or refused", ("way", "type", "answer")),
    "plek_problems_total": Described("Reasons for which the door refused", ("code",)),
    "plek_producers_replaced_total": Described("Producers replaced because they failed for good"),
    "plek_tokens_refused_total": Described("Tokens refused"),
    "plek_issuer_fetches_total": Described("Fetches of the issuer's keys", ("outcome",)),
    "plek_records_folded_total": Described("Records folded into the view", ("topic",)),
    "plek_dead_letters_total": Described("Records sent to the dead letters", ("topic", "reason")),
    "plek_searches_total": Described("Searches", ("found",)),
    "plek_searches_unended_total": Described("Searches that nobody ended within a day: logged as ended, how is unknown"),
    "plek_call_first_total": Described("Shelters that a worker was told to call first"),
    "plek_holds_asked_total": Described("Requests for holds", ("answer",)),
    "plek_holds_given_up_total": Described("Holds given up because nobody asked after them"),
    "plek_fence_refusals_total": Described("Writes that the fence refused", ("topic",)),
    "plek_audit_records_total": Described("Records of the audit log that were acknowledged"),
    "plek_too_many_total": Described("Requests refused because their caller asks too often", ("asked",)),
    "plek_alarms_total": Described("Persons to be looked at: many searches without a hold, or many holds given back", ("what",)),
    "plek_http_seconds": Described("Duration of requests", ("route",)),
    "plek_ack_seconds": Described("From handing events to Kafka to its acknowledgement"),
    "plek_visible_seconds": Described("From the acknowledgement until the view shows the events"),
    "plek_decision_seconds": Described("From a request for a hold until the log has decided it"),
    "plek_batch_seconds": Described("Duration of one batch of the processor", ("topic",)),
    "plek_part_up": Described("1 while the part answers", ("part",)),
    "plek_view_age_seconds": Described("Age of the oldest partition of the view that was read last"),
    "plek_setup_faults": Described("Settings of topics or of Redis with which something could be lost", ("part",)),
    "plek_lag_records": Described("Records between the end of a partition and its position in the view", ("topic", "partition")),
    "plek_outbox_records": Described("Records on disk that wait for Kafka"),
}

# From a Redis round trip to the longest a caller is left waiting.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The metrics of one service."""

    def __init__(self) -> None:
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
        """Note one duration."""
        histogram = self._histograms[name]
        (histogram.labels(**labels) if labels else histogram).observe(seconds)

    def set(self, name: Gauged, value: float, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def page(self) -> bytes:
        """Write all of them as Prometheus reads them."""
        return generate_latest(self._registry)
