"""The records of the audit log: who read or decided what, with the fields of NEN 7513.

Must hold codes and ids of ours only: no address, no name, no need of a household, no value that was sent and is no id of ours.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, Self

import orjson

from services.adapters import rfc3339
from services.adapters.auth.authentication import Caller
from services.adapters.roles import Role

# 128 bits, as the pseudonyms
_SALT_BYTES: Final = 16

Happening = Literal[
    "alarm-raised",
    "alarms-shown",
    "audit-shown",
    "chain-begun",
    "dead-letters-shown",
    "demand-logged",
    "demand-shown",
    "duty-list-shown",
    "duty-number-changed",
    "events-sent",
    "figures-asked",
    "fitting-shown",
    "glass-broken",
    "hold-answered",
    "hold-asked",
    "hold-changed",
    "hold-taken-over",
    "holds-shown",
    "import-begun",
    "live-opened",
    "log-opened",
    "notices-changed",
    "opening-asked",
    "opening-granted",
    "proposal-decided",
    "proposal-made",
    "proposals-shown",
    "records-deleted",
    "refusals-shown",
    "release-published",
    "search-ended",
    "search-made",
    "shelters-shown",
    "state-shown",
    "trail-shown",
    "waiting-holds-shown",
]
Action = Literal["C", "R", "U", "D", "E"]
Outcome = Literal["success", "refused", "failed"]
Purpose = Literal["care", "placement", "coordination", "statistics", "audit", "operation", "break-glass"]
Object = tuple[str, str]
"""Type and id of what was read or decided on; both are codes or ids of ours."""


class AuditEventKind(NamedTuple):
    """The action of a kind of event (NEN 7513: create, read, update, delete, execute), and its description."""

    action: Action
    sentence: str


HAPPENINGS: Final[Mapping[Happening, AuditEventKind]] = {
    "alarm-raised": AuditEventKind("E", "A person did what suggests misuse, or a shelter sent very many events: it is to be asked why"),
    "alarms-shown": AuditEventKind("R", "Alarms were read: what, at which desk, in which region"),
    "audit-shown": AuditEventKind("R", "The audit log was read"),
    "chain-begun": AuditEventKind("E", "A program began to write, and names the record that it continues"),
    "dead-letters-shown": AuditEventKind("R", "What was refused of any topic was read: positions and reasons"),
    "demand-logged": AuditEventKind("C", "A fallback or a waiting-list entry was logged, ended or corrected"),
    "demand-shown": AuditEventKind("R", "Open fallbacks or waiting lists were read: households in numbers"),
    "duty-list-shown": AuditEventKind("R", "The duty list was read: one telephone number per organisation and region"),
    "duty-number-changed": AuditEventKind("U", "A coordinator entered or removed the duty number of an organisation in a region"),
    "events-sent": AuditEventKind("C", "Events were sent: facts of a shelter, decisions of a desk, a coordinator or an operator"),
    "glass-broken": AuditEventKind("E", "A rate limit was exceeded with a coded reason, which the coordinator of the region sees"),
    "figures-asked": AuditEventKind("R", "Figures of the monitor were read: which, and the names and codes of the parameters"),
    "fitting-shown": AuditEventKind("R", "A worker who logged a fallback read whether a place fitted the household at that instant"),
    "hold-answered": AuditEventKind("U", "A shelter accepted or declined a household"),
    "hold-asked": AuditEventKind("C", "A worker requested a hold, or read what became of the request"),
    "hold-changed": AuditEventKind("U", "A worker released a hold, or extended it"),
    "hold-taken-over": AuditEventKind("U", "A worker took over a hold of a colleague of the desk"),
    "holds-shown": AuditEventKind(
        "R", "A worker read the holds of the desk: own ones and the live ones of colleagues, with region and phone"
    ),
    "import-begun": AuditEventKind("R", "The key of a shelter's import was read: facts of a spreadsheet may follow"),
    "live-opened": AuditEventKind("R", "A caller subscribed to changes: which shelter, hold or case, and when"),
    "log-opened": AuditEventKind("R", "The whole archive of the monitor was opened for free queries"),
    "notices-changed": AuditEventKind("U", "A shelter began or ended notices by a browser, outside the pages"),
    "opening-asked": AuditEventKind("E", "An auditor asked to open a pseudonym of the audit log, and another must ask too"),
    "opening-granted": AuditEventKind("E", "A second auditor asked for the same: the pseudonym was opened to auditors, for a limited time"),
    "proposal-decided": AuditEventKind("U", "A second person confirmed or rejected a change of a shelter, or its proposer withdrew it"),
    "proposal-made": AuditEventKind("C", "A shelter was registered or changed, at once or as a proposal that a second person confirms"),
    "proposals-shown": AuditEventKind("R", "Proposals were read: which changes of which shelters wait, and what was decided"),
    "records-deleted": AuditEventKind("D", "What of the log is older than it may be kept was deleted: from before which day"),
    "refusals-shown": AuditEventKind("R", "What was refused of an organisation's own topic was read: positions and reasons"),
    "release-published": AuditEventKind("C", "A release was published, for anyone and for ever"),
    "search-ended": AuditEventKind("U", "A worker logged how a search ended"),
    "search-made": AuditEventKind("C", "A worker searched; shelters are named if the answer said to call them first"),
    "shelters-shown": AuditEventKind("R", "Shelters were read, with their units and counts"),
    "state-shown": AuditEventKind("R", "The whole state was read"),
    "trail-shown": AuditEventKind("R", "A person read the own looks and acts, as the audit log has them"),
    "waiting-holds-shown": AuditEventKind("R", "A coordinator read which holds wait for the answer of a shelter of the own regions"),
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
    """One read or one decision, not yet in a chain. `at` in milliseconds since 1970; `user` a pseudonym, `what` codes of ours."""

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
        """Make the entry of what a caller did."""
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
        """Return it as JSON values."""
        return {
            "at": rfc3339.show_ms(self.at),
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
    """Return shelters as objects, each once."""
    return tuple(("shelter", name) for name in sorted(set(names)))


def _behalf(caller: Caller) -> tuple[str, ...]:
    """Return for whom a caller acts: a desk, the shelters of shelter staff, the regions of a coordinator."""
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
    """A record's place in its chain, and the hash of its bytes: the next record, or the next chain, carries both."""

    chain: str
    number: int
    hash: str

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"chain": self.chain, "number": self.number, "hash": self.hash}


def encode_record(entry: Entry, chain: str, number: int, before: Link | None, source: str, salt: str | None = None) -> bytes:
    """Encode an entry as record `number` of a chain; it carries the place and the hash of the record before.

    The salt is random and no auditor sees it: by a hash alone, or a signed head, no guess of a shelter can be tested (ADR 51).
    """
    place = {"chain": chain, "number": number, "before": before.document() if before else None}
    head = place | {"salt": salt or secrets.token_hex(_SALT_BYTES), "source": source}
    return orjson.dumps(head | entry.document())


def hash_of(value: bytes) -> str:
    """Return the SHA-256 of the bytes of a record in the log."""
    return hashlib.sha256(value).hexdigest()


def link_of(value: bytes) -> Link:
    """Return the place and hash of a record; ValueError when it is none."""
    return Link(*_place(orjson.loads(value)), hash_of(value))


def before_of(value: bytes) -> Link | None:
    """Return the place and hash of the record that it continues; ValueError when they are not of their form."""
    match orjson.loads(value):
        case {"before": None}:
            return None
        case {"before": {"hash": str(digest)} as before}:
            return Link(*_place(before), digest)
    raise ValueError("not a record of the audit log")


def _place(document: Any) -> tuple[str, int]:
    match document:
        case {"chain": str(chain), "number": int(number)}:
            return chain, number
    raise ValueError("not a record of the audit log")
