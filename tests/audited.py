"""An audit log in memory, and what was written to it."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from services.adapters.audit.gate import Audit
from services.adapters.audit.trail import MemoryTrail
from services.adapters.audit.writer import Writer
from services.adapters.clock import now_ms
from services.adapters.memory_log import MemoryLog
from services.adapters.metrics import Metrics
from services.adapters.problems import Kind
from services.adapters.pseudonym import Pseudonyms

TOPIC = "plek.audit"


@dataclass
class Audited:
    """A writer over a log of its own; `log.away = True` is a Kafka that is gone. `writer.keep` must run."""

    away: Kind = "phone"
    metrics: Metrics = field(default_factory=Metrics)
    pseudonyms: Pseudonyms = field(default_factory=lambda: Pseudonyms("a key"))
    log: MemoryLog = field(default_factory=MemoryLog)

    def __post_init__(self) -> None:
        self.kept = MemoryTrail(self.log, TOPIC)
        self.writer = Writer("plek.test", self.log, self.kept, now_ms, self.metrics)
        self.audit = Audit(self.writer, self.pseudonyms, now_ms, self.away)

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
