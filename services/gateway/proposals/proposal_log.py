"""Appends the records of proposals, and waits until this process has read them: a caller finds what it has just proposed."""

from dataclasses import dataclass
from typing import Final

from services.adapters.kafka.ports import AppendableLog, LogRecord, LogUnavailableError
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.proposals.proposal_records import EventsAppended, Proposal, ProposalRecord, encode_record, key_of
from services.adapters.proposals.table import ProposalTable

# As long as a producer waits for its acknowledgement
_READ_S: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLog:
    """The topic of proposals, as the gateway writes it, and the table that it keeps of it."""

    log: AppendableLog
    topics: Topics
    table: ProposalTable
    metrics: Metrics

    async def append(self, *records: ProposalRecord) -> None:
        """Append records, and return when they are acknowledged and read; LogUnavailableError."""
        if not records:
            return
        positions = await self.log.append([LogRecord(self.topics.proposals, key_of(each), encode_record(each)) for each in records])
        for each in records:
            self.metrics.count("plek_proposals_total", status=_status(each))
        if not await self.table.topic.wait_until(positions[-1].offset, _READ_S):
            raise LogUnavailableError


def _status(record: ProposalRecord) -> str:
    match record:
        case Proposal():
            return "proposed"
        case EventsAppended():
            return "in-force"
        case decision:
            return decision.verdict
