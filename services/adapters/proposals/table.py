"""The table of proposals: folded from `plek.proposals` in each process, which follows the topic whole (ADR 43).

Guarantees: of several decisions on one proposal the first in the log counts, in every process and on every replay; a record that can't be
decoded changes nothing. Memory is bounded by the proposals of the country: 10,000 take 45 MB (ADR 43).
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from services.adapters.kafka.compacted_topic import FollowedTopic, KeyedRecord
from services.adapters.proposals.proposal_records import EventsAppended, Proposal, ProposalDecision, Status, decode_record
from services.domain.durations import HOUR_MS

_log = logging.getLogger(__name__)

PHONE_SHOWN_MS: Final = 72 * HOUR_MS
"""So long the intake phone that was replaced is shown beside the new one: a wrong one is noticed by then (security, F2)."""


@dataclass(frozen=True, slots=True)
class TrackedProposal:
    """A proposal and what became of it."""

    proposal: Proposal
    decision: ProposalDecision | None = None
    appended: bool = False

    def status(self, now: int) -> Status:
        """Return how it stands at `now` (ms)."""
        if self.appended:
            return "in-force"
        if self.decision is not None:
            return self.decision.verdict
        return "lapsed" if now >= self.proposal.lapses_at else "proposed"

    def is_open(self, now: int) -> bool:
        """Return whether it waits for a decision."""
        return self.status(now) == "proposed"


class PhoneChange(NamedTuple):
    """The intake phone before the changes of the last 72 hours, and when the last of them was confirmed (ms)."""

    before: str
    changed_at: int


Watcher = Callable[[TrackedProposal, bool], None]
"""Takes a proposal that has changed, and whether that happened since this process began to follow."""


class ProposalTable:
    """What stands in a followed topic of proposals."""

    def __init__(self, topic: FollowedTopic) -> None:
        self.topic = topic
        self._tracked: dict[str, TrackedProposal] = {}
        # Names of proposals, in the order in which they were read
        self._of_shelter: dict[str, dict[str, None]] = {}
        self._of_proposer: dict[str, dict[str, None]] = {}
        self._unfinished: dict[str, None] = {}
        # What was decided on a proposal that has not been read: its own record may be a later copy of it
        self._early: dict[str, list[ProposalDecision | EventsAppended]] = {}
        self._watchers: list[Watcher] = []
        topic.listen(self._take)

    @property
    def ready(self) -> bool:
        """Whether everything is known that stood in the topic when Kafka last answered."""
        return self.topic.ready

    def get(self, proposal: str) -> TrackedProposal | None:
        """Return a proposal; None when there is none."""
        return self._tracked.get(proposal)

    def all(self) -> Iterable[TrackedProposal]:
        """Return every proposal, in the order in which they were read."""
        return list(self._tracked.values())

    def of_shelter(self, shelter: str) -> list[TrackedProposal]:
        """List the proposals of a shelter, in the order in which they were read."""
        return [self._tracked[name] for name in self._of_shelter.get(shelter, ())]

    def of_proposer(self, by: str) -> list[TrackedProposal]:
        """List the proposals of one proposer, in the order in which they were read."""
        return [self._tracked[name] for name in self._of_proposer.get(by, ())]

    def unfinished(self) -> list[TrackedProposal]:
        """List the proposals that are confirmed, and of which it is not known that their events are in the log."""
        return [self._tracked[name] for name in self._unfinished]

    def open_of(self, shelter: str, now: int) -> list[TrackedProposal]:
        """List the proposals of a shelter that wait for a decision at `now` (ms)."""
        return [each for each in self.of_shelter(shelter) if each.is_open(now)]

    def claimants(self, shelter: str, now: int) -> frozenset[str]:
        """Return the organisations that claim a shelter that is not shown as registered; a confirmed claim is the only one."""
        claims = [each for each in self.of_shelter(shelter) if each.proposal.registration]
        confirmed = [each for each in claims if each.status(now) in {"confirmed", "in-force"}]
        counted = confirmed[-1:] or [each for each in claims if each.is_open(now)]
        return frozenset(each.proposal.registration.organisation for each in counted if each.proposal.registration)

    def phone_change(self, shelter: str, now: int) -> PhoneChange | None:
        """Return the intake phone that a shelter had 72 hours before `now` (ms); None where it has had no other since."""
        changes = [
            (each.decision.at, each.proposal.phone_before)
            for each in self.of_shelter(shelter)
            if each.decision and each.decision.verdict == "confirmed" and now - each.decision.at < PHONE_SHOWN_MS
        ]
        known = sorted((at, before) for at, before in changes if before is not None)
        return PhoneChange(known[0][1], known[-1][0]) if known else None

    def watch(self, watcher: Watcher) -> None:
        """Call a watcher with each proposal that changes from now on."""
        self._watchers.append(watcher)

    def _take(self, record: KeyedRecord) -> None:
        if record.value is None:
            self._remove(record.key)
            return
        match decode_record(record.value):
            case None:
                _log.warning("a record of the proposals can't be read", extra={"offset": record.offset})
            case Proposal() as proposal:
                self._add(proposal, is_new=record.is_new)
            case ProposalDecision() as decision:
                self._apply(decision.decides, decision, is_new=record.is_new)
            case EventsAppended() as appended:
                self._apply(appended.appended, appended, is_new=record.is_new)

    def _add(self, proposal: Proposal, *, is_new: bool) -> None:
        if proposal.proposal in self._tracked:
            return
        self._tracked[proposal.proposal] = TrackedProposal(proposal)
        self._of_shelter.setdefault(proposal.shelter, {})[proposal.proposal] = None
        self._of_proposer.setdefault(proposal.by, {})[proposal.proposal] = None
        self._announce(proposal.proposal, is_new=is_new)
        for early in self._early.pop(proposal.proposal, ()):
            self._apply(proposal.proposal, early, is_new=is_new)

    def _apply(self, name: str, record: ProposalDecision | EventsAppended, *, is_new: bool) -> None:
        tracked = self._tracked.get(name)
        if tracked is None:
            self._early.setdefault(name, []).append(record)
        elif isinstance(record, EventsAppended):
            if not tracked.appended:
                self._tracked[name] = replace(tracked, appended=True)
                self._unfinished.pop(name, None)
                self._announce(name, is_new=is_new)
        elif tracked.decision is None:
            self._tracked[name] = replace(tracked, decision=record)
            if record.verdict == "confirmed" and not tracked.appended:
                self._unfinished[name] = None
            self._announce(name, is_new=is_new)

    def _remove(self, key: str) -> None:
        tracked = self._tracked.pop(key, None)
        if tracked is not None:
            self._of_shelter[tracked.proposal.shelter].pop(key, None)
            self._of_proposer[tracked.proposal.by].pop(key, None)
            self._unfinished.pop(key, None)

    def _announce(self, name: str, *, is_new: bool) -> None:
        for watcher in self._watchers:
            watcher(self._tracked[name], is_new)
