"""The waiting lists: who waits for a place of a kind in a region, in which position. Joined and left as a fallback is logged."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.adapters.auth.pseudonyms import Attempt
from services.adapters.http.call import Call
from services.adapters.rfc3339 import show
from services.adapters.view.case_documents import CaseShown
from services.api.demand.case_access import Cases
from services.api.demand.case_publisher import CaseChange
from services.api.demand.models import EntriesAnswer, EntryAnswer, OpenEntry
from services.api.demand.requests import JoinForm, LeaveForm, UndoForm
from services.api.publishing.request_models import resolve_region
from services.domain.events.catalog import WaitingListJoined, WaitingListLeft


@dataclass(slots=True, kw_only=True)
class WaitingList:
    """Logs and lists the entries of the waiting lists."""

    cases: Cases

    async def join(self, call: Call[JoinForm]) -> EntryAnswer:
        """Log that a household waits."""
        form = call.body
        self.cases.posting.require_past(form.occurred_at)
        region = await resolve_region(call, form.region)

        def joined(attempt: Attempt) -> WaitingListJoined:
            return WaitingListJoined(
                entry=attempt.id("entry"),
                region=region,
                kind=form.kind,
                adults=form.adults,
                children=form.children,
                occurred_at=form.occurred_at,
            )

        published = await self.cases.posting.publish(call, CaseChange(kind="entry", what="joined", region=region, event=joined))
        return EntryAnswer(entry=published.key, **published.members())

    async def leave(self, call: Call[LeaveForm], entry: str) -> EntryAnswer:
        """Log that a household no longer waits."""
        form = call.body
        self.cases.posting.require_past(form.occurred_at)
        data = WaitingListLeft(entry=entry, outcome=form.outcome, occurred_at=form.occurred_at)
        published = await self.cases.change(call, "entry", entry, "left", lambda _: data)
        return EntryAnswer(entry=published.key, **published.members())

    async def undo(self, call: Call[UndoForm], entry: str) -> EntryAnswer:
        """Take back an entry, or the end of one, that was a mistake."""
        published = await self.cases.undo(call, "entry", entry)
        return EntryAnswer(entry=published.key, **published.members())

    async def list_open(self, call: Call[None]) -> EntriesAnswer:
        """List who waits in the regions of the caller, each with the position in the list of its region and kind."""
        head, cases = await self.cases.open(call.caller, "entry")
        call.describe(*(("entry", case.key) for case in cases))
        return EntriesAnswer(**head, entries=numbered(cases))


def numbered(cases: Iterable[CaseShown]) -> list[OpenEntry]:
    """Return the entries, the earliest first, each with its number in the list of its region and kind."""
    numbers: Counter[tuple[str, str]] = Counter()
    entries = []
    for case in cases:
        if case.start:
            data = case.start.data
            numbers[data["region"], data["kind"]] += 1
            members = {name: data[name] for name in ("region", "kind", "adults", "children")}
            number = numbers[data["region"], data["kind"]]
            entries.append(OpenEntry(entry=case.key, **members, occurred_at=show(case.start.occurred_at), position=number))
    return entries
