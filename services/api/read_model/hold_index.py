"""The holds of the mirror, found by who asked, by id and by desk; and why each overtaken one ended, as it was when that was first seen.

What happens in a unit after its hold is over is its shelter's alone: a reason, once worked out, stays.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from services.adapters.view.ports import PartitionSnapshot
from services.domain.beds.hold_endings import Ending, why_ended
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_snapshot import ShelterSnapshot

Kept = tuple[str, HoldFacts]
"""The shelter of a hold, and the hold."""
_Name = tuple[str, str]


@dataclass(slots=True)
class HoldIndex:
    """All holds of the view, whatever became of them."""

    _all: dict[_Name, HoldFacts] = field(default_factory=dict)
    _askers: defaultdict[str, dict[_Name, HoldFacts]] = field(default_factory=lambda: defaultdict(dict))
    _ids: defaultdict[str, dict[str, HoldFacts]] = field(default_factory=lambda: defaultdict(dict))
    _desks: defaultdict[str, dict[_Name, HoldFacts]] = field(default_factory=lambda: defaultdict(dict))
    """Those that were granted and have not ended; those of which the time is over go at the next read."""
    _endings: dict[_Name, Ending] = field(default_factory=dict)

    def add(self, news: PartitionSnapshot) -> None:
        """Take in the holds that have changed."""
        for name, hold in news.holds.items():
            self._note_ending(name, hold, news)
            self._put(name, hold)

    def replace(self, before: PartitionSnapshot | None, snapshot: PartitionSnapshot) -> None:
        """Take in all holds of a partition, in place of those of before."""
        for name, hold in snapshot.holds.items():
            self._note_ending(name, hold, snapshot)
        for name, hold in before.holds.items() if before else ():
            del self._all[name], self._askers[hold.asked_by][name], self._ids[name[1]][name[0]]
            self._desks[hold.desk].pop(name, None)
        for name, hold in snapshot.holds.items():
            self._put(name, hold)

    def _put(self, name: _Name, hold: HoldFacts) -> None:
        self._all[name] = self._askers[hold.asked_by][name] = self._ids[name[1]][name[0]] = hold
        if hold.status == "granted":
            self._desks[hold.desk][name] = hold
        else:
            self._desks[hold.desk].pop(name, None)

    def _note_ending(self, name: _Name, hold: HoldFacts, snapshot: PartitionSnapshot) -> None:
        before = self._all.get(name)
        if hold.status == "overtaken" and before and before.status == "granted":
            self._ending(name, hold, snapshot.shelters.get(name[0]))

    def _ending(self, name: _Name, hold: HoldFacts, shelter: ShelterSnapshot | None) -> Ending | None:
        if name not in self._endings:
            ending = why_ended(hold, shelter, hold.until)
            if shelter is None or ending is None:  # its partition is being rebuilt: a later look can say more
                return ending
            self._endings[name] = ending
        return self._endings[name]

    def why(self, shelter: str, hold: HoldFacts, picture: ShelterSnapshot | None, now: int) -> Ending | None:
        """Return why a hold ended, None while it is live; `picture` is its shelter as it is known."""
        return self._ending((shelter, hold.hold), hold, picture) if hold.status == "overtaken" else why_ended(hold, picture, now)

    def asked_by(self, person: str) -> list[Kept]:
        """List the holds that a person asked for, by the pseudonym."""
        return [(shelter, hold) for (shelter, _), hold in self._askers.get(person, {}).items()]

    def of(self, hold: str) -> list[Kept]:
        """List the holds with an id: one, unless the same id was chosen for several shelters."""
        return list(self._ids.get(hold, {}).items())

    def expired(self, since: int, now: int) -> list[HoldFacts]:
        """List the holds that no shelter accepted and of which the time was over after `since`, as they are at `now` (ms)."""
        return [hold for hold in self._all.values() if hold.status == "granted" and not hold.accepted and since < hold.until <= now]

    def of_desk(self, desk: str, now: int) -> list[Kept]:
        """List the live holds that were asked for at a desk."""
        granted = self._desks.get(desk, {})
        for name in [name for name, hold in granted.items() if not hold.live(now)]:
            del granted[name]
        return [(shelter, hold) for (shelter, _), hold in granted.items()]
