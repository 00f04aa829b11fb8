"""Random valid events over few shelters, units, stays and instants, so that they meet each other often. Seeded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Json = dict[str, Any]

START: Final = datetime(2026, 3, 2, tzinfo=UTC)
KINDS: Final = ("emergency", "crisis", "follow_up", "assisted")
FEATURES: Final = ("wheelchair", "pets", "own_kitchen", "own_bathroom", "cot")
SERVICES: Final = ("addiction", "psychiatric", "trafficking", "no_residence_permit", "intellectual_disability")
TREES: Final = (
    "appel",
    "berk",
    "beuk",
    "den",
    "eik",
    "els",
    "es",
    "hulst",
    "iep",
    "kers",
    "linde",
    "olm",
    "spar",
    "taxus",
    "vlier",
    "wilg",
)
PAUSES: Final = ("staffing", "safety", "quarantine", "other")
# How often each type is made.
WEIGHTS: Final = {
    "admission": 16,
    "discharge": 12,
    "hold-requested": 16,
    "unit-declared": 8,
    "transfer": 7,
    "unit-closed": 4,
    "unit-reopened": 4,
    "count-confirmed": 4,
    "hold-accepted": 5,
    "hold-extended": 5,
    "intake-resumed": 5,
    "unit-withdrawn": 2,
    "intake-paused": 2,
    "hold-declined": 2,
    "hold-released": 2,
    "stay-changed": 2,
    "discharge-planned": 1,
    "shelter-registered": 1,
}
NO_OCCURRED_AT: Final = (
    "shelter-registered",
    "unit-declared",
    "unit-withdrawn",
    "count-confirmed",
    "correction",
    "hold-requested",
    "hold-extended",
    "hold-accepted",
    "hold-released",
    "hold-declined",
    "search-made",
    "demand-correction",
)


def some(rng: Random, values: tuple[str, ...]) -> list[str]:
    """Pick a list without doubles, often a short one."""
    return rng.sample(values, min(rng.choice((0, 0, 1, 1, 2)), len(values)))


def uuid(rng: Random) -> str:
    """Make a UUID of version 4."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{rng.choice('89ab')}{digits[17:20]}-{digits[20:]}"


def written(rng: Random, when: datetime) -> str:
    """Write an instant in one of the ways RFC 3339 leaves open."""
    offset = rng.choice((0, 0, 0, 60, 120, -180, 330, 840, -840))
    local = when.astimezone(timezone(timedelta(minutes=offset)))
    if offset == 0:
        zone = rng.choice(("Z", "Z", "+00:00", "-00:00"))
    else:
        zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    fraction = rng.choice(("", "", ".0", ".000", ".000000000"))
    return local.strftime("%Y-%m-%dT%H:%M:%S") + fraction + zone


@dataclass
class House:
    """What the maker remembers of one shelter."""

    id: str
    region: str
    stays: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)


@dataclass
class Maker:
    """A country of few shelters; every call makes one more event of it, a little later."""

    rng: Random
    shelters: int
    units: int = 5
    minutes: float = 0.0
    houses: list[House] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Build the shelters; two of them lie in the same region."""
        for number in range(self.shelters):
            name = f"{self.rng.choice(TREES)}-{number + 1}"
            self.houses.append(House(name, f"R{self.rng.choice((4, 4, 17, 30, 35)):02}"))

    def event(self, house: House, kind: str, data: Json, *, own_desk: bool = False) -> Json:
        """Put data in an envelope: minutes on a coarse grid, so that times are often equal and ids decide."""
        rng = self.rng
        time = START + timedelta(minutes=int(self.minutes) - rng.choice((0, 0, 0, 1, 5)))
        data = {"shelter": house.id, **data}
        if kind not in NO_OCCURRED_AT and rng.random() < 0.7:
            data["occurred_at"] = written(rng, time - timedelta(minutes=rng.choice((-1, 0, 1, 5, 30, 60, 60, 180))))
        return envelope(rng, kind, house.id, data, self.source(house, own_desk=own_desk), written(rng, time))

    def source(self, house: House, *, own_desk: bool = False) -> str:
        """Choose who recorded it: mostly a desk of the shelter, sometimes one with a similar name."""
        desks = [f"urn:plek:shelter:{house.id}:desk-1"] * 3 + [f"urn:plek:shelter:{house.id}:desk-2"] * 2
        others = ["urn:plek:coordinator", "urn:plek:worker", f"urn:plek:shelter:{house.id}", f"urn:plek:shelter:{house.id}0:desk-1"]
        return self.rng.choice(desks if own_desk else desks + others)

    def opening(self) -> list[Json]:
        """Register each shelter and declare its units."""
        made = []
        for house in self.houses:
            made.append(self.event(house, "shelter-registered", self.registered(house), own_desk=True))
            made += [self.event(house, "unit-declared", self.declared(house) | {"unit": f"u{n + 1}"}) for n in range(self.units)]
            self.minutes += 0.1
        return made

    def next(self) -> Json:
        """Make one more event of a shelter that need not be registered."""
        rng = self.rng
        self.minutes += rng.choice((0, 0, 0.5, 1, 5, 20))
        house = rng.choice(self.houses)
        kind = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        return self.event(house, kind, self.data(house, kind))

    def closing(self) -> list[Json]:
        """Let every shelter be heard of at the end, without moving any count."""
        return [
            self.event(house, "discharge-planned", {"stay": uuid(self.rng), "expected_at": written(self.rng, START)}, own_desk=True)
            for house in self.houses
        ]

    def data(self, house: House, kind: str) -> Json:
        """Fill the members of one type."""
        fill: dict[str, Callable[[House], Json]] = {
            "shelter-registered": self.registered,
            "unit-declared": self.declared,
            "unit-withdrawn": lambda _: {"unit": self.unit()},
            "unit-closed": lambda _: {"unit": self.unit(), "reason": "maintenance"} | self.until(),
            "unit-reopened": lambda _: {"unit": self.unit()},
            "admission": self.admission,
            "stay-changed": lambda house: {"stay": self.stay(house), "adults": 1, "children": self.rng.randint(0, 3)},
            "transfer": lambda house: {"stay": self.stay(house), "to_unit": self.unit()},
            "discharge-planned": lambda house: {"stay": self.stay(house), "expected_at": written(self.rng, START)},
            "discharge": self.discharge,
            "count-confirmed": lambda _: {"free": self.rng.randint(0, self.units)} if self.rng.random() < 0.8 else {},
            "intake-paused": lambda _: {"reason": self.rng.choice(PAUSES)} | self.until(),
            "intake-resumed": lambda _: {},
            "hold-requested": self.hold_requested,
            "hold-extended": lambda house: {"hold": self.hold(house), "ttl_seconds": self.ttl()},
            "hold-accepted": lambda house: {"hold": self.hold(house)},
            "hold-released": lambda house: {"hold": self.hold(house)},
            "hold-declined": lambda house: {"hold": self.hold(house), "reason": "safety"},
        }
        return fill[kind](house)

    def registered(self, house: House) -> Json:
        """Describe a shelter; one in ten registrations moves it to another region."""
        rng = self.rng
        return {
            "name": rng.choice(("Locatie Berk", "Ω", "De Ümläut", "x" * 80)),
            "organisation": f"org-{rng.randint(1, 9)}",
            "region": house.region if rng.random() < 0.9 else "R01",
            "security": rng.choice(("open", "secure", "high_secure")),
            "audience": some(rng, ("women", "men")),
            "max_son_age": rng.choice((None, 0, 12, 18)),
            "languages": some(rng, ("nl", "en", "ti", "ar")),
            "services": some(rng, SERVICES),
            "intake_phone": "0800-000 +15",
        }

    def declared(self, _house: House) -> Json:
        """Describe a unit, mostly no overflow unit."""
        rng = self.rng
        return {
            "unit": self.unit(),
            "kind": rng.choice(KINDS),
            "overflow": rng.random() < 0.15,
            "max_adults": rng.choice((1, 1, 2, 20)),
            "max_children": rng.choice((0, 1, 2, 3, 20)),
            "beds": rng.randint(1, 40),
            "features": some(rng, FEATURES),
        }

    def admission(self, house: House) -> Json:
        """Admit a household: mostly a new stay, sometimes one that is known; often with a hold."""
        data = {"unit": self.unit(), "stay": self.stay(house, known=0.15), "adults": 1, "children": self.rng.randint(0, 2)}
        return data | ({"hold": self.hold(house)} if self.rng.random() < 0.4 else {})

    def discharge(self, house: House) -> Json:
        """End a stay; one in three leaves the unit to be cleaned."""
        data = {"stay": self.stay(house), "destination": self.rng.choice(("home", "own_home", "unknown"))}
        ready: Json = self.rng.choice(({}, {"unit_ready": True}, {"unit_ready": False}))
        return data | ready

    def hold_requested(self, house: House) -> Json:
        """Ask for a unit; one in ten asks again with a hold that is known."""
        rng = self.rng
        return {
            "hold": self.hold(house, known=0.1),
            "adults": rng.choice((1, 1, 1, 1, 2)),
            "children": rng.choice((0, 0, 1, 2)),
            "kinds": rng.choice(([], [], ["crisis", "emergency"], list(KINDS), ["assisted"])),
            "features": some(rng, FEATURES) if rng.random() < 0.3 else [],
            "ttl_seconds": self.ttl(),
            "desk": "org-1",
            "asked_by": "0123456789abcdef",
        }

    def until(self) -> Json:
        """Promise a reopening now and then: it reopens nothing."""
        return {"expected_until": written(self.rng, START)} if self.rng.random() < 0.3 else {}

    def ttl(self) -> int:
        """Choose whole minutes, so that a hold often ends at the very instant of a record."""
        return self.rng.choice((60, 120, 1_800, 3_600, 7_200))

    def unit(self) -> str:
        """Return the id of a unit, rarely an undeclared one."""
        return f"u{self.rng.randint(1, self.units)}" if self.rng.random() < 0.97 else "x"

    def stay(self, house: House, known: float = 0.95) -> str:
        """Name a stay that is known, or a new one."""
        return _pick(self.rng, house.stays, known)

    def hold(self, house: House, known: float = 0.95) -> str:
        """Name a hold that is known, or a new one."""
        return _pick(self.rng, house.holds, known)


def envelope(rng: Random, kind: str, subject: str, data: Json, source: str, time: str) -> Json:
    """Wrap data in CloudEvents 1.0."""
    return {
        "specversion": "1.0",
        "id": uuid(rng) if rng.random() < 0.8 else "".join(rng.choices("aBZ09._:-", k=rng.randint(8, 64))),
        "source": source,
        "type": f"nl.plek.{kind}.v1",
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    }


def _pick(rng: Random, known_ones: list[str], known: float) -> str:
    """Take one of the latest, or make one more."""
    if known_ones and rng.random() < known:
        return rng.choice(known_ones[-5:])
    known_ones.append(uuid(rng))
    return known_ones[-1]
