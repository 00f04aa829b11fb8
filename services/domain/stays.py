"""One stay (contract R3 to R6): where it is, whether it is present, how many they are. Worked out from its facts in any order."""

from dataclasses import dataclass, field

from services.domain import events as e
from services.domain.picture import StayShown
from services.domain.statements import happened, last, put


@dataclass(slots=True)
class Stay:
    """The facts of one stay, each list in the order of R3."""

    stay: str
    moves: list[e.Event] = field(default_factory=list)
    discharges: list[e.Event] = field(default_factory=list)
    households: list[e.Event] = field(default_factory=list)
    plans: list[e.Event] = field(default_factory=list)

    def put(self, event: e.Event, *, keep: bool) -> None:
        """Take a fact in, or out again."""
        match event.data:
            case e.Admission():
                put(self.moves, event, keep=keep, by=happened)
                put(self.households, event, keep=keep, by=happened)
            case e.Transfer():
                put(self.moves, event, keep=keep, by=happened)
            case e.StayChanged():
                put(self.households, event, keep=keep, by=happened)
            case e.Discharge():
                put(self.discharges, event, keep=keep, by=happened)
            case _:
                put(self.plans, event, keep=keep, by=happened)

    @property
    def empty(self) -> bool:
        """Nothing is known of this stay (any more)."""
        return not (self.moves or self.discharges or self.households or self.plans)

    @property
    def unit(self) -> str | None:
        """The unit of the latest admission or transfer (R3), present or not."""
        move = last(self.moves)
        match move.data if move else None:
            case e.Admission(unit=unit) | e.Transfer(to_unit=unit):
                return unit
            case _:
                return None

    @property
    def admitted(self) -> e.Event | None:
        """The first admission that counts."""
        for move in self.moves:
            if isinstance(move.data, e.Admission):
                return move
        return None

    @property
    def present(self) -> bool:
        """R3: an uncorrected admission and no uncorrected discharge; R4: in whichever order they came."""
        return not self.discharges and self.admitted is not None

    @property
    def left_to_clean(self) -> list[e.Event]:
        """The discharges that are also a closing of the unit for cleaning (R6)."""
        return [fact for fact in self.discharges if isinstance(fact.data, e.Discharge) and not fact.data.unit_ready]

    def show(self) -> StayShown | None:
        """Draw the stay if it is present."""
        admitted, household, plan = self.admitted, last(self.households), last(self.plans)
        if self.discharges or admitted is None or household is None:
            return None
        people = household.data
        adults, children = (people.adults, people.children) if isinstance(people, e.Admission | e.StayChanged) else (0, 0)
        expected = plan.data.expected_at if plan and isinstance(plan.data, e.DischargePlanned) else None
        return StayShown(self.stay, adults, children, admitted.occurred_at, expected)
