"""What is written of a look or a decision: the fields of NEN 7513, of which the caller gives only what nobody else can know.

No address, no name, no need of a household: codes and ids of ours. What was sent and is no id of ours is never written.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, Self

import orjson

from services.adapters import instants
from services.adapters.identity import Caller, Role

Happening = Literal[
    "alarm-raised",
    "audit-shown",
    "chain-begun",
    "demand-logged",
    "demand-shown",
    "events-sent",
    "hold-answered",
    "hold-asked",
    "hold-changed",
    "holds-shown",
    "live-opened",
    "log-opened",
    "search-ended",
    "search-made",
    "shelters-shown",
    "state-shown",
]
Action = Literal["C", "R", "U", "D", "E"]
Outcome = Literal["success", "refused", "failed"]
Purpose = Literal["care", "placement", "coordination", "statistics", "audit", "operation", "break-glass"]
Object = tuple[str, str]
"""Type and id of what was looked at or decided on; both codes or ids of ours."""


class Described(NamedTuple):
    """What kind of thing happens (NEN 7513: create, read, update, delete, execute), and a sentence on it."""

    action: Action
    sentence: str


HAPPENINGS: Final[Mapping[Happening, Described]] = {
    "alarm-raised": Described("E", "A person did what only somebody does who looks for a shelter: she is to be asked why"),
    "audit-shown": Described("R", "The audit log was read"),
    "chain-begun": Described("E", "A program began to write, and names the record it goes on from"),
    "demand-logged": Described("C", "A fallback or a place on a waiting list was logged, ended or taken back"),
    "demand-shown": Described("R", "Open fallbacks or waiting lists were looked at: households in numbers"),
    "events-sent": Described("C", "Events were sent: facts of a shelter, decisions of a desk, a coordinator or an operator"),
    "hold-answered": Described("U", "A shelter accepted or declined a household"),
    "hold-asked": Described("C", "A worker asked for a hold, or asked again what became of her request"),
    "hold-changed": Described("U", "A worker released a hold, or extended it"),
    "holds-shown": Described("R", "A worker looked at her holds; of the live ones she is told region and phone"),
    "live-opened": Described("R", "Somebody began to listen to what changes: which shelter, hold or case of hers, and when"),
    "log-opened": Described("R", "Everything the monitor has of the log was opened, to be asked anything"),
    "search-ended": Described("U", "A worker said how a search ended"),
    "search-made": Described("C", "A worker searched; shelters are named where she was told to call them first"),
    "shelters-shown": Described("R", "Shelters were looked at, with their units and their counts"),
    "state-shown": Described("R", "The whole state was looked at"),
}
PURPOSES: Final[Mapping[Role, Purpose]] = {
    "shelter": "care",
    "worker": "placement",
    "coordinator": "coordination",
    "analyst": "statistics",
    "auditor": "audit",
    "operator": "operation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One look or one decision, not yet in a chain. `at` in milliseconds since 1970; `user` a pseudonym, `what` codes of ours."""

    at: int
    happening: Happening
    user: str | None = None
    role: Role | None = None
    on_behalf_of: tuple[str, ...] = ()
    purpose: Purpose = "operation"
    outcome: Outcome = "success"
    objects: tuple[Object, ...] = ()
    what: tuple[str, ...] = ()

    @classmethod
    def by(cls, caller: Caller, user: str, at: int, happening: Happening, **more: Any) -> Self:
        """Make the entry of something a person did."""
        return cls(
            at=at,
            happening=happening,
            user=user,
            role=caller.role,
            on_behalf_of=_behalf(caller),
            purpose="break-glass" if caller.break_glass else PURPOSES[caller.role],
            **more,
        )

    def document(self) -> dict[str, Any]:
        """Write it as JSON values."""
        return {
            "at": instants.show(self.at * instants.NS_PER_MS),
            "event": self.happening,
            "action": HAPPENINGS[self.happening].action,
            "outcome": self.outcome,
            "user": self.user,
            "role": self.role,
            "on_behalf_of": self.on_behalf_of,
            "purpose": self.purpose,
            "objects": [{"type": kind, "id": name} for kind, name in self.objects],
            "what": self.what,
        }


def shelters(names: Iterable[str]) -> tuple[Object, ...]:
    """Name shelters as objects, each once."""
    return tuple(("shelter", name) for name in sorted(set(names)))


def _behalf(caller: Caller) -> tuple[str, ...]:
    """Tell for whom a person acts: her desk, the shelters she works for, the regions she coordinates."""
    match caller.role:
        case "worker":
            return (f"desk:{caller.desk}",) if caller.desk else ()
        case "shelter":
            return tuple(f"shelter:{name}" for name in sorted(caller.shelters))
        case "coordinator":
            return tuple(f"region:{code}" for code in sorted(caller.regions))
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Link:
    """A record's place in its chain, and the hash of its bytes: what the next one, or the next chain, carries on."""

    chain: str
    number: int
    hash: str

    def document(self) -> dict[str, Any]:
        """Write it as JSON values."""
        return {"chain": self.chain, "number": self.number, "hash": self.hash}


def written(entry: Entry, chain: str, number: int, before: Link | None, source: str) -> bytes:
    """Write an entry as record `number` of a chain: it carries the place and the hash of the one before."""
    head = {"chain": chain, "number": number, "before": before.document() if before else None, "source": source}
    return orjson.dumps(head | entry.document())


def hash_of(value: bytes) -> str:
    """Hash the bytes of a record as they stand in the log."""
    return hashlib.sha256(value).hexdigest()


def link_of(value: bytes) -> Link:
    """Tell the place of a record; ValueError when it is none."""
    return Link(*_place(orjson.loads(value)), hash_of(value))


def before_of(value: bytes) -> Link | None:
    """Tell which record it says it goes on from; ValueError when that is not of its form."""
    match orjson.loads(value):
        case {"before": None}:
            return None
        case {"before": {"hash": str(digest)} as before}:
            return Link(*_place(before), digest)
    raise ValueError("not a record of the audit log")


def _place(read: Any) -> tuple[str, int]:
    match read:
        case {"chain": str(chain), "number": int(number)}:
            return chain, number
    raise ValueError("not a record of the audit log")
