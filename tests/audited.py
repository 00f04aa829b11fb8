"""An audit log in memory, and what was written to it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from services.adapters.audit.disk_buffer import AuditQueue
from services.adapters.audit.recorder import Audit
from services.adapters.audit.writer import AuditWriter
from services.adapters.auth.authentication import Authentication
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import now_ms
from services.adapters.http.call import RequestGuard
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import Kind
from tests.twins.memory_audit_log import MemoryAuditLog
from tests.twins.memory_log import MemoryLog

TOPIC = "plek.audit"


@dataclass
class Audited:
    """A writer over a log of its own; `log.away = True` is a Kafka that is gone. `writer.run_forever` must run."""

    away: Kind = "data-unavailable"
    metrics: Metrics = field(default_factory=Metrics)
    pseudonyms: Pseudonyms = field(default_factory=lambda: Pseudonyms("a key"))
    log: MemoryLog = field(default_factory=MemoryLog)
    on_disk: Path | None = None

    def __post_init__(self) -> None:
        self.kept = MemoryAuditLog(self.log, TOPIC)
        self.writer = AuditWriter("plek.test", self.log, self.kept, now_ms, self.metrics, self._disk())
        self.audit = Audit(self.writer, self.pseudonyms, now_ms, self.away)

    def guard(self, authentication: Authentication, regions: frozenset[str] = frozenset()) -> RequestGuard:
        """Make a guard that records here."""
        return RequestGuard(authentication=authentication, audit=self.audit, regions=regions)

    def _disk(self) -> AuditQueue | None:
        return AuditQueue(self.on_disk, self.metrics) if self.on_disk else None

    @property
    def values(self) -> list[bytes]:
        """Every record as it stands."""
        return [record.value or b"" for records in self.log.records.values() for record in records]

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Every record that is about somebody."""
        return [found for value in self.values if (found := orjson.loads(value))["event"] != "chain-begun"]

    @property
    def told(self) -> list[tuple[str, str, list[str]]]:
        """What happened, with which outcome, to which ids."""
        return [(each["event"], each["outcome"], [thing["id"] for thing in each["objects"]]) for each in self.entries]
