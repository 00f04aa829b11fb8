"""One stay (contract R3 to R6): its unit, whether it is present, the size of its household; worked out from its facts in any order."""

from dataclasses import dataclass, field
from typing import assert_never

from services.domain.beds.last_write_wins import Statement, insert_sorted, occurred
from services.domain.beds.shelter_snapshot import StaySnapshot
from services.domain.events import catalog as e


@dataclass(slots=True)
class Stay:
    """The facts of one stay, each list in the order of R3."""

    stay: str
    moves: list[Statement[e.Admission | e.Transfer]] = field(default_factory=list)
    discharges: list[Statement[e.Discharge]] = field(default_factory=list)
    households: list[Statement[e.Admission | e.StayChanged]] = field(default_factory=list)
    plans: list[Statement[e.DischargePlanned]] = field(default_factory=list)

    def index(self, event: e.Event, fact: e.StayFact, *, keep: bool) -> None:
        """Insert a fact, the data of `event`, or with `keep=False` remove it again."""
        match fact:
            case e.Admission():
                admission = occurred(event, fact)
                insert_sorted(self.moves, admission, keep=keep)
                insert_sorted(self.households, admission, keep=keep)
            case e.Transfer():
                insert_sorted(self.moves, occurred(event, fact), keep=keep)
            case e.StayChanged():
                insert_sorted(self.households, occurred(event, fact), keep=keep)
            case e.Discharge():
                insert_sorted(self.discharges, occurred(event, fact), keep=keep)
            case e.DischargePlanned():
                insert_sorted(self.plans, occurred(event, fact), keep=keep)
            case _:
                assert_never(fact)

    @property
    def empty(self) -> bool:
        """Whether no fact of this stay is left."""
        return not (self.moves or self.discharges or self.households or self.plans)

    @property
    def unit(self) -> str | None:
        """The unit of the latest admission or transfer (R3), present or not."""
        return unit_of(self.moves[-1].data) if self.moves else None

    @property
    def admitted_at(self) -> int | None:
        """When the first admission that counts happened (ns)."""
        for move in self.moves:
            if isinstance(move.data, e.Admission):
                return move.at
        return None

    @property
    def present(self) -> bool:
        """R3: an uncorrected admission and no uncorrected discharge; R4: in whichever order they came."""
        return not self.discharges and self.admitted_at is not None

    @property
    def unready_discharges(self) -> list[Statement[e.Discharge]]:
        """The discharges that are also a closing of the unit for cleaning (R6)."""
        return [discharge for discharge in self.discharges if not discharge.data.unit_ready]

    def snapshot(self) -> StaySnapshot | None:
        """Return what is shown of the stay; None when it is not present (R3)."""
        admitted_at = self.admitted_at
        if self.discharges or admitted_at is None:
            return None
        household = self.households[-1].data  # R5: an admission is one of them
        expected_at = self.plans[-1].data.expected_at if self.plans else None
        return StaySnapshot(self.stay, household.adults, household.children, admitted_at, expected_at)


def unit_of(move: e.Admission | e.Transfer) -> str:
    """Return the id of the unit that an admission or transfer names."""
    match move:
        case e.Admission():
            return move.unit
        case e.Transfer():
            return move.to_unit
        case _:
            assert_never(move)
