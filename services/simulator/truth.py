"""What the registry must show, kept as plain state: who is in which unit, what is shut, who was heard of, what was promised.

Whoever says something also tells the truth what it means ("she is back in unit 3"), never by which events it was said. So the fold of
the log and this can only agree if the contract means what people mean. Milliseconds of the log's clock everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.domain.events import HoldRequested, UnitDeclared
from services.simulator.casebook import Casebook

# Contract R9, written down once more on purpose: nothing of the fold is used here
_UNKNOWN_AFTER = 24 * 3_600_000
_ACCEPTED_FOR = 12 * 3_600_000
_NEVER = (-(2**62), 0)


@dataclass(slots=True)
class Promise:
    """A request to keep a unit, and what became of it."""

    status: str
    unit: str | None = None
    reason: str | None = None
    until: int = 0
    extended: bool = False

    def live(self, at: int) -> bool:
        """Say whether the unit is kept at that instant."""
        return self.status == "granted" and at < self.until


@dataclass(slots=True)
class Room:
    """One unit: as it was last declared, whether it is shut and since when that was said, who is inside, who was promised it."""

    declared: UnitDeclared | None = None
    shut: bool = False
    said: tuple[int, int] = _NEVER
    inside: set[str] = field(default_factory=set)
    promise: Promise | None = None

    @property
    def usable(self) -> bool:
        """Nobody inside, not shut, and it is there."""
        return self.declared is not None and not self.shut and not self.inside


@dataclass(slots=True)
class Guest:
    """One household: its unit and since when, whether it has come, whether it has left."""

    unit: str | None = None
    moved: tuple[int, int] = _NEVER
    here: bool = False


@dataclass(slots=True)
class House:
    """One shelter."""

    region: str | None = None
    heard: int | None = None
    paused: bool = False
    paused_said: tuple[int, int] = _NEVER
    discrepancy: tuple[int, int] | None = None
    rooms: dict[str, Room] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)

    def unknown(self, at: int) -> bool:
        """Say whether nobody can tell any more what is free here."""
        return self.heard is None or at - self.heard >= _UNKNOWN_AFTER

    def usable(self) -> int:
        """Count what a count by hand should give: units that nobody is in and that are not shut."""
        return sum(room.usable for room in self.rooms.values() if room.declared and not room.declared.overflow)


class Truth:
    """All shelters, by id, and what the workers' logbook says."""

    def __init__(self) -> None:
        self.houses: dict[str, House] = {}
        self.demand = Casebook()
        self._usable: dict[tuple[str, str], Room] = {}

    def registered(self, shelter: str, region: str) -> None:
        """Note that a shelter is there."""
        self._house(shelter).region = region

    def heard(self, shelter: str, at: int) -> None:
        """Note that a shelter itself said something."""
        self._house(shelter).heard = at

    def declared(self, shelter: str, unit: str, what: UnitDeclared | None, at: int) -> None:
        """Note that a unit is there, or (None) no longer."""
        self._room(shelter, unit).declared = what
        self._settle(shelter, unit, at)

    def shut(self, shelter: str, unit: str, said: tuple[int, int], *, shut: bool) -> None:
        """Note that a unit was shut or opened; `said` is when that happened and when it was logged. The last to happen counts."""
        room = self._room(shelter, unit)
        if said > room.said:
            room.said, room.shut = said, shut
            self._settle(shelter, unit, said[1])

    def paused(self, shelter: str, said: tuple[int, int], *, paused: bool) -> None:
        """Note that nobody is taken in for now, or that people are again."""
        house = self._house(shelter)
        if said > house.paused_said:
            house.paused_said, house.paused = said, paused

    def came(self, shelter: str, stay: str, unit: str, said: tuple[int, int], hold: str | None = None) -> None:
        """Note that a household is in a unit, perhaps the one it was promised."""
        promise = self._house(shelter).promises.get(hold or "")
        if promise and promise.live(said[1]):
            promise.status = "fulfilled"
        self.moved(shelter, stay, unit, said)

    def moved(self, shelter: str, stay: str, unit: str, said: tuple[int, int]) -> None:
        """Note that a household is in another unit of the same shelter."""
        self._seat(shelter, stay, said[1], here=False)
        guest = self._house(shelter).guests.setdefault(stay, Guest())
        if said > guest.moved:
            guest.moved, guest.unit = said, unit
        self._seat(shelter, stay, said[1], here=True)

    def left(self, shelter: str, stay: str, said: tuple[int, int], *, ready: bool) -> None:
        """Note that a household has left, and whether its unit must be cleaned first."""
        self._seat(shelter, stay, said[1], here=False)
        unit = self.houses[shelter].guests[stay].unit
        if not ready and unit is not None:
            self.shut(shelter, unit, said, shut=True)

    def never_came(self, shelter: str, stay: str, at: int) -> None:
        """Note that a household was never where it was said to be."""
        self._seat(shelter, stay, at, here=False)
        self.houses[shelter].guests[stay] = Guest()

    def never_left(self, shelter: str, stay: str, at: int) -> None:
        """Note that a household was here all the time."""
        self._seat(shelter, stay, at, here=True)

    def counted(self, shelter: str, free: int | None) -> None:
        """Note what was counted by hand, beside what the books say at that moment."""
        house = self.houses[shelter]
        usable = house.usable()
        house.discrepancy = None if free is None or free == usable else (free, usable)

    def asked(self, shelter: str, request: HoldRequested, at: int) -> Promise:
        """Decide a request as the contract says it must be decided, and return what became of it."""
        house = self._house(shelter)
        promise = house.promises[request.hold] = _decided(house, request, at)
        if promise.unit is not None:
            house.rooms[promise.unit].promise = promise
        return promise

    def accepted(self, shelter: str, hold: str, at: int) -> None:
        """Note that the shelter expects the household."""
        promise = self.houses[shelter].promises[hold]
        if promise.live(at):
            promise.until = max(promise.until, at + _ACCEPTED_FOR)

    def extended(self, shelter: str, hold: str, at: int, milliseconds: int) -> None:
        """Note that the desk needs a little longer; that counts once."""
        promise = self.houses[shelter].promises[hold]
        if promise.live(at) and not promise.extended:
            promise.extended, promise.until = True, max(promise.until, at + milliseconds)

    def over(self, shelter: str, hold: str, at: int, status: str) -> None:
        """Note that a promise was given back or taken back."""
        promise = self.houses[shelter].promises[hold]
        if promise.live(at):
            promise.status = status

    def usable(self, at: int) -> Iterator[tuple[str, UnitDeclared, bool]]:
        """Name each unit that a worker might ask for, with its shelter and whether it is unknown (else it is free)."""
        for (shelter, _), room in self._usable.items():
            house, kept = self.houses[shelter], room.promise is not None and room.promise.live(at)
            if room.declared and not room.declared.overflow and not house.paused and not kept:
                yield shelter, room.declared, house.unknown(at)

    def _house(self, shelter: str) -> House:
        return self.houses.setdefault(shelter, House())

    def _room(self, shelter: str, unit: str) -> Room:
        return self._house(shelter).rooms.setdefault(unit, Room())

    def _seat(self, shelter: str, stay: str, at: int, *, here: bool) -> None:
        guest = self._house(shelter).guests.setdefault(stay, Guest())
        guest.here = here
        if guest.unit is None:
            return
        inside = self._room(shelter, guest.unit).inside
        (inside.add if here else inside.discard)(stay)
        self._settle(shelter, guest.unit, at)

    def _settle(self, shelter: str, unit: str, at: int) -> None:
        """Keep the list of usable units, and end the promise of one that no longer is."""
        room = self._room(shelter, unit)
        if room.usable:
            self._usable[shelter, unit] = room
            return
        self._usable.pop((shelter, unit), None)
        if room.promise and room.promise.live(at):
            room.promise.status = "overtaken"


def _decided(house: House, request: HoldRequested, at: int) -> Promise:
    if house.region is None:
        return Promise("refused", reason="unknown_shelter")
    if house.paused:
        return Promise("refused", reason="intake_paused")
    fitting = [
        (room.declared.max_adults + room.declared.max_children, unit)
        for unit, room in house.rooms.items()
        if room.usable and room.declared and not (room.promise and room.promise.live(at)) and _suits(room.declared, request)
    ]
    if not fitting:
        return Promise("refused", reason="no_free_unit")
    return Promise("granted", unit=min(fitting)[1], until=at + request.ttl_seconds * 1_000)


def _suits(unit: UnitDeclared, request: HoldRequested) -> bool:
    room_enough = unit.max_adults >= request.adults and unit.max_children >= request.children
    wanted = not request.kinds or unit.kind in request.kinds
    return room_enough and wanted and not unit.overflow and all(feature in unit.features for feature in request.features)
