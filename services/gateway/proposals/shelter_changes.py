"""Sorts the changes of shelters among events: what goes to the log at once, what changes nothing, and what becomes a proposal.

Guarantees: nothing that needs a second person (`rules.py`) reaches the log from here. The changes of one shelter in one request are one
proposal, so that one person confirms them at once. The same change proposed again by the same sender is the same proposal.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from services.adapters.auth.authentication import Caller
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import Clock
from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.codec.validation import FieldProblem
from services.adapters.proposals.proposal_records import Proposal, ProposalRecord
from services.adapters.proposals.table import ProposalTable
from services.domain.beds.shelter_snapshot import ShelterSnapshot, UnitSnapshot
from services.domain.durations import DAY_MS, MINUTE_MS, NS_PER_MS
from services.domain.events.catalog import Correction, Event, ShelterRegistered, UnitDeclared, UnitWithdrawn
from services.gateway.ownership import OwnershipLookup
from services.gateway.proposals.correction_rule import RecentLog, check_corrections
from services.gateway.proposals.proposal_events import ProposalEvents
from services.gateway.proposals.rules import ChangeSender, confirming_regions, moves_households, regions_of, treat_registration, treat_unit

MOST_OPEN: Final = 1_000
"""Proposals of one sender that may wait, or were made within a day: more than an organisation has shelters, less than fills a memory."""
# A view that is older than this answers nothing
_SHOWN_BY_MS: Final = 10 * MINUTE_MS
_CHANGES: Final = (ShelterRegistered, UnitDeclared, UnitWithdrawn)


@dataclass(frozen=True, slots=True)
class NotAppended:
    """An event that is no record of the log: a proposal has it, or with None it changes nothing."""

    proposal: Proposal | None


@dataclass(slots=True, kw_only=True)
class SortedChanges:
    """What becomes of the events of a request: those for the log, and by their place in the request those that are not."""

    append: list[Event] = field(default_factory=list)
    unchanged: set[int] = field(default_factory=set)
    proposed: dict[int, Proposal] = field(default_factory=dict)
    refused: dict[int, RefusedEvent] = field(default_factory=dict)
    records: list[ProposalRecord] = field(default_factory=list)
    """The proposals that are still to be written."""
    is_reused: bool = False
    """Whether a proposal of the same name states something else."""

    def treated(self, checked: Sequence[Event | RefusedEvent]) -> list[Event | RefusedEvent | NotAppended]:
        """Return the values of a request as they are now: `checked` has the events that were sorted, and those refused before."""
        numbers, appended = itertools.count(), iter(self.append)
        return [self._kept(next(numbers)) or next(appended) if isinstance(each, Event) else each for each in checked]

    def _kept(self, index: int) -> RefusedEvent | NotAppended | None:
        """Return what became of the event at this place; None when it goes to the log."""
        if index in self.unchanged:
            return NotAppended(None)
        proposal = self.proposed.get(index)
        return NotAppended(proposal) if proposal else self.refused.get(index)

    @property
    def proposals(self) -> list[Proposal]:
        """List the proposals, each once."""
        return list({each.proposal: each for each in self.proposed.values()}.values())


@dataclass(slots=True)
class _Draft:
    """The changes of one shelter in one request."""

    first: Event
    shown: ShelterSnapshot | None
    indexes: list[int] = field(default_factory=list)
    registration: ShelterRegistered | None = None
    units: dict[str, UnitDeclared | None] = field(default_factory=dict)

    def add(self, index: int, data: ShelterRegistered | UnitDeclared | UnitWithdrawn) -> None:
        """Add a change; a later one of the same thing takes the place of the earlier."""
        self.indexes.append(index)
        if isinstance(data, ShelterRegistered):
            self.registration = data
        else:
            self.units[data.unit] = data if isinstance(data, UnitDeclared) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelterChanges:
    """Sorts events beside what the view shows and what is proposed; `second_person` is whether coordinators need one."""

    table: ProposalTable
    ids: ProposalEvents
    recent: RecentLog
    pseudonyms: Pseudonyms
    now: Clock
    second_person: bool

    def sender(self, caller: Caller) -> ChangeSender:
        """Return a caller as one who sends changes."""
        assert caller.role in {"shelter", "coordinator", "operator"}  # noqa: S101 - the policy of the route
        return ChangeSender(
            proposer=caller.role,
            by=self.pseudonyms.asked_by(caller.sub),
            regions=caller.regions if caller.role == "coordinator" else frozenset(),
            alone=not self.second_person,
        )

    def system(self, organisation: str) -> ChangeSender:
        """Return an organisation's own system as one who sends changes."""
        return ChangeSender(proposer="system", by=self.pseudonyms.asked_by(f"system:{organisation}"), organisation=organisation)

    async def sort(self, sender: ChangeSender, events: Sequence[Event], lookup: OwnershipLookup) -> SortedChanges:
        """Sort events; ViewUnavailableError or LogUnavailableError where it is not known what they change."""
        found, drafts, corrections = SortedChanges(), dict[str, _Draft](), check_corrections(self.recent, sender, events)
        for index, event in enumerate(events):
            if isinstance(event.data, Correction):
                if wrong := await corrections.problem(event.subject, event.data):
                    found.refused[index] = wrong
                else:
                    found.append.append(event)
            elif isinstance(event.data, _CHANGES):
                await self._sort(sender, index, event, lookup, found, drafts)
            else:
                found.append.append(event)
        for draft in drafts.values():
            self._propose(sender, draft, found)
        return found

    async def draft(self, sender: ChangeSender, events: Sequence[Event], lookup: OwnershipLookup) -> Proposal:
        """Return the changes of one shelter as a proposal; ViewUnavailableError."""
        shown, _ = await lookup.state(events[0].subject)
        draft = _Draft(events[0], shown)
        for index, event in enumerate(events):
            assert isinstance(event.data, ShelterRegistered | UnitDeclared | UnitWithdrawn)  # noqa: S101 - changes
            draft.add(index, event.data)
        return self._proposal(sender, draft)

    def claimed_regions(self, shelter: str) -> frozenset[str]:
        """Return the regions in which a shelter is to be registered by a proposal that waits."""
        return frozenset(
            region for each in self.table.open_of(shelter, self.now()) if each.proposal.registration for region in each.proposal.seen_in
        )

    async def _sort(
        self,
        sender: ChangeSender,
        index: int,
        event: Event,
        lookup: OwnershipLookup,
        found: SortedChanges,
        drafts: dict[str, _Draft],
    ) -> None:
        data = event.data
        assert isinstance(data, ShelterRegistered | UnitDeclared | UnitWithdrawn)  # noqa: S101 - the changes
        shown, _ = await lookup.state(event.subject)
        draft = drafts.get(event.subject)
        if isinstance(data, ShelterRegistered):
            treatment = treat_registration(sender, shown.registration if shown else None, data)
        else:
            # A unit of a shelter that is registered in the same request waits with it
            region = shown.registration.region if shown and shown.registration and draft is None else None
            declared = data if isinstance(data, UnitDeclared) else None
            treatment = treat_unit(sender, region, declaration(event.subject, shown, data.unit), declared)
        if treatment == "append" and isinstance(data, ShelterRegistered) and self._overtakes(sender, data):
            treatment = "propose"
        if treatment == "append":
            found.append.append(_recorded_by_now(event, self.now()))
        elif treatment == "unchanged" and draft is None:
            found.unchanged.add(index)
        else:
            drafts.setdefault(event.subject, _Draft(event, shown)).add(index, data)

    def _overtakes(self, sender: ChangeSender, stated: ShelterRegistered) -> bool:
        """Return whether a registration states what a confirmation has just replaced: the view may not show that yet."""
        confirmed = [
            (each.decision.at, each.proposal.registration)
            for each in self.table.of_shelter(stated.shelter)
            if each.proposal.registration and each.decision and each.decision.verdict == "confirmed"
        ]
        at, last = max(confirmed, key=lambda each: each[0], default=(0, None))
        is_recent = last is not None and self.now() - at < _SHOWN_BY_MS
        return is_recent and not sender.decides_in(regions_of(last, stated)) and moves_households(last, stated)

    def _propose(self, sender: ChangeSender, draft: _Draft, found: SortedChanges) -> None:
        proposal = self._proposal(sender, draft)
        if not proposal.regions:  # no coordinator would see it
            found.refused.update(dict.fromkeys(draft.indexes, RefusedEvent((FieldProblem("/data/shelter", "no_registration"),))))
            return
        mine = self.table.of_proposer(sender.by)
        known = self.table.get(proposal.proposal) or next(
            (
                each
                for each in mine
                if each.proposal.shelter == proposal.shelter and each.is_open(self.now()) and each.proposal.same_as(proposal)
            ),
            None,
        )
        now = self.now()
        # One that is withdrawn at once is kept as well
        if known is None and sum(each.is_open(now) or now - each.proposal.at < DAY_MS for each in mine) >= MOST_OPEN:
            found.refused.update(dict.fromkeys(draft.indexes, RefusedEvent((FieldProblem("", "too_many_proposals"),))))
            return
        if known is None:
            found.records.append(proposal)
        elif not known.proposal.same_as(proposal):
            found.is_reused = True
        found.proposed.update(dict.fromkeys(draft.indexes, known.proposal if known else proposal))

    def _proposal(self, sender: ChangeSender, draft: _Draft) -> Proposal:
        before, after = draft.shown.registration if draft.shown else None, draft.registration
        shelter = draft.first.subject
        if after is not None:
            seen_in, regions = regions_of(before, after), confirming_regions(sender, before, after)
        else:
            seen_in = regions = (before.region,) if before else self._claimed_regions(sender, shelter)
        units_before = [declaration(shelter, draft.shown, unit) for unit in draft.units]
        return Proposal(
            proposal=self.pseudonyms.attempt(sender.by, "proposal", " ".join(draft.first.name)).id("proposal"),
            shelter=shelter,
            by=sender.by,
            proposer=sender.proposer,
            organisation=sender.organisation,
            at=self.now(),
            seen_in=seen_in,
            regions=regions,
            registration=after,
            before=before,
            declared=tuple(each for each in draft.units.values() if each),
            withdrawn=tuple(unit for unit, each in draft.units.items() if each is None),
            units_before=tuple(each for each in units_before if each),
        )

    def _claimed_regions(self, sender: ChangeSender, shelter: str) -> tuple[str, ...]:
        """Return the regions in which a shelter that is not registered is proposed, by this sender or else in the sender's regions."""
        claims = [each.proposal for each in self.table.open_of(shelter, self.now()) if each.proposal.registration]
        own = [each for each in claims if each.by == sender.by or not sender.regions.isdisjoint(each.seen_in)]
        return tuple(sorted({region for each in own or claims for region in each.regions}))


def declaration(shelter: str, shown: ShelterSnapshot | None, unit: str) -> UnitDeclared | None:
    """Return how a unit is declared now; None when it is not."""
    found: UnitSnapshot | None = shown.units.get(unit) if shown else None
    if found is None or found.kind is None:
        return None
    return UnitDeclared(
        shelter=shelter,
        unit=unit,
        kind=found.kind,
        overflow=found.overflow,
        max_adults=found.max_adults,
        max_children=found.max_children,
        beds=found.beds,
        features=tuple(found.features),
    )


def _recorded_by_now(event: Event, now: int) -> Event:
    """Return a statement that was not recorded in the future: it would win over what is confirmed until then (R5)."""
    return replace(event, time=min(event.time, now * NS_PER_MS))
