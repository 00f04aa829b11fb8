"""How an auditor sees a record of the audit log: who looked and what happened, with a pseudonym in place of each shelter (ADR 51).

Guarantees: no member of what is shown names a shelter, or lets a guess of one be tested, unless its pseudonym is open. An organisation and
a region are pseudonyms too: many have one shelter, and a coordinator's look would show which. A member that is not listed here is not
shown, so neither is the `salt` of a record, nor the hash of the record before.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.codec.opaque_ids import is_opaque

_SHOWN_MEMBERS: Final = ("chain", "number", "source", "at", "event", "action", "outcome", "user", "role", "purpose", "what")
HIDDEN_KINDS: Final = frozenset({"shelter", "organisation", "region"})
"""Kinds of objects that are a shelter, or of which many have one shelter."""
_ALREADY_PSEUDONYMS: Final = frozenset({"user", "pseudonym"})

Record = dict[str, Any]


class ShownObject(NamedTuple):
    """An object of a record as an auditor sees it; `pseudonym` is what its id is hidden behind, also while that is open."""

    kind: str
    id: str
    pseudonym: str | None

    def document(self) -> Record:
        """Return it as JSON values."""
        marked = {} if self.pseudonym is None else {"pseudonym": self.pseudonym}
        return {"type": self.kind, "id": self.id} | marked


@dataclass(frozen=True, slots=True)
class AuditorView:
    """Shows records to auditors; `opened` returns the pseudonyms that two auditors have opened, as they are now."""

    pseudonyms: Pseudonyms
    opened: Callable[[], Collection[str]]

    def disclosed(self) -> tuple[str, ...]:
        """Return what the audit entry of a look says beside the rest: whether a shelter was open then."""
        return ("opened",) if self.opened() else ()

    def show(self, record: Record | None) -> Record | None:
        """Return a record as an auditor sees it."""
        if record is None:
            return None
        shown: Record = {name: record[name] for name in _SHOWN_MEMBERS if name in record}
        if "before" in record:
            shown["before"] = _place(record["before"])
        if "on_behalf_of" in record:
            shown["on_behalf_of"] = [self._behalf(str(each)) for each in _list(record["on_behalf_of"])]
        if "objects" in record:
            shown["objects"] = [each.document() for each in self.objects(record)]
        return shown

    def objects(self, record: Record) -> Iterator[ShownObject]:
        """Yield what a record is about, as an auditor sees it."""
        opened = self.opened()
        for each in _list(record.get("objects")):
            if isinstance(each, dict):
                yield self._object(str(each.get("type")), str(each.get("id")), opened)

    def matches(self, record: Record, searched: str) -> bool:
        """Return whether what is searched for is an object of a record as an auditor sees it: never by an id that is hidden."""
        return any(searched in (each.id, each.pseudonym) for each in self.objects(record))

    def _object(self, kind: str, name: str, opened: Collection[str]) -> ShownObject:
        if kind == "hold":  # with its shelter before it, where an event was about both
            name = name.rpartition("/")[2]
        if kind in _ALREADY_PSEUDONYMS or (kind not in HIDDEN_KINDS and is_opaque(name)):
            return ShownObject(kind, name, None)
        pseudonym = self.pseudonyms.shown_to_auditors(kind, name)
        return ShownObject(kind, name if pseudonym in opened else pseudonym, pseudonym)

    def _behalf(self, text: str) -> str:
        kind, _, name = text.partition(":")
        if kind == "desk":
            return text
        return f"{kind}:{self._object(kind, name, self.opened()).id}"


def _place(before: Any) -> Record | None:
    """Return the place of the record before, without its hash: of a record with few members it can be guessed."""
    return {name: before.get(name) for name in ("chain", "number")} if isinstance(before, dict) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
