"""Random valid demand events over few keys. Seeded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tests.reference.maker import FEATURES, KINDS, NO_OCCURRED_AT, SERVICES, START, envelope, some, uuid, written
from tests.reference.shapes import SEALING

if TYPE_CHECKING:
    from random import Random

Json = dict[str, Any]

DEMAND_STARTS: Final = {"search": "search-made", "fallback": "fallback-started", "entry": "waiting-list-joined"}
DEMAND_ENDS: Final = {
    "search": ("search-ended", ("held", "fallback", "waiting_list", "elsewhere", "withdrawn", "unknown")),
    "fallback": ("fallback-ended", ("placed", "home", "family", "other")),
    "entry": ("waiting-list-left", ("placed", "withdrawn", "elsewhere", "unknown")),
}


@dataclass
class DemandMaker:
    """Searches, fallbacks and waiting lists of few keys."""

    rng: Random
    keys: list[tuple[str, str]] = field(default_factory=list)
    minutes: float = 0.0

    def next(self) -> Json:
        """Start or end something, known or new."""
        rng = self.rng
        self.minutes += rng.choice((0, 0, 1, 5, 20))
        if not self.keys or rng.random() < 0.25:
            self.keys.append((rng.choice(("search", "fallback", "entry")), uuid(rng)))
        own, key = rng.choice(self.keys[-8:])
        if rng.random() < 0.5:
            return self.sealed(self.event(DEMAND_STARTS[own], {own: key} | self.start(own)))
        kind, outcomes = DEMAND_ENDS[own]
        return self.event(kind, {own: key, "outcome": rng.choice(outcomes)})

    def sealed(self, event: Json) -> Json:
        """Make version 2 of a start that has one, every other time: the need as ciphertext."""
        data = event["data"]
        if "need" in data and self.rng.random() < 0.5:
            for member in SEALING:
                data.pop(member, None)
            data["sealed"] = {"key": "2026-03-02.5f0c1d7e", "text": "".join(self.rng.choices("aZ09_-", k=60))}
            event["type"] = event["type"].replace(".v1", ".v2")
        return event

    def event(self, kind: str, data: Json) -> Json:
        """Put data in an envelope; the region of an end is that of the desk, and stands in its subject only."""
        rng = self.rng
        time = START + timedelta(minutes=int(self.minutes))
        if kind not in NO_OCCURRED_AT and rng.random() < 0.7:
            data["occurred_at"] = written(rng, time - timedelta(minutes=rng.choice((-1, 0, 0, 1, 5, 60))))
        source = rng.choice(("urn:plek:worker", "urn:plek:shelter:berk:desk-1", "urn:plek:a"))
        return envelope(rng, kind, data.get("region", "R04"), data, source, written(rng, time))

    def start(self, own: str) -> Json:
        """Fill the members of a start."""
        rng = self.rng
        household = {"region": rng.choice(("R01", "R04", "R35")), "adults": 1, "children": rng.randint(0, 3)}
        if own == "entry":
            return household | {"kind": rng.choice(KINDS)}
        if own == "search":
            return household | {"need": self.need(), "exclude_regions": some(rng, ("R02", "R03")), "offers": 2, **self.seen()}
        return household | {
            "need": self.need(),
            "accommodation": rng.choice(("hotel", "holiday_park", "family", "other")),
            "reason": rng.choice(("nothing_free", "nothing_fitting", "unsafe_region", "no_answer", "at_night", "other")),
            "evidence": self.evidence(),
        }

    def need(self) -> Json:
        """Describe what the household needs."""
        rng = self.rng
        return {
            "kinds": some(rng, KINDS),
            "features": some(rng, FEATURES),
            "men": rng.choice((0, 1)),
            "oldest_son_age": rng.choice((None, 0, 18)),
            "security": "open",
            "services": some(rng, SERVICES),
            "languages": ["nl"],
        }

    def seen(self) -> Json:
        """Say what a search found; one in three is made again of an earlier one."""
        found: Json = {"fitting_units": self.rng.choice((0, 7, 1_000_000)), "view": {"0": 2**53 - 1, "11": 0}}
        return found | ({"again_of": uuid(self.rng)} if self.rng.random() < 0.3 else {})

    def evidence(self) -> Json:
        """Show the counts behind a fallback, or that there were none to see."""
        names = ("free_nationally", "fitting_nationally", "fitting_excluded_for_safety", "unknown_units")
        if self.rng.random() < 0.3:
            return {"status": "unavailable", "view": {}} | dict.fromkeys(names, 0)
        return {"status": "complete", "view": {"3": 41}} | {name: self.rng.randint(0, 90) for name in names}
