"""A country by its seed: `step` lets the next thing happen and tells what was logged. No clock, no I/O: the same seed, the same bytes."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from services.adapters.regions import read_regions
from services.adapters.topics import PARTITIONS
from services.simulator import households
from services.simulator.agenda import Agenda
from services.simulator.chance import Chance
from services.simulator.crisis import Crisis
from services.simulator.desk import Desk
from services.simulator.hotels import Hotels
from services.simulator.hours import Scale
from services.simulator.keeping import Keeping
from services.simulator.lists import Lists
from services.simulator.living import Living
from services.simulator.logbook import Logbook
from services.simulator.parameters import Parameters
from services.simulator.places import Flat, Shelter, built
from services.simulator.truth import Truth
from services.simulator.world import Logged, World

# On the first day this share of units is lived in, by how long they stay empty in between
_LIVED_IN = 0.95


class Country:
    """One country from an instant on (milliseconds). With a `speed`, its log's clock runs so many times more slowly than its own.

    `steps` tells how often something has happened. `regions` is a region file; `partitions` are those of its log, None where others write
    there too.
    """

    def __init__(
        self,
        seed: int,
        start: int,
        *,
        parameters: Parameters | None = None,
        regions: Path | None = None,
        speed: float = 1,
        partitions: int | None = PARTITIONS,
    ) -> None:
        chance, chosen = Chance(seed), parameters or Parameters()
        inhabitants = {region.code: region.inhabitants for region in read_regions(regions).values()}
        places = built(chosen, chance, inhabitants)
        self.steps = 0
        self.world = World(chosen, chance, Agenda(start), Scale(start, speed), places, inhabitants, partitions)
        self._desk, book = Desk(self.world), Logbook(self.world)
        lists = Lists(book)
        self._living = Living(self.world, self._desk, lists)
        self._keeping = Keeping(self.world, self._desk, self._living)
        crisis = Crisis(book, self._living, lists, Hotels(book, start))
        for shelter in places.values():
            self.world.agenda.at(start, partial(self._open, shelter))
        self.world.agenda.at(start, lists.open)
        self.world.agenda.at(start, crisis.day)

    @property
    def truth(self) -> Truth:
        """What the registry must show after what was logged so far."""
        return self.world.truth

    @property
    def due(self) -> int:
        """When the next thing happens, by the log's clock."""
        return self.world.scale.logged(self.world.agenda.due)

    def step(self) -> list[Logged]:
        """Let the next thing happen, and return what was logged about it."""
        self.steps += 1
        self.world.agenda.step()
        logged, self.world.out = self.world.out, []
        return logged

    def until(self, instant: int) -> Iterator[Logged]:
        """Let everything happen that is due up to an instant of the log's clock, and yield what was logged.

        The truth is that of the instant only when all has been taken; the last may be logged some milliseconds later.
        """
        while self.due <= instant:
            yield from self.step()

    def go_on(self, at: int, speed: float) -> None:
        """Live on from an instant of the log's clock after standing still; every shelter that sends counts anew, as at a shift."""
        self.world.scale = Scale(self.world.agenda.now, speed, at, self.world.scale)
        for shelter in self.world.shelters.values():
            if not shelter.silent:
                self.world.agenda.after(0, partial(self._keeping.count, shelter))

    def _open(self, shelter: Shelter) -> None:
        """Say all that there is to say of a shelter on the first day. Of one that is silent its coordinator says it."""
        chance, parameters = self.world.chance, self.world.parameters
        silent = chance.hit(parameters.silent_at_first)
        self._desk.say(shelter, shelter.registered, coordinator=True)
        self.world.truth.registered(shelter.id, shelter.region)
        for flat in shelter.flats.values():
            self._keeping.declare(shelter, flat)
            if not flat.declared.overflow:
                self._fill(shelter, flat, silent=silent)
        if silent:
            self._keeping.silence(shelter)
        else:
            self._keeping.count(shelter)
        self._keeping.begin(shelter)

    def _fill(self, shelter: Shelter, flat: Flat, *, silent: bool) -> None:
        chance = self.world.chance
        if not chance.hit(_LIVED_IN):
            self._living.ready(shelter, flat)
            return
        unit = flat.declared
        household = households.drawn(chance, shelter.region, (shelter.region,), (unit.kind,))
        fitted = households.Household(
            min(household.adults, unit.max_adults), min(household.children, unit.max_children), shelter.region, household.need
        )
        stay = self._living.begun_before(flat, fitted)
        self._desk.admit(shelter, unit.unit, stay, coordinator=silent)
        self._living.stays_until(shelter, flat, stay.leaves)
