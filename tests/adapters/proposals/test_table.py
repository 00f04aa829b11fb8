"""The table of proposals, from the records of its topic: in whatever order compaction leaves them."""

from dataclasses import replace
from typing import Any

import pytest

from services.adapters.kafka.ports import LogRecord
from services.adapters.proposals.proposal_records import (
    EventsAppended,
    Proposal,
    ProposalDecision,
    ProposalRecord,
    changed_members,
    decode_record,
    encode_record,
    key_of,
)
from services.adapters.proposals.table import PhoneChange, ProposalTable, TrackedProposal
from services.domain.durations import HOUR_MS
from services.domain.events.catalog import ShelterRegistered
from tests.sent import registered
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog

BERK = ShelterRegistered(**registered()["data"] | {"audience": ("women",), "languages": ("nl",), "services": ()})
NEW = Proposal(
    proposal="p1", shelter="berk", by="a" * 32, proposer="system", at=1, seen_in=("R07",), regions=("R07",), registration=BERK, before=None
)
PHONE = replace(NEW, proposal="p2", before=BERK, registration=replace(BERK, intake_phone="0800-2"))
AGAIN = replace(NEW, proposal="p3", before=PHONE.registration, registration=replace(BERK, intake_phone="0800-3"))


class _Kept:
    """A table over a topic in memory, and what its watchers heard."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.table = ProposalTable(MemoryCompactedTopic(self.log, "plek.proposals"))
        self.heard: list[tuple[str, str]] = []
        self.table.watch(self._hear)

    def _hear(self, tracked: TrackedProposal, is_new: bool) -> None:  # noqa: FBT001 - a Watcher
        assert is_new
        self.heard.append((tracked.proposal.proposal, tracked.status(1)))

    async def read(self, *records: ProposalRecord) -> None:
        """Append records, which the table reads at once."""
        await self.log.append([LogRecord("plek.proposals", key_of(each), encode_record(each)) for each in records])


def _decided(proposal: Proposal, verdict: Any = "confirmed", at: int = 1, by: str = "b") -> ProposalDecision:
    return ProposalDecision(decides=proposal.proposal, verdict=verdict, by=by, role="coordinator", at=at)


@pytest.fixture
def kept() -> _Kept:
    """Make an empty table."""
    return _Kept()


@pytest.mark.parametrize("record", [NEW, PHONE, _decided(NEW), EventsAppended(appended="p1")])
def test_a_record_is_read_as_it_was_written(record: ProposalRecord) -> None:
    """Each kind of record survives being encoded."""
    assert decode_record(encode_record(record)) == record


def test_lists_in_another_order_are_no_change() -> None:
    """The order of languages, services and audience says nothing."""
    both = replace(BERK, languages=("nl", "en"))
    assert changed_members(both, replace(both, languages=("en", "nl"))) == ()


async def test_a_decision_may_be_read_before_its_proposal(kept: _Kept) -> None:
    """A retry moves the proposal behind its decision when the topic is compacted: the decision counts all the same."""
    await kept.read(_decided(NEW), EventsAppended(appended="p1"), NEW, NEW)
    assert kept.heard == [("p1", "proposed"), ("p1", "confirmed"), ("p1", "in-force")]
    assert kept.table.unfinished() == []


async def test_the_first_decision_counts(kept: _Kept) -> None:
    """Later decisions on the same proposal are passed over, whatever they are."""
    await kept.read(NEW, _decided(NEW, "withdrawn"), _decided(NEW, by="c"), _decided(NEW, "rejected", by="d"))
    assert kept.heard == [("p1", "proposed"), ("p1", "withdrawn")]


async def test_what_is_confirmed_and_not_appended_is_left_to_do(kept: _Kept) -> None:
    """A confirmed proposal is unfinished until its events are known to stand in the log."""
    await kept.read(NEW, _decided(NEW))
    assert [each.proposal.proposal for each in kept.table.unfinished()] == ["p1"]
    await kept.read(EventsAppended(appended="p1"))
    assert kept.table.unfinished() == []


async def test_a_phone_that_was_replaced_is_known_for_72_hours(kept: _Kept) -> None:
    """Of several changes the phone before the first is the one that was trusted; after 72 hours none is shown."""
    await kept.read(PHONE, _decided(PHONE, at=1_000), AGAIN, _decided(AGAIN, at=2_000))
    assert kept.table.phone_change("berk", 3_000) == PhoneChange("0800-000001", 2_000)
    assert kept.table.phone_change("berk", 1_000 + 72 * HOUR_MS) == PhoneChange("0800-2", 2_000)
    assert kept.table.phone_change("berk", 2_000 + 72 * HOUR_MS) is None
    assert kept.table.phone_change("den", 3_000) is None


async def test_a_confirmed_claim_is_the_only_one(kept: _Kept) -> None:
    """Two organisations may claim a shelter; once one of them is confirmed the other has no claim."""
    rival = replace(NEW, proposal="p9", by="e" * 32, registration=replace(BERK, organisation="org-evil"))
    await kept.read(rival, NEW)
    assert kept.table.claimants("berk", 2) == {"org-1", "org-evil"}
    await kept.read(_decided(NEW))
    assert kept.table.claimants("berk", 2) == {"org-1"}


async def test_a_deleted_record_takes_its_proposal_away(kept: _Kept) -> None:
    """A topic that was made anew removes each key: nothing of it stays in the table."""
    await kept.read(NEW, _decided(NEW))
    await kept.log.append([LogRecord("plek.proposals", b"p1", None)])
    assert (kept.table.all(), kept.table.of_shelter("berk"), kept.table.unfinished()) == ([], [], [])
